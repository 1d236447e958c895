package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitsTest {
    @TempDir
    Path folder;

    @Test
    void digitsAndFashionAreEmbedded() throws IOException {
        Splits digits = Splits.open("digits");
        assertThat(digits.labels()).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        assertThat(digits.form()).isEqualTo(Form.DIGITS);
        assertThat(counts(digits.train(), 10)).containsOnly(760);
        assertThat(counts(digits.test(), 10)).containsOnly(100);
        assertThat(digits.train().name(7)).isEqualTo("train/7");
        assertStatistics(digits, 0.1316, 0.3090);

        Splits fashion = Splits.open("fashion");
        assertThat(fashion.labels()).hasSize(10).startsWith("T-shirt/top").endsWith("Ankle boot");
        assertThat(fashion.form()).isEqualTo(Form.GARMENTS);
        assertThat(counts(fashion.train(), 10)).containsOnly(800);
        assertThat(counts(fashion.test(), 10)).containsOnly(100);
        assertStatistics(fashion, 0.2864, 0.3537);
        assertThat(fashion.scan().broken()).isEmpty();
        assertThat(fashion.scan().items()).hasSize(9000);
        assertThat(digits.summary())
                .isEqualTo("digits: 7,600 training and 1,000 test images of 10 classes (0, 1, 2, 3, 4, 5, 6, 7"
                        + " and 2 more)");
    }

    private static int[] counts(Dataset data, int classes) {
        int[] counts = new int[classes];
        for (int i = 0; i < data.size(); i++) counts[data.label(i)]++;
        return counts;
    }

    private static void assertStatistics(Splits splits, double mean, double std) throws IOException {
        double sum = 0, squares = 0, n = 784.0 * splits.train().size();
        for (int i = 0; i < splits.train().size(); i++)
            for (byte b : splits.train().picture(i).pixels()) {
                double v = (b & 255) / 255.0;
                sum += v;
                squares += v * v;
            }
        assertThat(sum / n).isBetween(mean - 1e-4, mean + 1e-4);
        assertThat(Math.sqrt(squares / n - sum / n * sum / n)).isBetween(std - 1e-4, std + 1e-4);
    }

    @Test
    void mnistFilesMayBeZippedOrPlain() throws IOException {
        for (String name : List.of(
                "train-images-idx3-ubyte",
                "train-labels-idx1-ubyte",
                "t10k-images-idx3-ubyte",
                "t10k-labels-idx1-ubyte")) Files.write(folder.resolve(name + ".gz"), embedded(name));
        Splits zipped = Splits.open("mnist:" + folder);
        Files.delete(folder.resolve("t10k-images-idx3-ubyte.gz"));
        Files.write(folder.resolve("t10k-images-idx3-ubyte"), unzipped("t10k-images-idx3-ubyte"));
        Files.delete(folder.resolve("t10k-labels-idx1-ubyte.gz"));
        Files.write(folder.resolve("t10k-labels.idx1-ubyte"), unzipped("t10k-labels-idx1-ubyte"));
        Splits plain = Splits.open("mnist:" + folder);
        Splits digits = Splits.open("digits");
        for (Splits splits : List.of(zipped, plain)) {
            assertThat(splits.labels()).isEqualTo(digits.labels());
            for (int i : new int[] {0, 500, 999}) {
                assertThat(splits.test().picture(i).pixels())
                        .isEqualTo(digits.test().picture(i).pixels());
                assertThat(splits.test().label(i)).isEqualTo(digits.test().label(i));
            }
        }
    }

    private static byte[] embedded(String name) throws IOException {
        try (InputStream in = Splits.class.getResourceAsStream("digits/" + name + ".gz")) {
            return in.readAllBytes();
        }
    }

    private static byte[] unzipped(String name) throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(embedded(name))).readAllBytes();
    }

    @Test
    void brokenMnistFilesGiveOneLineThatNamesThem() throws IOException {
        String spec = "mnist:" + folder;
        assertThatThrownBy(() -> Splits.open(spec + "/no"))
                .isInstanceOf(BrokenFileException.class)
                .hasMessage(folder + "/no: no such folder");
        assertThatThrownBy(() -> Splits.open(spec))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageStartingWith(folder + ": holds no train-images-idx3-ubyte, plain or .gz");

        Path images = folder.resolve("train-images-idx3-ubyte"), labels = folder.resolve("train-labels-idx1-ubyte");
        Files.write(folder.resolve("t10k-images-idx3-ubyte"), idx(0x803, 2, 2, 3, 2 * 6));
        Files.write(folder.resolve("t10k-labels-idx1-ubyte"), idx(0x801, 2, 0, 0, 2));
        Files.write(labels, idx(0x801, 4, 0, 0, 4));

        Files.write(images, idx(0x803, 4, 2, 3, 4 * 6));
        assertThat(Splits.open(spec).train().size()).isEqualTo(4);
        assertThat(Splits.open(spec).train().picture(0).width()).isEqualTo(3);

        Files.write(images, idx(0x803, 4, 2, 3, 4 * 6 - 1));
        assertThatThrownBy(() -> Splits.open(spec)).hasMessage(images + ": cut short, 23 of 24 bytes are there");
        Files.write(images, idx(0x803, 4, 2, 3, 4 * 6 + 2));
        assertThatThrownBy(() -> Splits.open(spec)).hasMessage(images + ": longer than its header says");
        Files.write(images, idx(0x803, 5, 2, 3, 5 * 6));
        assertThatThrownBy(() -> Splits.open(spec))
                .hasMessage(images + " has 5 images, but " + labels + " has 4 labels");
        Files.write(images, idx(0x801, 4, 2, 3, 24));
        assertThatThrownBy(() -> Splits.open(spec))
                .hasMessage(images + ": no IDX file of images, it starts with 00000801, not 00000803");
        Files.write(images, new byte[] {0, 0, 8, 3, 0});
        assertThatThrownBy(() -> Splits.open(spec)).hasMessage(images + ": cut short, it ends in its header");
        Files.write(images, idx(0x803, 0, 2, 3, 0));
        assertThatThrownBy(() -> Splits.open(spec)).hasMessageContaining("it says it has 0 images of 3x2");
        byte[] zipped = embedded("train-images-idx3-ubyte");
        Files.write(images, Arrays.copyOf(zipped, zipped.length / 2));
        assertThatThrownBy(() -> Splits.open(spec)).hasMessage(images + ": broken or cut short, it cannot be unzipped");
    }

    /** A header and {@code bytes} bytes of 0, 1, 0, 1, ... */
    private static byte[] idx(int magic, int count, int height, int width, int bytes) {
        ByteBuffer b = ByteBuffer.allocate((magic == 0x803 ? 16 : 8) + bytes).putInt(magic);
        b.putInt(count);
        if (magic == 0x803) b.putInt(height).putInt(width);
        for (int i = 0; i < bytes; i++) b.put((byte) (i % 2));
        return b.array();
    }

    @Test
    void aFolderIsSplitByNameStablyAndInEveryClass() throws IOException {
        for (int i = 0; i < 50; i++) {
            put("cat/" + i + ".png");
            put("dog/deeper/" + i + ".JPG");
        }
        put("bird/1.jpeg");
        put("bird/2.png");
        put("bird/notes.txt");
        put("bird/.hidden.png");
        put(".git/1.png");
        put("top.png");
        Splits splits = Splits.open(folder.toString());
        assertThat(splits.labels()).containsExactly("bird", "cat", "dog");
        assertThat(splits.form()).isEqualTo(Form.PHOTOS);
        assertThat(splits.train().size() + splits.test().size()).isEqualTo(102);
        int[] tested = counts(splits.test(), 3);
        assertThat(tested[0]).isEqualTo(1);
        assertThat(tested[1]).isBetween(5, 16);
        assertThat(tested[2]).isBetween(5, 16);
        Set<String> test = names(splits.test());
        assertThat(test).doesNotContainAnyElementsOf(names(splits.train()));
        assertThat(names(splits.train()))
                .contains("dog/deeper/"
                        + splits.train().name(splits.train().size() - 1).substring(11));

        for (int i = 50; i < 80; i++) put("cat/" + i + ".png");
        assertThat(names(Splits.open("folder:" + folder).test())).containsAll(test);
    }

    @Test
    void trainAndTestFoldersAreTakenAsTheyAre() throws IOException {
        for (String name : List.of("train/a/1.png", "train/a/2.png", "train/b/3.png", "val/a/4.png", "val/b/5.png"))
            put(name);
        Splits splits = Splits.open(folder.toString());
        assertThat(splits.labels()).containsExactly("a", "b");
        assertThat(names(splits.train())).containsExactlyInAnyOrder("train/a/1.png", "train/a/2.png", "train/b/3.png");
        assertThat(names(splits.test())).containsExactlyInAnyOrder("val/a/4.png", "val/b/5.png");
        assertThat(splits.test().label(1)).isEqualTo(1);
        assertThat(splits.train().picture(0).width()).isEqualTo(5);

        put("test/c/6.png");
        assertThatThrownBy(() -> Splits.open(folder.toString()))
                .hasMessage(folder.resolve("test/c") + ": there is no class of that name to learn from");
    }

    @Test
    void trainAloneIsSplit() throws IOException {
        for (int i = 0; i < 10; i++) {
            put("train/a/" + i + ".png");
            put("train/b/" + i + ".png");
        }
        Splits splits = Splits.open(folder.toString());
        assertThat(splits.labels()).containsExactly("a", "b");
        assertThat(splits.train().size() + splits.test().size()).isEqualTo(20);
        assertThat(counts(splits.test(), 2)).doesNotContain(0);
    }

    @Test
    void whatIsNoDataSetGivesOneLine() throws IOException {
        assertThatThrownBy(() -> Splits.open("digitz"))
                .isInstanceOf(WrongUseException.class)
                .hasMessage(
                        "there is no data set and no folder 'digitz'; a data set is one of digits, fashion, mnist:DIR,"
                                + " folder:DIR, csv:FILE, cifar10:DIR, cifar100:DIR, shards:GLOB, or a folder");
        String spec = folder.toString();
        assertThatThrownBy(() -> Splits.open("folder:" + spec + "/no")).hasMessage(spec + "/no: no such folder");
        assertThatThrownBy(() -> Splits.open(spec))
                .hasMessage(spec + ": has no class folders; expected a folder of pictures for each class in " + spec
                        + ", or such folders in its train/ and test/");
        put("file.png");
        assertThatThrownBy(() -> Splits.open(spec + "/file.png")).hasMessageContaining(": is a file; a data set is");
        put("cat/1.png");
        put("cat/2.png");
        assertThatThrownBy(() -> Splits.open(spec))
                .hasMessage(spec + ": has only the class 'cat'; a classifier needs at least 2");
        Files.createDirectories(folder.resolve("dog"));
        assertThatThrownBy(() -> Splits.open(spec)).hasMessage(spec + "/dog: holds no pictures");
        put("dog/1.png");
        assertThatThrownBy(() -> Splits.open(spec))
                .hasMessage(spec
                        + "/dog/1.png: is the only picture of the class 'dog'; a class needs one to learn from and one"
                        + " for the test");
        put("dog/2.png");
        assertThat(Splits.open(spec).labels()).containsExactly("cat", "dog");
    }

    @Test
    void theScanFindsBrokenPicturesBeforeTraining() throws IOException {
        for (int i = 0; i < 5; i++) {
            put("a/" + i + ".png");
            put("b/" + i + ".png");
        }
        Splits splits = Splits.open(folder.toString());
        assertThat(splits.scan().broken()).isEmpty();
        byte[] png = Files.readAllBytes(folder.resolve("a/1.png"));
        Files.write(folder.resolve("a/1.png"), Arrays.copyOf(png, png.length - 40));
        Files.write(folder.resolve("a/2.png"), new byte[0]);
        Files.writeString(folder.resolve("b/3.png"), "text");
        Files.copy(Fixtures.path("formats/broken_cut_60.jpg"), folder.resolve("b/6.jpg"));
        Files.copy(Fixtures.path("formats/jpeg_trailing_bytes.jpg"), folder.resolve("b/7.jpg"));
        Files.copy(folder.resolve("b/2.png"), folder.resolve("b/8.jpg"));
        // Both ends are as they should be, and between them something is missing.
        byte[] jpeg = Files.readAllBytes(Fixtures.path("photos/rocket.jpg"));
        byte[] hole = Arrays.copyOf(jpeg, jpeg.length / 2 + 2);
        hole[hole.length - 2] = (byte) 0xFF;
        hole[hole.length - 1] = (byte) 0xD9;
        Files.write(folder.resolve("a/hole.jpg"), hole);
        Files.write(folder.resolve("a/middle.png"), damaged(png));
        Splits broken = Splits.open(folder.toString());
        Inventory inventory = broken.scan();
        assertThat(inventory.broken())
                .extracting(Inventory.Broken::name)
                .contains("a/1.png", "a/2.png", "b/3.png", "b/6.jpg", "a/middle.png")
                .doesNotContain("a/3.png", "b/7.jpg");
        assertThat(inventory.broken())
                .contains(new Inventory.Broken("a/2.png", "the file is empty"))
                .allSatisfy(b -> assertThat(b.reason()).doesNotContain("\n", folder.toString()));
        assertThatThrownBy(() -> inventory.requireWhole("mine"))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageStartingWith("mine: " + inventory.brokenCount() + ": ")
                .hasMessageContaining("; a/2.png: the file is empty")
                .hasMessageContaining("b/6.jpg: broken picture")
                .hasMessageEndingWith("; read in spite of its name: b/8.jpg is a PNG picture");
        List<Inventory.Broken> many = Collections.nCopies(999, new Inventory.Broken("a.png", "the file is empty"));
        assertThatThrownBy(() -> new Inventory(List.of(), many, List.of()).requireWhole("mine"))
                .hasMessageMatching("mine: 999 of 999 pictures cannot be read: a.png: .*; and 9\\d\\d more");
        assertThat(inventory.items().size() + inventory.broken().size())
                .isEqualTo(broken.train().size() + broken.test().size());

        List<String> names =
                inventory.broken().stream().map(Inventory.Broken::name).toList();
        Splits whole = broken.without(names);
        assertThat(whole.leftOut()).isEqualTo(names);
        assertThat(whole.scan().broken()).isEmpty();
        assertThat(whole.scan().items()).isEqualTo(inventory.items());
        assertThat(whole.summary()).endsWith("; left out as broken: " + names.size());
        assertThat(whole.without(List.of())).isSameAs(whole);
        Dataset trained = whole.train();
        List<String> all = IntStream.range(0, trained.size())
                .filter(i -> trained.label(i) == 1)
                .mapToObj(trained::name)
                .toList();
        assertThatThrownBy(() -> whole.without(all))
                .isInstanceOf(WrongUseException.class)
                .hasMessage(whole.spec() + ": without the broken pictures there is none of 'b' to learn from");
    }

    private static byte[] damaged(byte[] png) {
        byte[] damaged = png.clone();
        damaged[png.length / 2] ^= 0x55;
        return damaged;
    }

    @Test
    void anInventoryTellsWhatIsDifferent() throws IOException {
        for (int i = 0; i < 9; i++) {
            put("train/a/" + i + ".png");
            put("train/b/" + i + ".png");
            put("test/a/" + i + ".png");
        }
        Inventory before = Splits.open(folder.toString()).scan();
        assertThat(before.differences(Splits.open(folder.toString()).scan())).isEmpty();
        for (int i = 0; i < 5; i++) Files.delete(folder.resolve("train/a/" + i + ".png"));
        put("test/b/new.png");
        Files.write(folder.resolve("test/a/3.png"), Fixtures.png(Fixtures.noise(5, 4, 3, 1)));
        Inventory now = Splits.open(folder.toString()).scan();
        assertThat(before.differences(now))
                .containsExactly(
                        "5 missing (train/a/0.png, train/a/1.png, train/a/2.png, ...)",
                        "1 added (test/b/new.png)",
                        "1 changed (test/a/3.png)");
        assertThat(now.checksum()).isNotEqualTo(before.checksum());
    }

    @Test
    void aDataSetOfOnesOwnIsCheckedByItsPixels() {
        Splits own = Splits.of("own", List.of("a", "b"), Form.PHOTOS, new Own(1), new Own(1));
        assertThat(own.summary()).isEqualTo("own: 4 training and 4 test images of 2 classes (a, b)");
        Splits same = Splits.of("own", List.of("a", "b"), Form.PHOTOS, new Own(1), new Own(1));
        assertThat(own.scan().checksum()).isEqualTo(same.scan().checksum());
        Splits other = Splits.of("own", List.of("a", "b"), Form.PHOTOS, new Own(2), new Own(1));
        assertThat(own.scan().differences(other.scan())).containsExactly("4 changed (0, 1, 2, ...)");
        assertThatThrownBy(() -> Splits.of("own", List.of("a", "a"), Form.PHOTOS, new Own(1), new Own(1)))
                .hasMessageStartingWith("own: two of its classes have the same name");
    }

    private record Own(long seed) implements Dataset {
        @Override
        public int size() {
            return 4;
        }

        @Override
        public int label(int i) {
            return i % 2;
        }

        @Override
        public Picture picture(int i) {
            return Fixtures.noise(3, 3, 1, seed + i);
        }

        @Override
        public String name(int i) {
            return Integer.toString(i);
        }
    }

    private void put(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, Fixtures.png(Fixtures.noise(5, 4, 3, name.hashCode())));
    }

    private static Set<String> names(Dataset data) {
        List<String> names = new ArrayList<>();
        IntStream.range(0, data.size()).forEach(i -> names.add(data.name(i)));
        return new HashSet<>(names);
    }
}
