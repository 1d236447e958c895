package org.convzoo.pretrained;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.convzoo.json.Field;

/**
 * A Python package index: PyPI, or the one that pip is told to use by {@code PIP_INDEX_URL} or its configuration file. It
 * is asked for the address of a file by the "simple" protocol (PEP 503 and 691).
 */
final class PythonIndex {
    private static final String PYPI = "https://pypi.org/simple", JSON = "application/vnd.pypi.simple.v1+json";
    private static final Pattern SETTING = Pattern.compile("\\s*index-url\\s*[=:]\\s*(\\S+)\\s*");
    private static final Pattern LINK = Pattern.compile("<a\\s[^>]*href=[\"']([^\"']+)[\"'][^>]*>\\s*([^<]+?)\\s*</a>");

    private PythonIndex() {}

    /** The index that pip would ask. */
    static URI usual(Map<String, String> environment) {
        String home = System.getProperty("user.home");
        String given = environment.getOrDefault("PIP_INDEX_URL", "");
        Optional<String> configured = Stream.of(
                        environment.getOrDefault("PIP_CONFIG_FILE", ""),
                        home + "/.config/pip/pip.conf",
                        home + "/.pip/pip.conf",
                        "/etc/pip.conf")
                .filter(file -> !file.isBlank())
                .flatMap(file -> configured(Path.of(file)).stream())
                .findFirst();
        return URI.create((given.isBlank() ? configured.orElse(PYPI) : given).replaceFirst("/*$", "/"));
    }

    private static Optional<String> configured(Path file) {
        try {
            return Files.isRegularFile(file)
                    ? Files.readAllLines(file).stream()
                            .map(SETTING::matcher)
                            .filter(Matcher::matches)
                            .map(m -> m.group(1))
                            .findFirst()
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Where a project's file is. */
    static URI address(Web web, URI index, String project, String file)
            throws Refused, IOException, InterruptedException {
        URI page = index.resolve(project + "/");
        String text = web.text(page, JSON + ", text/html;q=0.1");
        Stream<String[]> links = text.stripLeading().startsWith("{")
                ? Field.parse(text).at("files").list().stream().map(f ->
                        new String[] {f.at("url").text(), f.at("filename").text()})
                : LINK.matcher(text).results().map(m -> new String[] {m.group(1), m.group(2)});
        return links.filter(link -> link[1].equals(file))
                .map(link -> page.resolve(link[0].replaceFirst("#.*", "").replace("&amp;", "&")))
                .findFirst()
                .orElseThrow(() -> new Refused(page + " does not have it"));
    }
}
