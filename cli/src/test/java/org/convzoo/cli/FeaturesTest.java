package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.convzoo.classify.Classifier;
import org.convzoo.classify.Model;
import org.convzoo.classify.Source;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code embed} and {@code neighbours}: the features of pictures in files, and the pictures that they make alike. */
class FeaturesTest {
    private static final Path FIVE = Path.of("../docs/five.png");
    private static final Path LENET = Path.of("../classify/src/test/resources/format1/lenet.safetensors");
    private static final int FEATURES = 84;

    @TempDir
    Path temp;

    private Path pictures, five, one, cross;

    /** A five, and in a folder of it a one and a cross; a five that breaks off, and a text. */
    @BeforeEach
    void draw() throws IOException {
        pictures = Files.createDirectory(temp.resolve("pictures"));
        five = Files.copy(FIVE, pictures.resolve("a, \"5\".png"));
        byte[] whole = Files.readAllBytes(FIVE);
        Files.write(pictures.resolve("cut.png"), Arrays.copyOf(whole, whole.length / 2));
        Files.writeString(pictures.resolve("notes.txt"), "no picture");
        Path deeper = Files.createDirectory(pictures.resolve("deeper"));
        one = drawn(deeper.resolve("one.png"), false);
        cross = drawn(deeper.resolve("zcross.png"), true);
    }

    private static Path drawn(Path file, boolean beam) throws IOException {
        BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 4; i < 24; i++) {
            for (int w = 13; w < 16; w++) {
                image.getRaster().setSample(w, i, 0, 255);
                if (beam) image.getRaster().setSample(i, w, 0, 255);
            }
        }
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private static float[] features(Path picture) {
        try (Classifier classifier = Classifier.open(LENET)) {
            return classifier.features(Source.of(picture));
        }
    }

    @Test
    void csvHasTheNameAndTheFeaturesOfEachPictureThatCanBeRead() throws IOException {
        Path out = temp.resolve("f.csv");

        Cli embed = Cli.run("embed", LENET, pictures, "--out", out);

        assertThat(embed.code()).isEqualTo(1);
        assertThat(embed.err().lines())
                .satisfiesExactly(
                        l -> assertThat(l).startsWith("convzoo: " + pictures.resolve("cut.png") + ": "),
                        l -> assertThat(l).isEqualTo("features of 3 pictures: " + out));
        List<String> lines = Files.readAllLines(out);
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).startsWith("name,f0,f1,").endsWith(",f83");
        String quoted = "\"" + five.toString().replace("\"", "\"\"") + "\",";
        assertThat(lines.get(1)).startsWith(quoted);
        assertThat(values(lines.get(1).substring(quoted.length()))).containsExactly(features(five), within(1e-5f));
        assertThat(lines.get(2)).startsWith(one + ",");
        assertThat(lines.get(3)).startsWith(cross + ",");
    }

    private static float[] values(String line) {
        String[] cells = line.split(",");
        float[] values = new float[cells.length];
        for (int i = 0; i < cells.length; i++) values[i] = Float.parseFloat(cells[i]);
        return values;
    }

    @Test
    void npyIsOfVersion1AndTheNamesLieBeside() throws IOException {
        Path out = temp.resolve("all.NPY");

        Cli embed = Cli.run("embed", LENET, pictures, five, "--out", out);

        assertThat(embed.code()).isEqualTo(1);
        Path names = temp.resolve("all.names.txt");
        assertThat(embed.err()).contains("features of 4 pictures: " + out + " and " + names);
        assertThat(names).hasContent(five + "\n" + one + "\n" + cross + "\n" + five + "\n");
        byte[] bytes = Files.readAllBytes(out);
        assertThat(bytes).hasSize(128 + 4 * FEATURES * 4);
        assertThat(new String(bytes, 0, 128, StandardCharsets.ISO_8859_1))
                .startsWith("\u0093NUMPY\1\0" + (char) 118
                        + "\0{'descr': '<f4', 'fortran_order': False, 'shape': (4, 84), }  ")
                .endsWith(" \n");
        float[] first = new float[FEATURES];
        ByteBuffer.wrap(bytes, 128, 4 * FEATURES)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(first);
        assertThat(first).containsExactly(features(five), within(1e-5f));
    }

    @Test
    void nothingIsWrittenWhereNothingCanBe() throws IOException {
        Path out = temp.resolve("f.npy");
        Cli broken = Cli.run("embed", LENET, pictures.resolve("cut.png"), "--out", out);
        assertThat(broken.code()).isEqualTo(1);
        assertThat(broken.err().lines()).hasSize(2);
        assertThat(broken.err()).endsWith(out + ": is not written, as no picture could be read\n");

        refused(2, Cli.run("embed", LENET, pictures, "--out", temp.resolve("f.txt")), "f.txt", ".csv", ".npy");
        refused(2, Cli.run("embed", LENET, pictures), "--out");
        Path folder = Files.createDirectory(temp.resolve("folder.csv"));
        refused(2, Cli.run("embed", LENET, pictures, "--out", folder), folder, "is a folder");
        refused(1, Cli.run("embed", LENET, pictures, "--out", temp.resolve("no/f.csv")), "no/f.csv");
        Path empty = Files.createDirectory(temp.resolve("empty"));
        Files.writeString(empty.resolve("a.txt"), "");
        refused(2, Cli.run("embed", LENET, empty, "--out", out), empty, "holds no pictures, but 1 .txt");
        Path lines = Files.copy(FIVE, temp.resolve("two\nlines.png"));
        refused(2, Cli.run("embed", LENET, lines, "--out", out), "two?lines.png", ".csv");
        assertThat(Cli.run("embed", LENET, lines, "--out", temp.resolve("f.csv"))
                        .code())
                .isZero();
        assertThat(out).doesNotExist();
        assertThat(temp.resolve("f.names.txt")).doesNotExist();
    }

    private static void refused(int code, Cli result, Object... parts) {
        assertThat(result.err().lines()).as(result.err()).hasSize(1);
        for (Object part : parts) assertThat(result.err()).contains(part.toString());
        assertThat(result.out()).isEmpty();
        assertThat(result.code()).isEqualTo(code);
    }

    @Test
    void theMostSimilarPicturesComeFirst() throws IOException {
        Path same = Files.copy(FIVE, pictures.resolve("deeper/same.png"));

        Cli all = Cli.run("neighbours", LENET, five, pictures, "--json");

        assertThat(all.code()).isEqualTo(1);
        assertThat(all.err().lines()).hasSize(1);
        assertThat(all.err()).contains("cut.png");
        JsonNode json = new ObjectMapper().readTree(all.out());
        assertThat(json.path("image").asText()).isEqualTo(five.toString());
        JsonNode neighbours = json.path("neighbours");
        boolean oneIsNearer = cosine(one) > cosine(cross);
        assertThat(neighbours.findValuesAsText("image"))
                .containsExactly(
                        five.toString(),
                        same.toString(),
                        (oneIsNearer ? one : cross).toString(),
                        (oneIsNearer ? cross : one).toString());
        assertThat(neighbours.path(1).path("similarity").asDouble()).isCloseTo(1, within(1e-6));
        assertThat(neighbours.path(2).path("similarity").asDouble())
                .isCloseTo(Math.max(cosine(one), cosine(cross)), within(1e-5));

        Cli two = Cli.run("neighbours", LENET, five, one, cross, same, "--top", 2);
        assertThat(two.code()).as(two.err()).isZero();
        assertThat(two.out().lines()).hasSize(2).first().isEqualTo(" 1.000  " + same);
        refused(1, Cli.run("neighbours", LENET, temp.resolve("none.png"), pictures), "none.png", "no such file");
        refused(2, Cli.run("neighbours", LENET, five, pictures, "--top", 0), "--top is at least 1");
    }

    private double cosine(Path other) {
        return NeighboursCommand.cosine(features(five), features(other));
    }

    @Test
    void theAngleOfVectors() {
        assertThat(NeighboursCommand.cosine(new float[] {3, 4}, new float[] {6, 8}))
                .isEqualTo(1);
        assertThat(NeighboursCommand.cosine(new float[] {1, 0}, new float[] {0, 2}))
                .isZero();
        assertThat(NeighboursCommand.cosine(new float[] {1, 1}, new float[] {-1, 0}))
                .isCloseTo(-0.7071, within(1e-4));
        assertThat(NeighboursCommand.cosine(new float[] {0, 0}, new float[] {1, 1}))
                .isZero();
        float huge = Float.MAX_VALUE;
        assertThat(NeighboursCommand.cosine(new float[] {huge, huge}, new float[] {huge, huge}))
                .isCloseTo(1, within(1e-12));
    }

    @Test
    void aPageShowsThem() {
        Path page = temp.resolve("like.html");

        Cli drawn = Cli.run("neighbours", LENET, five, one, five, "--html", page);

        assertThat(drawn.code()).as(drawn.err()).isZero();
        assertThat(drawn.out().lines()).hasSize(2);
        assertThat(drawn.err()).isEqualTo("drawn: " + page + "\n");
        assertThat(page)
                .content()
                .contains("a, &quot;5&quot;.png", "<b>1.000</b>", "as lenet sees them")
                .doesNotContain("<script", "http://", "https://", "a, \"5\".png");
        assertThat(page).content().satisfies(html -> assertThat(html.split("<img", -1))
                .hasSize(1 + 3));
        refused(2, Cli.run("neighbours", LENET, five, pictures, "--html", temp), "is a folder");
    }

    @Test
    void valuesThatAreNoNumbersAreToldAndNotWritten() throws IOException {
        Model lenet = Model.read(LENET);
        Path huge = temp.resolve("huge.safetensors");
        var weights = new java.util.LinkedHashMap<String, Weights.Tensor>();
        lenet.weights().tensors().forEach((name, t) -> {
            float[] values = t.toArray();
            Arrays.fill(values, Float.MAX_VALUE);
            weights.put(name, new Weights.Tensor(t.shape(), values));
        });
        lenet.with(lenet.provenance().metrics(), new Weights(weights)).write(huge);
        Path out = temp.resolve("f.csv");

        Cli embed = Cli.run("embed", huge, five, "--out", out);

        assertThat(embed.err()).contains("lenet answers with values that are not finite");
        assertThat(embed.code()).isEqualTo(1);
        assertThat(out).doesNotExist();
    }

    @Test
    void progressFitsALine() {
        assertThat(PicturesLine.text(1220, 2440, 16.5))
                .isEqualTo(" 50 %  1,220 of 2,440 pictures, 74 a second, 16.5 s left");
    }
}
