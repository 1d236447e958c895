package org.convzoo.cli;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The README, and the pages on speed, weights and Java, say what is so. */
class ReadmeTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    private static String readme() throws IOException {
        return Files.readString(ROOT.resolve("README.md"));
    }

    @Test
    void theTableOfFamiliesIsTheCatalogues() throws IOException {
        String table = readme().replaceAll("(?s).*<!-- families -->\n(.*)<!-- /families -->.*", "$1");

        assertThat(table).as("copy what is expected").isEqualTo(families());
        assertThat(readme())
                .contains(Models.all().size() + " networks of " + byFamily().size() + " families");
    }

    private static Map<String, List<Architecture>> byFamily() {
        return Models.all().stream().collect(groupingBy(Architecture::family, LinkedHashMap::new, toList()));
    }

    /** A row a family, in the order of their papers. */
    private static String families() {
        var table = new StringBuilder("| family | year | papers | networks |\n| --- | --- | --- | --- |\n");
        byFamily()
                .forEach((family, networks) -> table.append("| [%s](docs/networks/%s) | %s | %s | %s |\n"
                        .formatted(
                                family,
                                NetworkPagesTest.page(family).getFileName(),
                                years(networks),
                                papers(networks),
                                names(networks))));
        return table.toString();
    }

    private static String years(List<Architecture> networks) {
        IntSummaryStatistics years =
                networks.stream().mapToInt(Architecture::year).summaryStatistics();
        return years.getMin() == years.getMax() ? "" + years.getMin() : years.getMin() + " to " + years.getMax();
    }

    private static String papers(List<Architecture> networks) {
        return networks.stream()
                .map(Architecture::paper)
                .distinct()
                .map(ReadmeTest::linked)
                .collect(joining("; "));
    }

    private static String names(List<Architecture> networks) {
        List<String> names = networks.stream().map(n -> "`" + n.name() + "`").toList();
        return names.size() < 3
                ? String.join(", ", names)
                : "%s … %s (%s)".formatted(names.get(0), names.get(names.size() - 1), names.size());
    }

    private static String linked(String paper) {
        return paper.matches("[\\d.]+") ? "[" + paper + "](https://arxiv.org/abs/" + paper + ")" : paper;
    }

    @ParameterizedTest
    @CsvSource({"README.md, 1", "docs/speed.md, 1", "docs/weights.md, 1", "docs/java.md, 3"})
    void itsJavaCompiles(String page, int examples) throws IOException {
        String compiled = Files.readString(Path.of("src/test/java/org/convzoo/cli/Snippets.java"));
        List<String> blocks = Pattern.compile("(?s)```java\n(.*?)```")
                .matcher(Files.readString(ROOT.resolve(page)))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();

        assertThat(blocks).hasSize(examples);
        for (String block : blocks) assertThat(compiled).contains(block.indent(8));
    }

    @Test
    void whatItNamesExists() throws IOException {
        Pattern.compile("(?:\\]\\(|resources/|docs/)([\\w./-]+)")
                .matcher(readme())
                .results()
                .map(link -> link.group().startsWith("](") ? link.group(1) : link.group())
                .filter(name -> name.matches("(docs/)?\\w+\\.\\w+"))
                .forEach(name -> assertThat(ROOT.resolve(name)).exists());
    }

    @Test
    void theNetworkThatItWritesIsOne() {
        assertThatCode(Snippets::write).doesNotThrowAnyException();
    }
}
