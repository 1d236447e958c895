package org.convzoo.onednn.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.convzoo.failure.WrongUseException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeCacheTest {
    @TempDir
    private Path temp;

    private Path safe;

    @BeforeEach
    void aSafeOne() throws IOException {
        temp = temp.toRealPath();
        safe = temp.resolve("safe").resolve("native");
    }

    private static void let(Path p, String permissions) throws IOException {
        Files.setPosixFilePermissions(p, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void theFirstThatIsSafeIsMadeForThisUserAlone() throws IOException {
        assertThat(NativeCache.choose(List.of(safe, temp.resolve("other")))).isEqualTo(safe);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(safe)))
                .isEqualTo("rwx------");
        assertThat(NativeCache.choose(List.of(safe))).as("the second time").isEqualTo(safe);
        assertThat(safe).isEmptyDirectory();
    }

    @Test
    void oneThatOthersCanWriteToIsPassedOver() throws IOException {
        Path open = Files.createDirectory(temp.resolve("open"));
        let(open, "rwxrwxrwx");
        assertThat(NativeCache.choose(List.of(open, safe))).isEqualTo(safe);
        assertThat(NativeCache.choose(List.of(open.resolve("inside"), safe)))
                .as("others could put another in its place")
                .isEqualTo(safe);
    }

    @Test
    void whatOthersCanWriteToInsideIsFound() throws IOException {
        Path cache = Files.createDirectories(temp.resolve("cache/jar/linux"));
        Path library = Files.createFile(cache.resolve("lib.so"));
        let(library, "rw-rw-rw-");
        Files.createSymbolicLink(cache.resolve("lib.so.3"), library);
        assertThat(NativeCache.choose(List.of(temp.resolve("cache"), safe))).isEqualTo(safe);
        let(library, "rw-r--r--");
        assertThat(NativeCache.choose(List.of(temp.resolve("cache"), safe))).isEqualTo(temp.resolve("cache"));
    }

    @Test
    void whatBelongsToSomebodyElseIsPassedOver() throws IOException {
        Path theirs = Files.createDirectory(temp.resolve("theirs"));
        assumeThat((Integer) Files.getAttribute(theirs, "unix:uid"))
                .as("only root can give it away")
                .isZero();
        Files.setAttribute(theirs, "unix:uid", 12345);
        assertThat(NativeCache.choose(List.of(theirs, safe))).isEqualTo(safe);
        assertThat(NativeCache.choose(List.of(theirs.resolve("inside"), safe))).isEqualTo(safe);
    }

    @Test
    void aLinkIsAsSafeAsWhatItPointsTo() throws IOException {
        Path open = Files.createDirectory(temp.resolve("open"));
        let(open, "rwxrwxrwx");
        Path link = Files.createSymbolicLink(temp.resolve("link"), open);
        assertThat(NativeCache.choose(List.of(link, safe))).isEqualTo(safe);
    }

    @Test
    void withoutASafeOneTheRemedyIsTold() throws IOException {
        Path open = Files.createDirectory(temp.resolve("open")), file = Files.createFile(temp.resolve("file"));
        let(open, "rwxrwxrwx");
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> NativeCache.choose(List.of(open, file)))
                .withMessageStartingWith("there is no safe folder to unpack native libraries into: " + open
                        + " can be written to by others; " + file + " cannot be used")
                .withMessageEndingWith(
                        "let -Dorg.bytedeco.javacpp.cachedir=FOLDER name one that only you can write to");
    }
}
