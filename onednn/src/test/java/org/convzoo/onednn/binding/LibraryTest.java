package org.convzoo.onednn.binding;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Untuned;
import org.convzoo.onednn.program.Program;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine in a program of somebody else's, started without any of our settings. */
class LibraryTest {
    @TempDir
    private Path temp;

    /** Tells what the engine is and from where its library was loaded. */
    static final class Program {
        public static void main(String[] args) throws Exception {
            try (Engine engine = Untuned.open()) {
                System.out.println(engine.description());
            }
            Files.lines(Path.of("/proc/self/maps"))
                    .filter(line -> line.contains("libdnnl") || line.contains("jnidispatch"))
                    .map(line -> line.replaceFirst("^[^/]*", ""))
                    .distinct()
                    .forEach(System.out::println);
        }
    }

    private String run(Path home, String given) throws Exception {
        Path out = temp.resolve("out.txt"), err = temp.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Duser.home=" + home,
                        "-Dorg.bytedeco.javacpp.cachedir=" + given,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("XDG_CACHE_HOME");
        int code = builder.start().waitFor();
        String told = Files.readString(err).replaceAll("(?m)^WARNING: .*\\R", ""); // newer Java's, of native access
        assertThat(told).isEmpty();
        assertThat(code).isZero();
        return Files.readString(out);
    }

    @Test
    void nothingIsWrittenToTheScreenAndNothingUnpackedWhereOthersWrite() throws Exception {
        Path home = Files.createDirectory(temp.toRealPath().resolve("home"));
        Path open = Files.createDirectory(temp.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        String out = run(home, open.toString());
        assertThat(out).startsWith("oneDNN ").contains(home + "/.cache/convzoo/native/");
        assertThat(out.lines().skip(1)).allMatch(line -> line.startsWith(home.toString()));
        assertThat(open).isEmptyDirectory();
    }
}
