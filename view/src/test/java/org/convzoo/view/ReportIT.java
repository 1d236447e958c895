package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page in a real browser, at the width of a desktop and about that of a phone. Must run where CI is set. */
class ReportIT {
    /** Put into a copy of the page, which by itself runs no script. */
    private static final String PROBE = """
            <script>
            let refused = 0;
            addEventListener('securitypolicyviolation', () => refused++);
            addEventListener('load', () => {
              const all = s => [...document.querySelectorAll(s)];
              document.documentElement.dataset.seen = btoa(unescape(encodeURIComponent(JSON.stringify({
                headings: all('h2').map(h => h.textContent),
                diagram: all('img.diagram').map(i => i.naturalWidth),
                pictures: all('.mistakes img').map(i => i.naturalWidth),
                curves: all('svg').map(s => s.getBoundingClientRect().height),
                cells: all('table.confusion tbody td').length,
                overflow: document.scrollingElement.scrollWidth - innerWidth,
                loaded: performance.getEntriesByType('resource').filter(r => !r.name.startsWith('data:')).length,
                refused}))));
            });
            </script>
            """;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {1280, 500})
    void opensWholeAndLoadsNothing(int width) throws IOException, InterruptedException {
        List<String> labels = List.of("dress", "hat", "longsleeve", "outwear", "pants", "shoes", "shorts");
        new Report().write(Sample.run(directory, "resnet18", labels, 64, 3, 20));
        Path page = directory.resolve(Report.FILE);
        Path probed = directory.resolve("probed.html");
        Files.writeString(
                probed,
                Files.readString(page)
                        .replace("default-src 'none';", "default-src 'none'; script-src 'unsafe-inline';")
                        .replace("</head>", PROBE + "</head>"));

        JsonNode seen = open(probed, width);

        assertThat(texts(seen.path("headings")))
                .containsExactly(
                        "How it learned",
                        "What is taken for what",
                        "Class by class",
                        "The worst mistakes",
                        "The network",
                        "The network, layer by layer",
                        "How it was made",
                        "How to go on");
        assertThat(seen.path("diagram")).hasSize(1).allMatch(w -> w.asInt() > 500);
        assertThat(texts(seen.path("pictures"))).hasSizeGreaterThan(5).containsOnly("64");
        assertThat(seen.path("curves")).hasSize(3).allMatch(h -> h.asDouble() > 100);
        assertThat(seen.path("cells").asInt()).isEqualTo(7 * 7);
        assertThat(seen.path("overflow").asInt()).isLessThanOrEqualTo(0);
        assertThat(seen.path("loaded").asInt()).isZero();
        assertThat(seen.path("refused").asInt()).isZero();
    }

    private JsonNode open(Path page, int width) throws IOException, InterruptedException {
        Path out = directory.resolve("dom"), log = directory.resolve("log");
        Process browser = new ProcessBuilder(
                        chromium(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--user-data-dir=" + directory.resolve("profile"),
                        "--window-size=" + width + ",900",
                        "--virtual-time-budget=5000",
                        "--dump-dom",
                        page.toUri().toString())
                .redirectOutput(out.toFile())
                .redirectError(log.toFile())
                .start();
        if (!browser.waitFor(60, TimeUnit.SECONDS)) {
            browser.destroyForcibly();
            fail("Chromium does not end: " + Files.readString(log));
        }
        Matcher seen = Pattern.compile("data-seen=\"([^\"]+)\"").matcher(Files.readString(out));
        assertThat(seen.find()).as(Files.readString(log)).isTrue();
        byte[] json = Base64.getDecoder().decode(seen.group(1));
        return new ObjectMapper().readTree(new String(json, StandardCharsets.UTF_8));
    }

    private static String chromium() {
        for (String name : List.of("chromium", "chromium-browser", "google-chrome")) {
            for (String place : System.getenv("PATH").split(File.pathSeparator)) {
                if (Files.isExecutable(Path.of(place, name)))
                    return Path.of(place, name).toString();
            }
        }
        String missing = "there is no Chromium on PATH";
        if (System.getenv("CI") != null) fail(missing);
        return abort(missing);
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).toList();
    }
}
