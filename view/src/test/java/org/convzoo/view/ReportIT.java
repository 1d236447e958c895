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
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page in a real browser, at the width of a desktop and of a phone. Must run where CI is set. */
class ReportIT {
    /** Put into a copy of the page, which by itself runs no script: looks around, follows a link and tells its frame. */
    private static final String PROBE = """
            <script>
            let refused = 0;
            addEventListener('securitypolicyviolation', () => refused++);
            addEventListener('load', async () => {
              const all = s => [...document.querySelectorAll(s)];
              const shown = () => all('.group').filter(g => getComputedStyle(g).display !== 'none');
              const hidden = shown().length === 0;
              document.querySelector('table.confusion td.wrong a, .pairs a').click();
              await new Promise(r => setTimeout(r, 100));
              const seen = {
                headings: all('h2').map(h => h.textContent),
                verdict: all('.verdict strong').map(v => v.textContent),
                diagram: all('img.diagram').map(i => i.getBoundingClientRect().width / i.naturalWidth),
                pictures: all('.mistakes img').map(i => i.naturalWidth),
                broken: all('img').filter(i => i.naturalWidth === 0).length,
                curves: all('svg').map(s => s.getBoundingClientRect().height),
                cells: all('table.confusion tbody td').length,
                hidden,
                shown: shown().map(g => g.id),
                behind: shown().flatMap(g => [...g.querySelectorAll('img')]).filter(i => i.width > 40).length,
                lost: all('a').filter(a => !document.getElementById(a.getAttribute('href').slice(1))).length,
                cut: Math.max(...all('.scroll:has(> .results)').map(s => s.scrollWidth - s.clientWidth)),
                width: innerWidth,
                overflow: document.scrollingElement.scrollWidth - innerWidth,
                loaded: performance.getEntriesByType('resource').filter(r => !r.name.startsWith('data:')).length,
                refused};
              parent.postMessage(btoa(unescape(encodeURIComponent(JSON.stringify(seen)))), '*');
            });
            </script>
            """;

    /** A browser's window is never as narrow as a phone, a frame in it may be. */
    private static final String FRAME = """
            <!DOCTYPE html>
            <iframe src="%s" width="%d" height="900" style="border:0"></iframe>
            <script>addEventListener('message', m => document.documentElement.dataset.seen = m.data);</script>
            """;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {1280, 390})
    void opensWholeAndLoadsNothing(int width) throws IOException, InterruptedException {
        List<String> labels =
                List.of("dress", "hat", "longsleeve", "an <o>utwear & 'more' \"", "x".repeat(300), "shoes", "shorts");
        JsonNode seen = seen(labels, width);

        assertThat(texts(seen.path("headings")))
                .containsExactly(
                        "How it learned",
                        "What is taken for what",
                        "Class by class",
                        "Mistaken, doubtful, right",
                        "How sure it may be",
                        "What it learned from",
                        "The network",
                        "The network, layer by layer",
                        "The recipe",
                        "How it was made",
                        "How to go on");
        assertThat(texts(seen.path("verdict"))).hasSize(1).allMatch(v -> v.contains("kept epoch"));
        // on a phone, too, the figure's letters keep about the size that they are drawn in
        assertThat(seen.path("diagram")).hasSize(1).allMatch(scale -> scale.asDouble() > 0.8);
        assertThat(texts(seen.path("pictures"))).hasSizeGreaterThan(5).containsOnly("64");
        assertThat(seen.path("broken").asInt()).isZero();
        assertThat(seen.path("curves")).hasSize(4).allMatch(h -> h.asDouble() > 100);
        assertThat(seen.path("cells").asInt()).isEqualTo(7 * 7);
        assertThat(seen.path("lost").asInt()).isZero();
        assertThat(seen.path("hidden").asBoolean()).isTrue();
        assertThat(texts(seen.path("shown"))).hasSize(1).allMatch(id -> id.matches("is-\\d-said-\\d"));
        assertThat(seen.path("behind").asInt()).isPositive();
        assertThat(seen.path("cut").asInt())
                .as("how much of the table of classes is out of sight")
                .isLessThanOrEqualTo(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 40})
    void fewAndManyClassesFitAPhone(int classes) throws IOException, InterruptedException {
        List<String> labels =
                IntStream.range(0, classes).mapToObj(k -> "class_" + k).toList();
        assertThat(seen(labels, 390).path("cells").asInt()).isEqualTo(classes * classes);
    }

    /** Without a matrix to click on, the first of the most frequent mistakes is followed. */
    @ParameterizedTest
    @ValueSource(ints = {1280, 390})
    void twoHundredClassesFitADesktopAndAPhone(int width) throws IOException, InterruptedException {
        List<String> labels = IntStream.range(0, 200)
                .mapToObj(k -> "class_" + k + (k % 3 == 0 ? "_with_a_rather_long_name_of_its_own" : ""))
                .toList();
        JsonNode seen = seen(labels, width);
        assertThat(seen.path("cells").asInt()).isZero();
        assertThat(seen.path("hidden").asBoolean()).isTrue();
        assertThat(texts(seen.path("shown"))).hasSize(1);
        assertThat(seen.path("cut").asInt())
                .as("how much of the table of classes is out of sight")
                .isLessThanOrEqualTo(0);
    }

    /** What the probe saw, of a page that is as wide as its window, loads nothing and breaks no rule. */
    private JsonNode seen(List<String> labels, int width) throws IOException, InterruptedException {
        new Report().write(Sample.run(directory, "resnet18", labels, 64, 3, 20));
        Path probed = directory.resolve("probed.html"), frame = directory.resolve("frame.html");
        Files.writeString(
                probed,
                Files.readString(directory.resolve(Report.FILE))
                        .replace("default-src 'none';", "default-src 'none'; script-src 'unsafe-inline';")
                        .replace("</head>", PROBE + "</head>"));
        Files.writeString(frame, FRAME.formatted(probed.toUri(), width));

        JsonNode seen = open(frame);
        assertThat(seen.path("width").asInt()).isEqualTo(width);
        assertThat(seen.path("overflow").asInt()).isLessThanOrEqualTo(0);
        assertThat(seen.path("loaded").asInt()).isZero();
        assertThat(seen.path("refused").asInt()).isZero();
        return seen;
    }

    private JsonNode open(Path page) throws IOException, InterruptedException {
        Path out = directory.resolve("dom"), log = directory.resolve("log");
        Process browser = new ProcessBuilder(
                        chromium(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--enable-logging=stderr",
                        "--user-data-dir=" + directory.resolve("profile"),
                        "--window-size=1400,1000",
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
        assertThat(log).content().as("errors in the browser's console").doesNotContain("CONSOLE");
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
