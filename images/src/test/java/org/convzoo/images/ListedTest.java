package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.convzoo.failure.BrokenFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables, archives, CIFAR's files, and tests of their own. */
class ListedTest {
    @TempDir
    Path folder;

    private Path put(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, picture(name.hashCode()));
    }

    private static byte[] picture(long seed) throws IOException {
        return Fixtures.png(Fixtures.noise(5, 4, 3, seed));
    }

    private Splits table(String text) throws IOException {
        return Splits.open("csv:" + Files.writeString(folder.resolve("t.csv"), text));
    }

    private void refused(String text, String message) {
        assertThatThrownBy(() -> table(text))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageStartingWith(folder.resolve("t.csv").toString())
                .hasMessageContaining(message);
    }

    @Test
    void aTableListsPictures() throws IOException {
        for (String name : new String[] {"a/1.png", "a/2.png", "b/x,\"y\".png", "b/4.png", "b/5.png"}) put(name);
        Splits splits = table("\uFEFFLabel;PATH;split;more\r\n10;a/1.png;train;\r\n9;\"b/x,\"\"y\"\".png\";Train;\r\n"
                + "9;a\\2.png;test;z\r\n10;b/4.png;val;\r\n");
        assertThat(splits.labels()).containsExactly("9", "10");
        assertThat(splits.train().name(0)).isEqualTo("b/x,\"y\".png");
        assertThat(splits.test().name(0)).isEqualTo("a/2.png");
        assertThat(splits.summary()).contains("the validation part (1) is not used", "columns not used: more");
        assertThat(splits.scan().broken()).isEmpty();

        Files.write(folder.resolve("b/4.png"), new byte[0]);
        Splits broken = table("path,label\na/1.png,x\na/2.png,x\nb/4.png,y\nb/5.png,y\nno.png,y\n");
        assertThat(broken.scan().broken())
                .containsExactlyInAnyOrder(
                        new Inventory.Broken("b/4.png", "the file is empty (t.csv:4)"),
                        new Inventory.Broken("no.png", "no such file (t.csv:6)"));
    }

    @Test
    void aTableWeighsPictures() throws IOException {
        for (int i = 0; i < 12; i++) put(i + ".png");
        StringBuilder rows = new StringBuilder("weight\tlabel\tpath\n");
        for (int i = 0; i < 12; i++) rows.append(i + ".5\t" + (i % 2 == 0 ? "x" : "y") + "\t" + i + ".png\n");
        Splits splits = table(rows.toString());
        assertThat(splits.summary()).contains("pictures count from 0.5 to 11.5 times in the loss");

        HeldOut heldOut = splits.holdOut(0.2);
        Splits fold = Splits.open(Splits.fold(1, 3, splits.spec())),
                part = Splits.open(Splits.part(4, 2, splits.spec()));
        Splits without = splits.without(List.of(splits.train().name(0)));
        for (Dataset pictures : List.of(
                splits.train(), heldOut.train(), heldOut.validation(), fold.train(), part.train(), without.train()))
            for (int i = 0; i < pictures.size(); i++)
                assertThat(pictures.weight(i)).isEqualTo(weight(pictures.name(i)));

        long before = splits.scan().checksum();
        assertThat(table(rows.toString().replace("11.5", "11")).scan().checksum())
                .isNotEqualTo(before);
    }

    private static double weight(String name) {
        return Integer.parseInt(name.replace(".png", "")) + 0.5;
    }

    @Test
    void aBrokenTableIsToldWithItsLine() throws IOException {
        put("a.png");
        refused("", ": the file is empty");
        refused("file,class\na.png,x\n", ":1: names no columns 'path' and 'label', but file, class");
        for (String weight : new String[] {"-1", "NaN", "Infinity", "", "much", "1e7"})
            refused("path,label,weight\na.png,x," + weight + "\n", ":2: '" + weight + "' is no weight");
        refused("path,label\na.png,x\na.png,y\n", ":3: a.png is in line 2 already");
        refused("path,label\n../a.png,x\n", ":2: the path ../a.png leads out of");
        refused("path,label\n/etc/a.png,x\n", ":2: the path /etc/a.png leads out of");
        refused("path,label\na.png\n", ":2: has 1 fields, the first line 2");
        refused("path,label\n\"a.png,x\n", ":2: a quote is not closed");
        refused("path,label\na.png,\n", ":2: the label is empty");
        refused("path,label,split\na.png,x,no\n", ":2: 'no' is no part of a data set");
        Files.write(folder.resolve("t.csv"), "path,label\na.png,\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> Splits.open("csv:" + folder.resolve("t.csv")))
                .hasMessageContaining(":2: is not in UTF-8");
    }

    static void member(ByteArrayOutputStream tar, String name, char type, byte[] content) throws IOException {
        byte[] header = new byte[512];
        byte[] path = name.getBytes(StandardCharsets.UTF_8), fill = "        ".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(path, 0, header, 0, Math.min(100, path.length));
        byte[] size = String.format(Locale.ROOT, "%011o", content.length).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(size, 0, header, 124, size.length);
        System.arraycopy(fill, 0, header, 148, 8);
        header[156] = (byte) type;
        System.arraycopy("ustar\00000".getBytes(StandardCharsets.US_ASCII), 0, header, 257, 8);
        int sum = 0;
        for (byte b : header) sum += b & 255;
        byte[] said = String.format(Locale.ROOT, "%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(said, 0, header, 148, 8);
        tar.write(header);
        tar.write(content);
        tar.write(new byte[(512 - content.length % 512) % 512]);
    }

    @Test
    void anArchiveIsReadInPlace() throws IOException {
        String longName = "deep/".repeat(40) + "3";
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        for (int i = 0; i < 3; i++) {
            member(tar, "./k/" + i + ".png", '0', picture(i));
            member(tar, "./k/" + i + ".cls", '0', (i % 2 == 0 ? "10" : "9").getBytes(StandardCharsets.US_ASCII));
        }
        member(tar, "././@LongLink", 'L', (longName + ".png\0").getBytes(StandardCharsets.UTF_8));
        member(tar, longName, '0', new byte[0]);
        String record = " path=" + longName + ".json\n";
        member(tar, "x", 'x', (record.length() + 3 + record).getBytes(StandardCharsets.UTF_8));
        member(tar, longName, '0', "{\"label\": 9}".getBytes(StandardCharsets.UTF_8));
        byte[] whole = Arrays.copyOf(tar.toByteArray(), tar.size() + 1024);
        Path file = Files.write(folder.resolve("p-00.tar"), whole);
        Splits splits = Splits.open("shards:" + folder + "/p-{00..00}.tar");
        assertThat(splits.labels()).containsExactly("9", "10");
        assertThat(splits.train().size() + splits.test().size()).isEqualTo(4);
        assertThat(splits.scan().broken())
                .containsExactly(new Inventory.Broken("p-00.tar/" + longName + ".png", "the file is empty"));
        assertThat(Splits.open(splits.spec()).scan()).isEqualTo(splits.scan());

        Files.write(file, Arrays.copyOf(whole, whole.length - 1024));
        assertThatThrownBy(() -> Splits.open("shards:" + folder + "/*.tar"))
                .hasMessage(file + ": cut short, its end is missing");
        ByteArrayOutputStream trick = new ByteArrayOutputStream();
        member(trick, "a/../../b.png", '0', new byte[1]);
        Files.write(file, trick.toByteArray());
        assertThatThrownBy(() -> Splits.open("shards:" + file))
                .hasMessage(file + ": the member a/../../b.png leads out of the archive");
    }

    @Test
    void cifarIsReadByRecord() throws IOException {
        byte[] records = new byte[2 * 3073];
        records[3073] = 9;
        records[3073 + 1] = 7;
        records[3073 + 1 + 1024] = 8;
        for (int i = 1; i <= 5; i++) Files.write(folder.resolve("data_batch_" + i + ".bin"), records);
        Path test = Files.write(folder.resolve("test_batch.bin"), records);
        Files.writeString(folder.resolve("batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
        Splits splits = Splits.open("cifar10:" + folder);
        assertThat(splits.train().size()).isEqualTo(10);
        assertThat(splits.train().label(9)).isEqualTo(9);
        assertThat(splits.train().picture(9).pixels()).startsWith(7, 8, 0, 0);
        assertThat(splits.train().name(9)).isEqualTo("data_batch_5.bin/1");
        Files.write(test, new byte[3072]);
        assertThatThrownBy(() -> Splits.open("cifar10:" + folder)).hasMessageStartingWith(test + ": cut short");
    }

    /** A record's first label is the coarse one, of 20; the fine one is read. */
    @Test
    void cifar100HasFineLabels() throws IOException {
        Path unpacked = Files.createDirectory(folder.resolve("cifar-100-binary"));
        byte[] records = new byte[2 * 3074];
        records[3074] = 3;
        records[3074 + 1] = 99;
        records[3074 + 2 + 2048] = 5;
        for (String name : List.of("train.bin", "test.bin")) Files.write(unpacked.resolve(name), records);
        Files.write(
                unpacked.resolve("fine_label_names.txt"),
                IntStream.range(0, 100).mapToObj(i -> "class " + i).toList());
        Splits splits = Splits.open("cifar100:" + folder);
        assertThat(splits.labels()).hasSize(100).endsWith("class 99");
        assertThat(splits.train().size()).isEqualTo(2);
        assertThat(splits.train().label(1)).isEqualTo(99);
        assertThat(splits.train().picture(1).pixels()).startsWith(0, 0, 5, 0);
        Files.write(unpacked.resolve("fine_label_names.txt"), List.of("one"));
        assertThatThrownBy(() -> Splits.open("cifar100:" + folder))
                .hasMessageEndingWith("fine_label_names.txt: has 1 names of classes, not 100");
    }

    @Test
    void aCompressedArchiveIsRefused() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(new byte[1024]);
        }
        Path file = Files.write(folder.resolve("p.tar.gz"), packed.toByteArray());
        assertThatThrownBy(() -> Splits.open("shards:" + file))
                .hasMessageStartingWith(file + ": is compressed;")
                .hasMessageEndingWith("unpack it to .tar");
    }

    @Test
    void theTestMayBeElsewhere() throws IOException {
        for (String name : new String[] {"p/a/1.png", "p/a/2.png", "p/b/1.png", "q/a/1.png"}) put(name);
        Splits splits = Splits.open(Splits.tested(folder + "/q", folder + "/p"));
        assertThat(splits.train().size()).isEqualTo(3);
        assertThat(splits.test().name(0)).isEqualTo("test:a/1.png");
        assertThat(splits.summary()).contains("no test images of b");
        assertThat(Splits.open(splits.spec()).scan()).isEqualTo(splits.scan());
        put("q/c/1.png");
        assertThatThrownBy(() -> Splits.open(splits.spec())).hasMessageContaining("q: has c, of which");
    }
}
