package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The README, and the pages on speed and on Java, say what is so. */
class ReadmeTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    private static String readme() throws IOException {
        return Files.readString(ROOT.resolve("README.md"));
    }

    @Test
    void theTableOfNetworksIsTheProgramsOwn() throws IOException {
        String table = readme().replaceAll("(?s).*<!-- networks: .*? -->\n(.*)<!-- /networks -->.*", "$1");

        assertThat(table)
                .as("print it anew with ./convzoo list --markdown")
                .isEqualTo(Cli.run("list", "--markdown").out());
    }

    @ParameterizedTest
    @CsvSource({"README.md, 3", "docs/speed.md, 1", "docs/java.md, 1"})
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
