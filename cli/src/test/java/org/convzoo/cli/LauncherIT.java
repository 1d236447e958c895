package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a fresh copy of the project, as a newcomer has it; the tests go on from each other's builds. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LauncherIT {
    private static final Set<String> NOT_COPIED = Set.of("target", ".git", ".convzoo", "runs");
    private static final Path JAVA_25 = java25();

    @TempDir
    static Path directory;

    private static Path project;

    private record Ended(int code, String out, String err) {
        boolean built() {
            return err.contains("convzoo: building");
        }
    }

    private record Started(Process process, Path out, Path err) {
        Ended end() throws IOException, InterruptedException {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
            return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
        }
    }

    @BeforeAll
    static void copy() throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        project = directory.resolve("a project"); // paths have spaces
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path from, BasicFileAttributes a) throws IOException {
                if (NOT_COPIED.contains(from.getFileName().toString())) return FileVisitResult.SKIP_SUBTREE;
                Files.createDirectories(project.resolve(root.relativize(from).toString()));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path from, BasicFileAttributes a) throws IOException {
                Files.copy(from, project.resolve(root.relativize(from).toString()));
                return FileVisitResult.CONTINUE;
            }
        });
        project.resolve("convzoo").toFile().setExecutable(true);
    }

    private static Started start(Map<String, String> environment, Path in, Object... command) throws IOException {
        Path out = Files.createTempFile(directory, "out", ""), err = Files.createTempFile(directory, "err", "");
        List<String> words = new ArrayList<>();
        for (Object word : command) words.add(word.toString());
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(environment);
        return new Started(builder.start(), out, err);
    }

    private static Ended convzoo(Object... words) throws IOException, InterruptedException {
        return convzoo(Map.of(), words);
    }

    private static Ended convzoo(Map<String, String> environment, Object... words)
            throws IOException, InterruptedException {
        return start(
                        environment,
                        directory,
                        Stream.concat(Stream.of(project.resolve("convzoo")), Stream.of(words))
                                .toArray())
                .end();
    }

    @Test
    @Order(1)
    void twoFirstCallsAtOnceBuildOnce() throws IOException, InterruptedException {
        Started one = start(Map.of(), directory, project.resolve("convzoo"), "list", "lenet");
        Started other = start(Map.of(), directory, project.resolve("convzoo"), "list", "lenet");

        List<Ended> both = List.of(one.end(), other.end());

        assertThat(both).allSatisfy(e -> {
            assertThat(e.code()).as(e.err()).isZero();
            assertThat(e.out()).contains("LeNet");
        });
        assertThat(both).filteredOn(Ended::built).hasSize(1);
    }

    @Test
    @Order(2)
    void laterCallsStartAtOnce() throws IOException, InterruptedException {
        Files.setLastModifiedTime(project.resolve("pom.xml"), FileTime.from(Instant.now()));

        Ended again = start(Map.of(), directory, project.resolve("convzoo"), "list", "lenet")
                .end();

        assertThat(again.err()).as("nothing is built, nothing said").isEmpty();
        assertThat(again.out()).contains("LeNet");
        try (var files = Files.find(
                project.resolve(".convzoo"), 4, (f, x) -> f.toString().endsWith(".jsa"))) {
            assertThat(files).as("classes in the form that starts fast").isNotEmpty();
        }
    }

    @Test
    @Order(3)
    void worksFromElsewhereThroughALink() throws IOException, InterruptedException {
        Path link = Files.createSymbolicLink(directory.resolve("zoo"), project.resolve("convzoo"));
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("none.json"), "{}");

        Ended ended = start(Map.of(), elsewhere, link, "verify", "none.json").end();

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out()).isEqualTo("none.json: no reference file of a network, of operators or of pixels\n");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    @Order(4)
    @EnabledIf("hasJava25")
    void runsOnJava25WithoutWarnings() throws IOException, InterruptedException {
        Map<String, String> java25 = Map.of("JAVA_HOME", JAVA_25.toString());
        convzoo(java25, "list");

        Ended ended = convzoo(java25, "doctor");

        assertThat(ended.code()).as(ended.out()).isZero();
        assertThat(ended.out()).startsWith("system ").contains("java      25");
        assertThat(ended.err()).isEmpty();
    }

    static boolean hasJava25() {
        return Files.exists(JAVA_25);
    }

    private static Path java25() {
        try (Stream<Path> all = Files.list(Path.of("/usr/lib/jvm"))) {
            return all.filter(p -> p.getFileName().toString().contains("25"))
                    .findFirst()
                    .orElse(Path.of("none"));
        } catch (IOException e) {
            return Path.of("none");
        }
    }

    @Test
    @Order(5)
    void aChangedSourceIsBuiltAndOneThatIsBackIsNot() throws IOException, InterruptedException {
        Path source = project.resolve("cli/src/main/java/org/convzoo/cli/ListCommand.java");
        String before = Files.readString(source);

        Files.writeString(source, before.replace("\"paper\")", "\"publication\")"));
        Ended changed = convzoo("list", "lenet");
        assertThat(changed.built()).isTrue();
        assertThat(changed.out()).contains("publication");

        Files.writeString(source, before);
        Ended back = convzoo("list", "lenet");
        assertThat(back.built()).isFalse();
        assertThat(back.out()).contains("paper");
    }

    @Test
    @Order(6)
    void aBrokenSourceNamesThePlaceAndTheLog() throws IOException, InterruptedException {
        Path broken = project.resolve("cli/src/main/java/org/convzoo/cli/Broken.java");
        Files.writeString(broken, "class Broken {");

        Ended ended = convzoo("list");

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("Broken.java", "convzoo: the build failed", ".convzoo/build.log");
        assertThat(ended.out()).isEmpty();
        Files.delete(broken);
        assertThat(convzoo("list").built()).isFalse();
    }

    @Test
    @Order(7)
    void saysWhatIsMissing() throws IOException, InterruptedException {
        assertThat(convzoo(Map.of("JAVA_HOME", "/nowhere"), "list").err()).contains("JAVA_HOME is /nowhere");

        Path bin = Files.createDirectory(directory.resolve("bin"));
        for (String tool : List.of("bash", "dirname", "readlink", "find", "sort", "cksum", "mkdir", "flock", "rm"))
            Files.copy(Path.of("/usr/bin", tool), bin.resolve(tool), StandardCopyOption.COPY_ATTRIBUTES);
        Ended noJava = convzoo(Map.of("PATH", bin.toString(), "JAVA_HOME", ""), "list");
        assertThat(noJava.code()).isEqualTo(1);
        assertThat(noJava.err()).startsWith("convzoo: Java is missing; install a JDK 17 or newer");

        Files.writeString(project.resolve("cli/src/main/java/org/convzoo/cli/New.java"), "");
        Ended noMaven = convzoo(Map.of("PATH", bin.toString(), "JAVA_HOME", System.getProperty("java.home")), "list");
        assertThat(noMaven.code()).isEqualTo(1);
        assertThat(noMaven.err()).contains("convzoo: Maven is missing; install it");
    }
}
