package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.view.Diagram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages of docs/networks say and show what the program does; docs/networks/update makes them so. */
class NetworkPagesTest {
    private static final Path PAGES = Path.of("").toAbsolutePath().getParent().resolve("docs/networks");
    private static final Path SOURCES = PAGES.resolve("../../core/src/main/java/org/convzoo/models");
    private static final Pattern SOURCE = Pattern.compile("/models/(\\w+\\.java)\\)");
    private static final Pattern COMMAND = Pattern.compile("(?m)^    \\./convzoo train (\\w+)");
    private static final Pattern PICTURE = Pattern.compile("!\\[(.*)]\\((.*)\\.svg\\)");

    static Stream<String> families() {
        return Models.all().stream().map(Architecture::family).distinct();
    }

    static Path page(String family) {
        return PAGES.resolve(family.toLowerCase(java.util.Locale.ROOT).replace(' ', '_') + ".md");
    }

    @Test
    void theTableOfNetworksIsTheProgramsOwn() throws IOException {
        String table = Files.readString(PAGES.resolve("README.md"))
                .replaceAll("(?s).*<!-- table: convzoo list --markdown -->\n(.*)<!-- /table -->.*", "$1");

        assertThat(table)
                .as("run docs/networks/update")
                .isEqualTo(Cli.run("list", "--markdown").out());
    }

    @ParameterizedTest
    @MethodSource("families")
    void theTableOfVariantsIsTheProgramsOwn(String family) throws IOException {
        String table = Files.readString(page(family))
                .replaceAll(
                        "(?s).*<!-- table: convzoo list --markdown --family \"" + family
                                + "\" -->\n(.*)<!-- /table -->.*",
                        "$1");

        assertThat(table)
                .as("run docs/networks/update")
                .isEqualTo(Cli.run("list", "--markdown", "--family", family).out());
    }

    @ParameterizedTest
    @MethodSource("families")
    void thePicturesAreTheProgramsOwn(String family) throws IOException {
        List<String> shown = PICTURE.matcher(Files.readString(page(family)))
                .results()
                .map(picture -> picture.group(2))
                .toList();

        assertThat(shown).isNotEmpty();
        for (String name : shown) {
            assertThat(Models.named(name).family()).isEqualTo(family);
            assertThat(PAGES.resolve(name + ".svg"))
                    .as("run docs/networks/update")
                    .content()
                    .isEqualTo(Diagram.of(Models.named(name).graph()).svg());
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void theIdeaTakesFiveSentences(String family) throws IOException {
        String idea = Files.readString(page(family)).split("\n\n")[2];

        assertThat(idea.split("(?<=[.?])\\s+(?=[A-Z0-9])")).hasSize(5);
    }

    @ParameterizedTest
    @MethodSource("families")
    void itLinksItsSourceAndNamesNetworksOfItsOwn(String family) throws IOException {
        String page = Files.readString(page(family));

        assertThat(page).containsSubsequence("## The block\n\n```text\n", "In Java: [", "## What it reached here\n");
        assertThat(SOURCE.matcher(page).results().map(source -> source.group(1)))
                .anySatisfy(source ->
                        assertThat(Files.readString(SOURCES.resolve(source))).contains("Family(\"" + family + "\""));
        assertThat(COMMAND.matcher(page).results().map(command -> command.group(1)))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(Models.named(name).family()).isEqualTo(family));
    }

    @Test
    void theIndexNamesEachPageAndNoPictureIsLeftOver() throws IOException {
        String index = Files.readString(PAGES.resolve("README.md"));
        assertThat(families().map(f -> "- [" + f + "](" + page(f).getFileName() + ")"))
                .allMatch(index::contains);

        var pages = new StringBuilder();
        for (String family : families().toList()) pages.append(Files.readString(page(family)));
        try (Stream<Path> files = Files.list(PAGES)) {
            assertThat(files.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".svg")))
                    .allMatch(f -> pages.indexOf("(" + f + ")") >= 0);
        }
    }
}
