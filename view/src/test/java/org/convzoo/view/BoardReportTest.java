package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.images.Dataset;
import org.convzoo.images.Picture;
import org.convzoo.train.Evaluation;
import org.convzoo.train.Evaluation.Prediction;
import org.convzoo.train.RunReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoardReportTest {
    @TempDir
    private Path directory;

    /** Of each class one image that is found, and one that is said to be of the first. */
    private static Evaluation evaluation(int classes) {
        List<Prediction> predictions = new ArrayList<>();
        for (int k = 0; k < classes; k++)
            for (int said : new int[] {k, 0})
                predictions.add(new Prediction(
                        predictions.size(), "n", k, said, 0.9, said == k ? 0.9 : 0.05, 1, said == k ? 0 : 1));
        return new Evaluation(
                IntStream.range(0, classes).mapToObj(k -> "class " + k).toList(), predictions);
    }

    private static boolean blue(int rgb) {
        return (rgb & 255) > (rgb >> 16 & 255) + 40;
    }

    private static boolean red(int rgb) {
        return (rgb >> 16 & 255) > (rgb & 255) + 40;
    }

    /** How many pixels of a square's corner, where no number is written, are of a colour; along the whole image. */
    private static long count(BufferedImage image, java.util.function.IntPredicate colour) {
        return IntStream.range(0, image.getWidth() * image.getHeight())
                .filter(i -> colour.test(image.getRGB(i % image.getWidth(), i / image.getWidth())))
                .count();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 10, 200, 1000})
    void theMatrixHasItsDiagonalInBlueAndMistakesInRed(int classes) {
        BufferedImage image = new ConfusionImage(evaluation(classes)).image();
        int square = Math.min(40, 2400 / classes), shown = square >= 10 ? square - 1 : square;
        int right = image.getWidth() - 12 - shown, bottom = image.getHeight() - 12 - shown;

        assertThat(image.getWidth()).isBetween(200, 2700);
        assertThat(image.getHeight()).isBetween(100, 2700);
        if (classes > 5)
            assertThat(blue(image.getRGB(right, bottom))).as("the last class").isTrue();
        long own = (long) shown * shown, letters = own / 3;
        assertThat(count(image, BoardReportTest::blue)).isBetween(classes * (own - letters), classes * own);
        assertThat(count(image, BoardReportTest::red)).isBetween((classes - 1) * (own - letters), (classes - 1) * own);
    }

    @Test
    void picturesThatAreGoneLeaveGaps() {
        Dataset gone = new Dataset() {
            @Override
            public int size() {
                return 20;
            }

            @Override
            public int label(int i) {
                return i / 2;
            }

            @Override
            public Picture picture(int i) {
                if (i > 5) throw new BrokenFileException(i + ": no such file");
                byte[] red = new byte[3 * 50 * 20];
                for (int p = 0; p < red.length; p += 3) red[p] = -1;
                return new Picture(50, 20, 3, red);
            }

            @Override
            public String name(int i) {
                return "" + i;
            }
        };
        MistakesImage mistakes = new MistakesImage(evaluation(10), gone);
        BufferedImage image = mistakes.image();

        assertThat(mistakes.isEmpty()).isFalse();
        assertThat(image.getWidth()).isEqualTo(12 + 6 * (128 + 12));
        assertThat(image.getHeight()).as("9 mistakes").isEqualTo(12 + 2 * (128 + 51 + 12));
        assertThat(image.getRGB(12 + 64, 12 + 64)).as("a picture").isEqualTo(0xFFFF0000);
        assertThat(image.getRGB(12 + 64, 12 + 5)).as("above a flat picture").isEqualTo(0xFFF0F2F6);
        assertThat(count(image, rgb -> rgb == 0xFFFF0000))
                .as("of two that are there")
                .isEqualTo(2 * 128 * 51);
        assertThat(new MistakesImage(
                                new Evaluation(
                                        List.of("a"),
                                        evaluation(1).predictions().subList(0, 1)),
                                gone)
                        .isEmpty())
                .isTrue();
    }

    @Test
    void addsToTheEventFileOfTheRun() throws IOException {
        RunReport.Ended run = Sample.run(
                directory, "lenet", IntStream.range(0, 10).mapToObj(k -> "" + k).toList(), 28, 1, 2);
        assertThat(ServiceLoader.load(RunReport.class)).hasAtLeastOneElementOfType(BoardReport.class);
        new BoardReport().write(run);

        try (Stream<Path> files = Files.list(directory)) {
            Path events = files.findFirst().orElseThrow();
            assertThat(events.getFileName().toString()).startsWith("events.out.tfevents.");
            assertThat(Files.readString(events, StandardCharsets.ISO_8859_1))
                    .containsOnlyOnce("test/confusion")
                    .containsOnlyOnce("test/mistakes");
        }
    }
}
