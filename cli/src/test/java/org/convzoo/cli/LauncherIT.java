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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
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
    @Order(4)
    void aNumberOfThreadsThatIsNoneIsOneLine() throws IOException, InterruptedException {
        for (String wrong : List.of("8000", "abc", "0", "-1", "1.5", "2 3", "99999999999999999999")) {
            Ended ended = convzoo(Map.of("CONVZOO_THREADS", wrong), "list");
            assertThat(ended.code()).as(wrong).isEqualTo(2);
            assertThat(ended.err().lines()).as(ended.err()).hasSize(1);
            assertThat(ended.err()).contains("CONVZOO_THREADS is '" + wrong + "'", "from 1 to ");
        }
        assertThat(convzoo(Map.of("OMP_NUM_THREADS", "many"), "list").err()).contains("OMP_NUM_THREADS is 'many'");
        assertThat(convzoo(Map.of("CONVZOO_THREADS", "3"), "doctor").out()).contains("3 threads to compute with");
    }

    @Test
    @Order(4)
    void whatCannotBeWrittenFails() throws IOException, InterruptedException {
        for (String command : List.of("list", "list --json", "show lenet", "claims", "doctor", "--help")) {
            Ended full = start(
                            Map.of(),
                            directory,
                            "bash",
                            "-c",
                            "\"$0\" " + command + " >/dev/full",
                            project.resolve("convzoo"))
                    .end();
            assertThat(full.code()).as(command).isEqualTo(1);
            assertThat(full.err().lines()).as(full.err()).hasSize(1);
            assertThat(full.err()).contains("convzoo: standard output: ", "No space left");
        }
        Ended pipe = start(
                        Map.of(),
                        directory,
                        "bash",
                        "-c",
                        "set -o pipefail; \"$0\" list --json | head -1",
                        project.resolve("convzoo"))
                .end();
        assertThat(pipe.err()).as("whoever reads has seen enough").isEmpty();
        assertThat(pipe.out()).isEqualTo("[ {\n");
        Ended both = start(
                        Map.of(),
                        directory,
                        "bash",
                        "-c",
                        "\"$0\" list >/dev/full 2>/dev/full",
                        project.resolve("convzoo"))
                .end();
        assertThat(both.code()).isEqualTo(1);
        Ended closed = start(Map.of(), directory, "bash", "-c", "\"$0\" list >&- 2>&-", project.resolve("convzoo"))
                .end();
        assertThat(closed.code()).isZero();
    }

    @Test
    @Order(99)
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
        Files.delete(project.resolve("cli/src/main/java/org/convzoo/cli/New.java"));
    }

    /** What takes long: other builds, breaks and interruptions, and every locale. */
    @Nested
    @Tag("thorough")
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    class Builds {
        @BeforeAll
        static void build() throws IOException, InterruptedException {
            assertThat(convzoo("list").code()).isZero();
        }

        /** The folder of the only build so far. */
        private static Path only() throws IOException {
            try (Stream<Path> builds = Files.list(project.resolve(".convzoo/builds"))) {
                return builds.findFirst().orElseThrow();
            }
        }

        private static Path archive() throws IOException {
            return only().resolve("classes-" + System.getProperty("java.version") + ".jsa");
        }

        /** Sends a signal to a launcher and all that it started, as a terminal does. */
        private static Ended interrupt(Started started, String signal, String when)
                throws IOException, InterruptedException {
            while (started.process().isAlive()
                    && !Files.readString(started.err()).contains(when)) Thread.sleep(10);
            new ProcessBuilder(
                            "kill", "-" + signal, "--", "-" + started.process().pid())
                    .start()
                    .waitFor();
            return started.end();
        }

        /** Names that are not ASCII are read, given and written under every locale. */
        @ParameterizedTest
        @Order(4)
        @ValueSource(
                strings = {
                    "LC_ALL=C",
                    "LC_ALL=POSIX",
                    "LC_ALL=",
                    "LC_ALL=C.UTF-8",
                    "LC_ALL=tr_TR.UTF-8",
                    "LC_ALL=de_DE.ISO-8859-1",
                    "LC_ALL=xx_YY.UTF-8",
                    "LC_CTYPE=C"
                })
        void namesKeepTheirLetters(String setting) throws IOException, InterruptedException {
            List<String> javas = new ArrayList<>(List.of(System.getProperty("java.home")));
            if (hasJava25()) javas.add(JAVA_25.toString());
            for (String java : javas) {
                // Made by a shell, as this Java may not be able to.
                String folder = "ДА-" + setting.replaceAll("\\W", "") + javas.indexOf(java);
                List<String> bash = List.of(
                        "env",
                        "-u",
                        "LANG",
                        "-u",
                        "LC_ALL",
                        setting,
                        "JAVA_HOME=" + java,
                        "bash",
                        "-c",
                        """
                        mkdir -p $'\\xd0\\x94\\xd0\\x90' && cd $'\\xd0\\x94\\xd0\\x90' &&
                        echo '{}' >$'\\xc3\\xa4.json' && "$0" verify $'\\xc3\\xa4.json'
                        "$0" show lenet --svg $'\\xc3\\xb6.svg' && test -s $'\\xc3\\xb6.svg'
                        """,
                        project.resolve("convzoo").toString());
                Path in = Files.createDirectory(directory.resolve(folder.replaceAll("[^\\x00-\\x7f]", "")));

                Ended ended = start(Map.of(), in, bash.toArray()).end();

                assertThat(ended.out())
                        .as(setting)
                        .isEqualTo("ä.json: no reference file of a network, of operators or of pixels\n");
                assertThat(ended.err()).as(setting).contains("drawn: ö.svg");
                assertThat(ended.code()).as(setting + ended.err()).isZero();
            }
        }

        @Test
        @Order(4)
        void aBrokenArchiveOfClassesIsMadeAgain() throws IOException, InterruptedException {
            Path archive = archive(), sum = archive.resolveSibling(archive.getFileName() + ".sum");
            byte[] whole = Files.readAllBytes(archive), flipped = whole.clone();
            for (int i = 0; i < flipped.length; i += 9973) flipped[i] ^= 1;
            for (byte[] broken : List.of(new byte[0], Arrays.copyOf(whole, whole.length / 2), flipped)) {
                Files.delete(archive);
                Files.write(archive, broken);

                Ended ended = convzoo("list", "lenet");

                assertThat(ended.code()).as(ended.out()).isZero();
                assertThat(ended.out()).contains("LeNet");
                assertThat(ended.err()).isEqualTo("convzoo: preparing a quick start\n");
                assertThat(archive).isNotEmptyFile();
                assertThat(sum).isNotEmptyFile();
            }
            assertThat(convzoo("list", "lenet").err()).isEmpty();
        }

        @Test
        @Order(4)
        void anInterruptionEndsThePreparationAndLeavesNothing() throws IOException, InterruptedException {
            for (String signal : List.of("INT", "TERM", "HUP")) {
                Path archive = archive(), build = only();
                Files.delete(archive);
                Files.delete(archive.resolveSibling(archive.getFileName() + ".sum"));
                Started started = start(
                        Map.of(),
                        directory,
                        "env",
                        "--default-signal",
                        "setsid",
                        project.resolve("convzoo"),
                        "list",
                        "lenet");

                Ended ended = interrupt(started, signal, "preparing");

                assertThat(ended.code())
                        .isEqualTo(Map.of("INT", 130, "TERM", 143, "HUP", 129).get(signal));
                assertThat(ended.out()).isEmpty();
                try (Stream<Path> files = Files.list(build)) {
                    assertThat(files.map(f -> f.getFileName().toString()))
                            .as("nothing half made")
                            .noneMatch(f -> f.startsWith(".") || f.contains(System.getProperty("java.version")));
                }
                assertThat(convzoo("list", "lenet").out()).contains("LeNet");
                assertThat(archive()).isNotEmptyFile();
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
        @Order(6)
        void aBrokenJarIsBuiltAgainAndAnInterruptedBuildLeavesNothing() throws IOException, InterruptedException {
            try (Stream<Path> files = Files.find(project.resolve(".convzoo/builds"), 2, (f, x) -> f.toString()
                    .contains("convzoo-core"))) {
                for (Path jar : files.toList()) Files.write(jar, new byte[1000]);
            }
            Started started = start(
                    Map.of(),
                    directory,
                    "env",
                    "--default-signal",
                    "setsid",
                    project.resolve("convzoo"),
                    "list",
                    "lenet");

            Ended ended = interrupt(started, "INT", "Maven starts");

            assertThat(ended.code()).isEqualTo(130);
            try (Stream<Path> builds = Files.list(project.resolve(".convzoo/builds"))) {
                assertThat(builds.map(f -> f.getFileName().toString())).noneMatch(f -> f.startsWith("."));
            }

            Ended again = convzoo("list", "lenet");
            assertThat(again.built()).isTrue();
            assertThat(again.out()).contains("LeNet");
        }
    }
}
