package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutTest {
    @TempDir
    Path folder;

    private void put(String... names) throws IOException {
        for (String name : names) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.write(file, Fixtures.png(Fixtures.noise(5, 4, 3, name.hashCode())));
        }
    }

    private void classes(String part, int each, String... names) throws IOException {
        for (String name : names) for (int i = 0; i < each; i++) put(part + name + "/" + i + ".png");
    }

    private Splits open() {
        return Splits.open(folder.toString());
    }

    private String summary() {
        String summary = open().summary(), spec = "folder:" + folder + ": ";
        assertThat(summary).startsWith(spec).doesNotContain("\n");
        return summary.substring(spec.length());
    }

    private static Set<String> names(Dataset data) {
        return IntStream.range(0, data.size()).mapToObj(data::name).collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @CsvSource({
        "train,test",
        "Training,Testing",
        "TRAIN,Val",
        "train,valid",
        "train,validation",
        "training,eval",
        "train,EVAL",
        "Train,TEST",
        "train,testing"
    })
    void partsAreKnownByTheirUsualNames(String train, String test) throws IOException {
        classes(train + "/", 4, "dress", "hat");
        classes(test + "/", 2, "dress", "hat");
        assertThat(summary())
                .isEqualTo("8 training and 4 test images of 2 classes (dress, hat); trained on " + train
                        + "/, tested on " + test + "/");
    }

    @Test
    void aTurkishDefaultLocaleChangesNothing() throws IOException {
        Locale before = Locale.getDefault();
        Locale.setDefault(new Locale("tr", "TR"));
        try {
            partsAreKnownByTheirUsualNames("TRAINING", "VALIDATION");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void ofTestAndValidationTheTestIsUsedAndTheOtherIsNamed() throws IOException {
        classes("train/", 4, "dress", "hat");
        classes("val/", 3, "dress", "hat");
        classes("test/", 2, "dress", "hat");
        assertThat(summary()).endsWith("; trained on train/, tested on test/; val/ (6 images) is not used");
    }

    @ParameterizedTest
    @ValueSource(strings = {"test", "Test/dress", "val/.hidden", "testing/__MACOSX"})
    void anEmptyPartIsAsIfItWereMissing(String empty) throws IOException {
        classes("train/", 5, "dress", "hat");
        Files.createDirectories(folder.resolve(empty));
        String part = empty.replaceAll("/.*", "");
        assertThat(summary())
                .isEqualTo("8 training and 2 test images of 2 classes (dress, hat); about 20 % of each class in"
                        + " train/ held out for the test, chosen by a hash of the name; " + part
                        + "/ holds no pictures");
        Files.createDirectories(folder.resolve("bare"));
        classes("val/", 1, "dress", "hat");
        assertThat(open().test().size()).isEqualTo(2);
    }

    @Test
    void anEmptyTestFolderOfAClassIsAsIfItWereMissing() throws IOException {
        classes("train/", 4, "dress", "hat");
        classes("test/", 2, "dress");
        Files.createDirectories(folder.resolve("test/hat"));
        Files.createDirectories(folder.resolve("test/shoes"));
        assertThat(summary()).contains("2 test images").endsWith("; no test images of hat");
    }

    @Test
    void aTrainAmongClassesIsAClassUnlessItHoldsFolders() throws IOException {
        classes("", 4, "bus", "car", "train");
        assertThat(open().labels()).containsExactly("bus", "car", "train");
        assertThat(summary()).contains("of 3 classes (bus, car, train)");

        classes("train/", 4, "steam", "diesel");
        assertThatThrownBy(this::open)
                .isInstanceOf(BrokenFileException.class)
                .hasMessage(folder + ": train/ looks like a part of a data set, but bus/, car/ beside it look like"
                        + " classes; move them into train/, or train/ away");
    }

    @Test
    void partsUnderUnusualNamesAreNoClasses() throws IOException {
        classes("training_set/", 3, "cat", "dog");
        classes("test_set/", 3, "cat", "dog");
        assertThatThrownBy(this::open)
                .isInstanceOf(BrokenFileException.class)
                .hasMessage(folder + ": test_set/, training_set/ all hold cat, dog, like the parts of a data set; name"
                        + " them train/ and test/");
        delete("test_set", "training_set");
        classes("cat/", 3, "black", "grey");
        classes("dog/", 3, "black", "large");
        assertThat(open().labels()).containsExactly("cat", "dog");
    }

    @Test
    void whatLooksLikeAPartButCannotBeOneIsRefused() throws IOException {
        classes("", 3, "cat", "dog");
        put("test/1.png");
        assertThatThrownBy(this::open).hasMessageContaining("test/ looks like a part of a data set, but cat/, dog/");
        delete("cat", "dog");
        assertThatThrownBy(this::open)
                .hasMessage(folder + "/test: holds pictures but no class folders; expected " + folder
                        + "/test/CLASS/*.jpg");
        delete("test");

        classes("test/", 3, "cat", "dog");
        assertThatThrownBy(this::open).hasMessage(folder + ": has test/ but no train/ with classes");
        classes("train/", 3, "cat", "dog");
        classes("Training/", 3, "cat", "dog");
        assertThatThrownBy(this::open)
                .hasMessage(folder + ": Training/, train/ look like the same part of the data set; keep one");
        delete("Training");
        put("test/cow/1.png");
        assertThatThrownBy(this::open).hasMessage(folder + "/test/cow: there is no class of that name to learn from");
        delete("test", "train");

        classes("cat/", 3, "train", "test");
        classes("dog/", 3, "train", "test");
        assertThatThrownBy(this::open)
                .hasMessage(folder + "/cat: test/, train/ look like parts of a data set inside a class; expected"
                        + " train/cat/* and test/cat/*");
        delete("cat", "dog");

        classes("unpacked/", 3, "cat", "dog");
        assertThatThrownBy(this::open)
                .hasMessage(folder + ": has only the class 'unpacked'; a classifier needs at least 2 (the data set may"
                        + " be " + folder + "/unpacked)");
    }

    private void delete(String... names) throws IOException {
        for (String name : names)
            try (var walk = Files.walk(folder.resolve(name))) {
                for (Path p : walk.sorted((a, b) -> b.compareTo(a)).toList()) Files.delete(p);
            }
    }

    @Test
    void whatProgramsLeaveBehindIsNotThere() throws IOException {
        classes("", 4, "cat", "dog");
        Splits before = open();
        put(
                "__MACOSX/cat/._1.png",
                "__macosx/x/1.png",
                ".git/1.png",
                "lost+found/1.png",
                "$RECYCLE.BIN/1.png",
                "System Volume Information/1.png",
                "cat/.ipynb_checkpoints/1-checkpoint.png",
                "cat/deep/@eaDir/1.png/SYNO_THUMB.png",
                "cat/@eaDir/1.png",
                "cat/._1.png",
                "dog/.hidden/deep/1.png",
                "dog/__MACOSX/1.png");
        Files.writeString(folder.resolve("dog/Thumbs.db"), "");
        Files.writeString(folder.resolve("dog/.DS_Store"), "");
        Files.writeString(folder.resolve("dog/desktop.ini"), "");
        assertThat(names(open().train())).isEqualTo(names(before.train()));
        assertThat(names(open().test())).isEqualTo(names(before.test()));
        assertThat(open().summary()).isEqualTo(before.summary());
    }

    @Test
    void whatIsLeftOutIsCountedByKind() throws IOException {
        classes("train/", 4, "cat", "dog");
        classes("test/", 1, "cat", "dog");
        for (String name : List.of(
                "train/cat/a.heic",
                "train/cat/b.HEIC",
                "test/dog/c.HEIF",
                "train/dog/d.avif",
                "train/dog/notes.txt",
                "train/cat/deep/x.TXT",
                "train/cat/y.txt",
                "train/cat/README")) {
            Files.createDirectories(folder.resolve(name).getParent());
            Files.writeString(folder.resolve(name), "");
        }
        put("train/outside.png", "above.png");
        assertThat(summary())
                .endsWith("; left out: 3 HEIC (not read; convert to JPEG or PNG), 1 AVIF (not read; convert to JPEG or"
                        + " PNG), 3 .txt, 2 pictures outside the class folders, 1 without an extension");

        Files.createDirectories(folder.resolve("train/cow"));
        Files.writeString(folder.resolve("train/cow/1.heic"), "");
        assertThatThrownBy(this::open)
                .hasMessage(folder + "/train/cow: holds no pictures that are read, but 1 HEIC (not read; convert to"
                        + " JPEG or PNG)");
    }

    @Test
    void linksAreFollowedButNotInCircles() throws IOException {
        classes("real/", 5, "cat");
        classes("data/", 5, "dog");
        Path data = folder.resolve("data");
        Files.createSymbolicLink(data.resolve("cat"), folder.resolve("real/cat"));
        Files.createSymbolicLink(data.resolve("dog/up"), data);
        Files.createSymbolicLink(data.resolve("dog/self"), data.resolve("dog"));
        Files.createSymbolicLink(data.resolve("dog/gone.png"), data.resolve("nowhere.png"));
        Files.createSymbolicLink(data.resolve("dog/zero.png"), Path.of("/dev/zero"));
        Splits splits = Splits.open(data.toString());
        assertThat(splits.train().size() + splits.test().size()).isEqualTo(10);
        assertThat(splits.summary())
                .endsWith("; left out: 2 link to a folder above it, 1 device or pipe, 1 link to nowhere");
        Files.delete(data.resolve("dog/zero.png")); // JUnit warns of links that lead out of the folder
    }

    @Test
    void equalNamesAreEqualWhateverSystemWroteThem() throws IOException {
        String nfc = Normalizer.normalize("caf\u00e9", Normalizer.Form.NFC);
        String nfd = Normalizer.normalize("caf\u00e9", Normalizer.Form.NFD);
        classes("train/", 4, nfc, "bar");
        classes("test/", 2, nfd, "bar");
        assertThat(open().labels()).containsExactly("bar", nfc);
        assertThat(IntStream.range(0, 4).map(open().test()::label).sum()).isEqualTo(2);
        put("train/" + nfd + "/9.png");
        assertThat(open().labels()).containsExactly("bar", nfc);
        assertThat(open().train().size()).isEqualTo(9);
        assertThat(TestSet.open(folder.toString())
                        .labelled(List.of(nfd, "x", "bar"))
                        .pictures()
                        .label(0))
                .isEqualTo(2);
    }

    @Test
    void aTestTakesAllOfAPlainFolderAndTheTestPartOfOthers() throws IOException {
        classes("", 4, "cat", "dog");
        TestSet all = TestSet.open(folder.toString());
        assertThat(all.pictures().size()).isEqualTo(8);
        assertThat(all.summary()).isEqualTo(folder + ": 8 images");
        TestSet known = all.labelled(List.of("ant", "dog", "cat"));
        assertThat(known.labels()).containsExactly("ant", "dog", "cat");
        assertThat(known.pictures().label(0)).isEqualTo(2);
        assertThat(known.pictures().name(7)).isEqualTo("dog/3.png");
        assertThat(known.pictures().label(7)).isEqualTo(1);
        assertThatThrownBy(() -> all.labelled(List.of("ant", "dog")))
                .isInstanceOf(WrongUseException.class)
                .hasMessage(folder + ": the network does not know cat; its classes are ant, dog");

        delete("cat", "dog");
        classes("test/", 2, "cat");
        assertThat(TestSet.open(folder.toString()).summary()).isEqualTo(folder + ": 2 images; all of test/");
        classes("train/", 4, "cat", "dog");
        assertThat(TestSet.open(folder.toString()).pictures().size()).isEqualTo(2);
        delete("test");
        assertThat(TestSet.open("folder:" + folder).pictures().size()).isEqualTo(8);
        assertThat(TestSet.open("digits").pictures().size()).isEqualTo(1000);
        assertThat(TestSet.open("fashion")
                        .labelled(Splits.open("fashion").labels())
                        .labels())
                .hasSize(10);
    }

    @Test
    void pathsAreKeptSoThatAnotherWorkingDirectoryFindsThem() throws IOException {
        classes("", 2, "cat", "dog");
        Path relative = Path.of("").toAbsolutePath().relativize(folder);
        assertThat(Splits.open(relative.toString()).spec()).isEqualTo("folder:" + folder);
        assertThat(Splits.open("folder:" + relative + "/").spec()).isEqualTo("folder:" + folder);
    }
}
