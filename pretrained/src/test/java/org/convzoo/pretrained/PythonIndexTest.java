package org.convzoo.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pages of package indexes, sound and hostile. */
class PythonIndexTest {
    private FileServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FileServer(new byte[0]);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String asked(String page) throws Refused, IOException, InterruptedException {
        server.content = page.getBytes(StandardCharsets.UTF_8);
        Web web = Web.open(Duration.ofSeconds(10));
        return PythonIndex.address(web, server.address().resolve("simple/"), "weights", "a-1.whl")
                .toString();
    }

    private void assertRefused(String page, String... parts) {
        assertThatThrownBy(() -> asked(page))
                .isInstanceOf(Refused.class)
                .hasMessageStartingWith(server.address() + "simple/weights/ ")
                .hasMessageContainingAll(parts)
                .message()
                .hasLineCount(1);
    }

    @Test
    void theLinkAroundTheNameIsTaken() throws Exception {
        String html = """
                <!DOCTYPE html><html><body><h1>Links</h1>
                <a href="../../b/a-1.whl.metadata">a-1.whl.metadata</a><br>
                <a data-x="1" href='../../b/a-1.whl?x=1&amp;y=2#sha256=0' rel="internal">
                  a-1.whl </a><br>
                <a href="../../b/a-2.whl">a-2.whl</a></body></html>
                """;
        assertThat(asked(html)).isEqualTo(server.address() + "b/a-1.whl?x=1&y=2");
        assertThat(asked("{\"files\": [{\"filename\": \"a-1.whl\", \"url\": \"https://there/a-1.whl\"}]}"))
                .isEqualTo("https://there/a-1.whl");
        assertThat(server.asked).containsOnly("/simple/weights/");
    }

    @Test
    void whatAPageShouldNotSayIsRefused() {
        assertRefused("", "does not have it");
        assertRefused("<a href='b'>b</a>", "does not have it");
        assertRefused("a-1.whl</a>", "does not have it");
        assertRefused("{\"files\": 7}", "cannot be understood (files");
        assertRefused("{\"fil", "cannot be understood");
        assertRefused("<a href='file:///etc/passwd'>a-1.whl</a>", "is at file:///etc/passwd, which is not followed");
        assertRefused("<a href='http://a b/c'>a-1.whl</a>", "cannot be understood");
    }

    @Test
    @Timeout(20)
    void longPagesTakeNoLongerThanTheirLength() {
        int most = 8 << 20;
        assertRefused("<a href='x'>" + " ".repeat(most), "does not have it");
        assertRefused("<a ".repeat(most / 3), "does not have it");
        assertRefused("<a href='x'>y</a>".repeat(most / 17), "does not have it");
        assertRefused("<a href=''>a-1.whl</a>".repeat(most / 22), "does not have it");
        assertRefused(" ".repeat(16 << 20) + " ", "goes on for more than 16 MiB");
    }

    @Test
    void anIndexThatIsNoAddressIsNotShown() {
        assertThatThrownBy(() -> PythonIndex.usual(Map.of("PIP_INDEX_URL", "https://me:sec ret@there/simple")))
                .isInstanceOf(Refused.class)
                .hasMessage("what pip is told to use as its index is no address");
    }

    @Test
    void theEnvironmentGoesFirst() throws Refused {
        assertThat(PythonIndex.usual(Map.of("PIP_INDEX_URL", "https://there/simple")))
                .isEqualTo(URI.create("https://there/simple/"));
    }
}
