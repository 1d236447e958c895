package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.images.Survey.Group;
import org.convzoo.images.Survey.Oddity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SurveyTest {
    @TempDir
    Path folder;

    /** Blots of colour, others for each seed. */
    private static Picture scene(int seed) {
        return Resize.resize(Fixtures.noise(6, 6, 3, seed), 160, 120, Filter.BICUBIC);
    }

    private void save(String name, Picture picture) throws IOException {
        save(name, Fixtures.png(picture));
    }

    private void save(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    private Survey survey() {
        return Splits.open(folder.toString()).survey();
    }

    /** Two classes in two parts, five pictures each. */
    private void scenes() throws IOException {
        int seed = 0;
        for (String part : List.of("train", "test"))
            for (String label : List.of("cat", "dog"))
                for (int i = 0; i < 5; i++) save(part + "/" + label + "/" + i + ".png", scene(++seed));
    }

    private static List<String> names(Group group) {
        return group.pictures().stream().map(Survey.Seen::name).toList();
    }

    private static byte[] jpeg(Picture p, float quality) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(Fixtures.png(p)));
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam settings = writer.getDefaultWriteParam();
        settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        settings.setCompressionQuality(quality);
        var bytes = new ByteArrayOutputStream();
        try (var out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), settings);
        }
        writer.dispose();
        return bytes.toByteArray();
    }

    private static Picture brighter(Picture p, double factor) {
        byte[] out = p.pixels().clone();
        for (int i = 0; i < out.length; i++) out[i] = (byte) Math.min(255, Math.round(factor * (out[i] & 255)));
        return new Picture(p.width(), p.height(), p.channels(), out);
    }

    @Test
    void nothingIsFoundAmongDifferentPictures() throws IOException {
        scenes();

        Survey survey = survey();

        assertThat(survey.pictures()).hasSize(20);
        assertThat(survey.compared()).isTrue();
        assertThat(survey.duplicates()).isEmpty();
        assertThat(survey.odd()).isEmpty();
    }

    @Test
    void theSamePixelsAreFoundInWhateverFile() throws IOException {
        scenes();
        save("train/cat/again.png", scene(1));
        save("train/dog/picture.bmp", bmp(scene(11)));

        List<Group> found = survey().duplicates();

        assertThat(found)
                .extracting(SurveyTest::names)
                .containsExactly(
                        List.of("train/cat/0.png", "train/cat/again.png"),
                        List.of("train/dog/picture.bmp", "test/cat/0.png"));
        assertThat(found).allMatch(Group::same);
        assertThat(found).extracting(Group::leaks).containsExactly(false, true);
        assertThat(found).extracting(Group::mixesClasses).containsExactly(false, true);
    }

    private static byte[] bmp(Picture p) throws IOException {
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(ImageIO.read(new ByteArrayInputStream(Fixtures.png(p))), "bmp", bytes);
        return bytes.toByteArray();
    }

    /** Each copy of another picture, of a training picture in the test. */
    @Test
    void copiesAreFoundThatWereChanged() throws IOException {
        scenes();
        Picture[] scenes =
                IntStream.rangeClosed(0, 5).mapToObj(SurveyTest::scene).toArray(Picture[]::new);
        save("test/cat/half.png", Resize.resize(scenes[1], 80, 60, Filter.BILINEAR));
        save("test/cat/double.png", Resize.resize(scenes[2], 320, 240, Filter.LANCZOS));
        save("test/cat/jpeg.jpg", jpeg(scenes[3], 0.3f));
        save("test/cat/grey.png", scenes[4].grey());
        save("test/cat/small bright.jpg", jpeg(brighter(Resize.resize(scenes[5], 64, 48, Filter.BOX), 1.15), 0.6f));

        List<Group> found = survey().duplicates();

        assertThat(found).extracting(g -> g.pictures().get(0).number()).containsExactly(0, 1, 2, 3, 4);
        assertThat(found)
                .extracting(g -> names(g).get(1))
                .containsExactly(
                        "test/cat/half.png",
                        "test/cat/double.png",
                        "test/cat/jpeg.jpg",
                        "test/cat/grey.png",
                        "test/cat/small bright.jpg");
        assertThat(found).allMatch(g -> !g.same() && g.leaks() && !g.mixesClasses());
    }

    @Test
    void mirroredCopiesAreFoundAndNothingElse() throws IOException {
        scenes();
        save("test/cat/mirrored.png", scene(1).mirrored());
        save("test/dog/small.jpg", jpeg(Resize.resize(scene(2).mirrored(), 80, 60, Filter.BILINEAR), 0.5f));
        save("train/cat/upside down.png", scene(3).turned(4));
        save("train/cat/half turned.png", scene(4).turned(3));

        List<Group> found = survey().duplicates();

        assertThat(found)
                .extracting(SurveyTest::names)
                .containsExactly(
                        List.of("train/cat/0.png", "test/cat/mirrored.png"),
                        List.of("train/cat/1.png", "test/dog/small.jpg"));
        assertThat(found).noneMatch(Group::same);
    }

    @Test
    void copiesOfCopiesAreOneGroup() throws IOException {
        scenes();
        save("test/dog/jpeg.jpg", jpeg(scene(7), 0.5f));
        save("train/cat/same.png", scene(7));

        List<Group> found = survey().duplicates();

        assertThat(found).hasSize(1);
        assertThat(names(found.get(0))).containsExactly("train/cat/same.png", "train/dog/1.png", "test/dog/jpeg.jpg");
        assertThat(found.get(0).same()).isFalse();
    }

    @Test
    void picturesThatAreOddAreNamed() throws IOException {
        scenes();
        save("train/cat/thin.png", Resize.resize(scene(30), 200, 60, Filter.BILINEAR));
        save("train/cat/tiny.png", Resize.resize(scene(31), 12, 16, Filter.BILINEAR));
        save("train/dog/black.png", Fixtures.plain(100, 100, 3, 0));
        save("train/dog/grey.jpg", jpeg(Fixtures.plain(90, 100, 3, 130), 0.2f));
        save("train/dog/dot.png", Fixtures.plain(1, 1, 3, 255));

        Survey survey = survey();

        assertThat(survey.odd())
                .extracting(o -> o.picture().name() + ": " + o.oddity())
                .containsExactlyInAnyOrder(
                        "train/cat/thin.png: long and thin",
                        "train/cat/tiny.png: very small",
                        "train/dog/black.png: of one colour",
                        "train/dog/grey.jpg: of one colour",
                        "train/dog/dot.png: very small",
                        "train/dog/dot.png: of one colour");
        assertThat(survey.duplicates()).isEmpty();
    }

    @Test
    void picturesOfUsualSizesAreNotOdd() throws IOException {
        for (int i = 0; i < 8; i++) save((i % 2 == 0 ? "a/" : "b/") + i + ".png", Fixtures.noise(20, 28, 3, i));

        assertThat(survey().odd()).isEmpty();
        save("a/panorama.png", Fixtures.noise(84, 28, 3, 9));
        assertThat(survey().odd()).isEmpty();
        save("a/longer.png", Fixtures.noise(85, 28, 3, 10));
        assertThat(survey().odd()).extracting(Survey.Odd::oddity).containsExactly(Oddity.THIN);
    }

    @Test
    void broken() throws IOException {
        scenes();
        byte[] whole = Fixtures.png(scene(1));
        save("train/cat/cut.png", Arrays.copyOf(whole, whole.length / 2));

        Survey survey = survey();

        assertThat(survey.inventory().broken()).hasSize(1);
        assertThat(survey.pictures()).hasSize(20);
    }

    /** A black and a white picture, and one of red: the mean of each channel, and what it deviates by. */
    @Test
    void meanAndDeviationCountEveryPictureAlike() {
        Picture black = Fixtures.plain(10, 10, 3, 0), white = Fixtures.plain(2, 2, 1, 255);
        byte[] red = new byte[3 * 25];
        for (int i = 0; i < 75; i += 3) red[i] = (byte) 255;
        List<Picture> three = List.of(black, white, new Picture(5, 5, 3, red));
        Dataset data = data(three);

        Survey survey = Splits.of("three", List.of("x"), Form.PHOTOS, data, data(List.of()))
                .survey();

        assertThat(survey.mean()).hasSize(3);
        double third = 1 / 3.0, deviation = Math.sqrt(2) / 3;
        double[] means = {2 * third, third, third};
        for (int c = 0; c < 3; c++) {
            assertThat(survey.mean().get(c)).isCloseTo(means[c], within(1e-12));
            assertThat(survey.deviation().get(c)).isCloseTo(deviation, within(1e-12));
        }
    }

    /** Of parts of others, of folds and of the pictures of {@code --test}, too. */
    @Test
    void everyPictureIsReadOnce() {
        AtomicInteger reads = new AtomicInteger();
        Dataset counted = new Dataset() {
            @Override
            public int size() {
                return 3;
            }

            @Override
            public int label(int i) {
                return 0;
            }

            @Override
            public Picture picture(int i) {
                reads.incrementAndGet();
                return scene(i);
            }

            @Override
            public String name(int i) {
                return Integer.toString(i);
            }

            @Override
            public long fingerprint(int i, Picture read) {
                return i;
            }
        };
        Dataset none = data(List.of());
        for (Dataset pictures : List.of(
                counted,
                new Folds.Joined(none, counted),
                new Tested.Pictures(counted),
                Selection.without(counted, Set.of("another")))) {
            reads.set(0);
            Survey survey = Splits.of("three", List.of("x"), Form.PHOTOS, pictures, none)
                    .survey();
            assertThat(survey.pictures()).extracting(Survey.Seen::number).containsExactly(0, 1, 2);
            assertThat(reads).hasValue(3);
        }
    }

    /** What was read needs no second look; what was not gets one. */
    @Test
    void ofAFileThatWasReadOnlyTheBytesAreReadAgain() throws IOException {
        scenes();
        save("train/cat/broken.png", new byte[] {1, 2, 3});
        Dataset train = Splits.open(folder.toString()).train();
        int broken = IntStream.range(0, train.size())
                .filter(i -> train.name(i).contains("broken"))
                .findFirst()
                .orElseThrow();

        assertThatExceptionOfType(BrokenFileException.class).isThrownBy(() -> train.fingerprint(broken));
        assertThat(train.fingerprint(broken, scene(1))).isNotZero();
    }

    /** The figures that the form of digits has were found elsewhere. */
    @Test
    void drawingsAreNotComparedForCopies() {
        Splits digits = Splits.open("digits");
        Survey survey = digits.survey();

        assertThat(survey.compared()).isFalse();
        assertThat(survey.pictures()).hasSize(8600);
        assertThat(survey.mean()).hasSize(1);
        assertThat(survey.mean().get(0))
                .isCloseTo(digits.form().normalise().mean().get(0), within(0.003));
        assertThat(survey.deviation().get(0))
                .isCloseTo(digits.form().normalise().std().get(0), within(0.003));
    }

    private static Dataset data(List<Picture> pictures) {
        List<Picture> kept = new ArrayList<>(pictures);
        return new Dataset() {
            @Override
            public int size() {
                return kept.size();
            }

            @Override
            public int label(int i) {
                return 0;
            }

            @Override
            public Picture picture(int i) {
                return kept.get(i);
            }

            @Override
            public String name(int i) {
                return Integer.toString(i);
            }
        };
    }
}
