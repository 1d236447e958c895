package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Links between the project's pages, and from them to its files, lead somewhere. */
class LinksTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");

    /** The Markdown files at the root, in docs, and among the tests' resources. */
    static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String folder : List.of("", "docs", "core/src", "cli/src")) {
            int depth = folder.isEmpty() ? 1 : Integer.MAX_VALUE;
            try (Stream<Path> files = Files.walk(ROOT.resolve(folder), depth)) {
                files.filter(f -> f.toString().endsWith(".md")).forEach(pages::add);
            }
        }
        return pages;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void itsLinksLeadSomewhere(Path page) throws IOException {
        assertThat(broken(page)).isEmpty();
    }

    @Test
    void allPagesAreLookedAt() throws IOException {
        assertThat(pages())
                .contains(
                        ROOT.resolve("README.md"), ROOT.resolve("docs/speed.md"), ROOT.resolve("docs/networks/vgg.md"));
    }

    @Test
    void whatLeadsNowhereIsFound() throws IOException {
        Path page = Files.createTempFile("page", ".md");
        try {
            Files.writeString(
                    page,
                    "# A `b`: c-d, e!\n# A b\n# A b\n[](#a-b-c-d-e) [](#a-b-1) [](https://x.org/y) [](#a-b-2) [](none.md)\n"
                            + "```\n# No heading\n[](in-code.md)\n```\n[](#no-heading)\n");
            assertThat(broken(page)).containsExactly("#a-b-2", "none.md", "#no-heading");
        } finally {
            Files.delete(page);
        }
    }

    private static List<String> broken(Path page) throws IOException {
        return LINK.matcher(words(page))
                .results()
                .map((MatchResult link) -> link.group(1))
                .filter(link -> !link.matches("(?:https?|mailto):.*"))
                .filter(link -> !leads(page, link))
                .toList();
    }

    private static boolean leads(Path page, String link) {
        String[] parts = link.split("#", 2);
        Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
        if (!Files.exists(file)) return false;
        try {
            return parts.length == 1 || anchors(file).contains(parts[1]);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A page without its blocks of code. */
    private static String words(Path page) throws IOException {
        return Files.readString(page).replaceAll("(?ms)^```.*?^```$", "");
    }

    /** What GitHub makes of headings: lower case, without punctuation, hyphens for blanks, numbered where they repeat. */
    private static Set<String> anchors(Path page) throws IOException {
        Map<String, Integer> anchors = new HashMap<>();
        Pattern.compile("(?m)^#{1,6} (.*)$").matcher(words(page)).results().forEach(heading -> {
            String anchor = heading.group(1)
                    .replaceAll("\\[(.*?)]\\(.*?\\)", "$1")
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                    .replace(' ', '-');
            int same = anchors.merge(anchor, 1, Integer::sum);
            if (same > 1) anchors.put(anchor + "-" + (same - 1), 1);
        });
        return anchors.keySet();
    }
}
