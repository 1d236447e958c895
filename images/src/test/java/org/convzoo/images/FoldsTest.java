package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.convzoo.failure.WrongUseException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldsTest {
    @TempDir
    Path folder;

    @BeforeEach
    void draw() throws IOException {
        for (int i = 0; i < 13; i++) {
            String place = (i < 9 ? "train/" : "test/") + (i % 2 == 0 ? "even/" : "odd/") + i + ".png";
            Path file = folder.resolve(place);
            Files.createDirectories(file.getParent());
            var image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
            image.setRGB(1, 1, 1000 * i);
            ImageIO.write(image, "png", file.toFile());
        }
    }

    private Splits fold(int number) {
        return Splits.open("fold:" + number + "/3:" + folder);
    }

    private static Set<String> names(Dataset dataset) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < dataset.size(); i++) names.add(dataset.name(i));
        return names;
    }

    @Test
    void everyPictureIsTestedOnce() {
        List<String> tested = new ArrayList<>();
        for (int f = 1; f <= 3; f++) {
            Splits fold = fold(f);
            tested.addAll(names(fold.test()));
            assertThat(names(fold.train()))
                    .hasSize(13 - fold.test().size())
                    .doesNotContainAnyElementsOf(names(fold.test()));
            assertThat(fold.test().size()).isBetween(4, 5);
            long even = IntStream.range(0, fold.test().size())
                    .filter(i -> fold.test().label(i) == 0)
                    .count();
            assertThat(even).as("of 7 and 6").isBetween(2L, 3L);
            for (int i = 0; i < fold.test().size(); i++) {
                String label = fold.labels().get(fold.test().label(i));
                assertThat(fold.test().name(i)).contains("/" + label + "/");
                assertThat(fold.test().picture(i).width()).isEqualTo(4);
            }
        }
        assertThat(tested).hasSize(13).doesNotHaveDuplicates();
        assertThat(TestSet.open(fold(2).spec()).pictures().size())
                .isEqualTo(fold(2).test().size());
    }

    @Test
    void aPartHasTheSameShareOfEachClass() {
        Splits part = Splits.open(Splits.part(4, 2, folder.toString()));
        assertThat(part.spec()).isEqualTo("part:4/2:folder:" + folder.toAbsolutePath());
        assertThat(part.summary()).contains("a part of 9 and 4");
        assertThat(part.train().size()).isEqualTo(4);
        assertThat(IntStream.range(0, 4).filter(i -> part.train().label(i) == 0).count())
                .isEqualTo(2);
        assertThat(part.test().size()).isEqualTo(2);
        Splits whole = Splits.open(folder.toString());
        assertThat(names(whole.train())).containsAll(names(part.train()));
        assertThat(names(whole.test())).containsAll(names(part.test()));
        assertThat(names(Splits.open(part.spec()).train())).isEqualTo(names(part.train()));
        assertThat(TestSet.open(part.spec()).pictures().size()).isEqualTo(2);

        Splits all = Splits.open(Splits.part(100, 100, folder.toString()));
        assertThat(names(all.train())).isEqualTo(names(whole.train()));
        assertThat(Splits.open(Splits.part(1, 1, folder.toString())).train().size())
                .as("one of each class at least")
                .isEqualTo(2);
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> Splits.open("part:0/1:" + folder))
                .withMessageContaining("at least 1 picture");
    }

    /** What a run stores is a specification that finds the same pictures, were they called otherwise. */
    @Test
    void aFoldIsOfTheContents() throws IOException {
        Splits before = fold(2);
        assertThat(before.spec()).isEqualTo("fold:2/3:folder:" + folder.toAbsolutePath());
        assertThat(before.summary()).contains("fold 2 of 3");
        Set<Long> contents = contents(before.test());
        Files.move(folder.resolve("test/odd/11.png"), folder.resolve("test/odd/a.png"));
        assertThat(contents(Splits.open(before.spec()).test())).isEqualTo(contents);
        assertThat(fold(2).scan().items()).hasSize(13);
    }

    private static Set<Long> contents(Dataset dataset) {
        Set<Long> contents = new HashSet<>();
        for (int i = 0; i < dataset.size(); i++) contents.add(dataset.fingerprint(i));
        return contents;
    }

    @Test
    void whatIsNoFoldIsRefused() {
        for (String spec : List.of("fold:0/3:", "fold:4/3:", "fold:1/1:"))
            assertThatExceptionOfType(WrongUseException.class)
                    .isThrownBy(() -> Splits.open(spec + folder))
                    .withMessageStartingWith("there is no fold ");
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> Splits.open("fold:1/7:" + folder))
                .withMessageEndingWith("'odd' has 6 pictures, too few for 7 folds");
    }

    @Test
    void aShareOfEachClassIsHeldOutWhateverItsFilesAreCalled() throws IOException {
        HeldOut held = Splits.open(folder.toString()).holdOut(0.25);
        assertThat(names(held.validation())).as("of 5 and 4 in train/").hasSize(2);
        assertThat(IntStream.range(0, 2).map(held.validation()::label)).containsExactlyInAnyOrder(0, 1);
        assertThat(names(held.train())).hasSize(7).doesNotContainAnyElementsOf(names(held.validation()));
        Set<Long> contents = contents(held.validation());

        for (int i = 0; i < 9; i++) {
            Path file = folder.resolve("train/" + (i % 2 == 0 ? "even/" : "odd/") + i + ".png");
            Files.move(file, file.resolveSibling((9 - i) + "-renamed.png"));
        }
        assertThat(contents(Splits.open(folder.toString()).holdOut(0.25).validation()))
                .isEqualTo(contents);
    }

    @Test
    void nothingOfAClassThatCannotSpareOneAndNoCopyOfWhatIsLearntFromIsHeldOut() throws IOException {
        assertThat(names(Splits.open(folder.toString()).holdOut(0).validation()))
                .isEmpty();
        // 5 can spare one, 4 cannot
        assertThat(names(Splits.open(folder.toString()).holdOut(0.05).validation()))
                .hasSize(1);
        Path one = folder.resolve("train/odd/1.png");
        for (int i : new int[] {3, 5, 7})
            Files.copy(
                    one, folder.resolve("train/odd/" + i + ".png"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        HeldOut held = Splits.open(folder.toString()).holdOut(0.5);
        assertThat(IntStream.range(0, held.validation().size()).map(held.validation()::label))
                .as("all of the class 'odd' are copies of one")
                .containsOnly(0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Splits.open(folder.toString()).holdOut(0.6));
    }
}
