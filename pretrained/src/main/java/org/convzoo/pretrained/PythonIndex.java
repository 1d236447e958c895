package org.convzoo.pretrained;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    private static final Pattern LINK = Pattern.compile("<a\\s[^>]*?href=[\"']([^\"']+)[\"']");

    private PythonIndex() {}

    /** The index that pip would ask. */
    static URI usual(Map<String, String> environment) throws Refused {
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
        try {
            return URI.create((given.isBlank() ? configured.orElse(PYPI) : given).replaceFirst("/*$", "/"));
        } catch (IllegalArgumentException e) { // whose message may have a password
            throw new Refused("what pip is told to use as its index is no address");
        }
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

    /** Where a project's file is: on a server, by HTTPS where the index itself is asked so. */
    static URI address(Web web, URI index, String project, String file)
            throws Refused, IOException, InterruptedException {
        URI page = index.resolve(project + "/");
        String text = web.text(page, JSON + ", text/html;q=0.1"), where = Web.shown(page);
        try {
            String link = (text.stripLeading().startsWith("{") ? inJson(text, file) : inPage(text, file))
                    .orElseThrow(() -> new Refused(where + " does not have it"));
            URI address = page.resolve(link.replaceFirst("#.*", "").replace("&amp;", "&"));
            if (!List.of("https", page.getScheme()).contains(address.getScheme()))
                throw new Refused(where + " says that it is at " + Web.shown(address) + ", which is not followed");
            return address;
        } catch (IllegalArgumentException e) {
            throw new Refused(where + " cannot be understood (" + e.getMessage() + ")", e);
        }
    }

    private static Optional<String> inJson(String text, String file) {
        for (Field f : Field.parse(text).at("files").list())
            if (f.at("filename").text().equals(file))
                return Optional.of(f.at("url").text());
        return Optional.empty();
    }

    /** The address in the link around the file's name. */
    private static Optional<String> inPage(String text, String file) {
        for (String before : text.split("</a>")) {
            int end = before.lastIndexOf('>'), start = before.lastIndexOf('<', Math.max(end, 0));
            if (start < 0 || !before.substring(end + 1).strip().equals(file)) continue;
            Matcher link = LINK.matcher(before.substring(start, end));
            if (link.lookingAt()) return Optional.of(link.group(1));
        }
        return Optional.empty();
    }
}
