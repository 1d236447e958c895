package org.convzoo.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands between a store and servers: encryption, proxies, room. */
class WebTest {
    @TempDir
    Path temp;

    private WeightsStore store() {
        return new WeightsStore(
                temp.resolve("store"), Optional.empty(), false, Duration.ofSeconds(10), WeightsStore.Listener.NONE);
    }

    /** A certificate for this machine, made by Java's own tool, and what trusts it. */
    private SSLContext certified() throws Exception {
        Path keys = temp.resolve("keys");
        new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "a",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1",
                        "-keystore",
                        keys.toString(),
                        "-storepass",
                        "secret")
                .redirectErrorStream(true)
                .redirectOutput(temp.resolve("keytool").toFile())
                .start()
                .waitFor();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, "secret".toCharArray());
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(store, "secret".toCharArray());
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }

    @Test
    void encryptedAddressesLeadToNoOthersAndHaveToBeTrusted() throws Exception {
        SSLContext before = SSLContext.getDefault(), context = certified();
        HttpsServer secure = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(context));
        try (FileServer plain = new FileServer(new byte[1000])) {
            secure.createContext("/", exchange -> {
                exchange.getResponseHeaders()
                        .set("Location", plain.address().resolve("a").toString());
                exchange.sendResponseHeaders(302, -1);
                exchange.close();
            });
            secure.start();
            Published weights = Published.named("resnet18")
                    .withSource(URI.create(
                            "https://127.0.0.1:" + secure.getAddress().getPort() + "/a"));

            assertThatThrownBy(() -> store().fetch(weights)).hasMessageContaining("127.0.0.1 cannot prove who it is");
            SSLContext.setDefault(context);
            assertThatThrownBy(() -> store().fetch(weights))
                    .hasMessageContainingAll("answers 302", "which is not encrypted and therefore not followed");
            assertThat(plain.asked).isEmpty();
        } finally {
            SSLContext.setDefault(before);
            secure.stop(0);
        }
    }

    @Test
    void whatHasNoRoomIsToldBeforeItComes() throws Exception {
        try (FileServer server = new FileServer(new byte[1000])) {
            server.faults.add((exchange, content) -> exchange.sendResponseHeaders(200, 1L << 57));
            Published huge =
                    Published.named("resnet18").withSource(server.address()).withParameters(1L << 56);
            assertThatThrownBy(() -> store().fetch(huge))
                    .hasMessageContainingAll(
                            temp.resolve("store") + " has room for ",
                            " MB are to come; XDG_CACHE_HOME says where else");
        }
    }

    @Test
    void proxiesAreThoseThatOtherProgramsTake() {
        Proxies proxies = new Proxies(Map.of(
                "https_proxy", "http://proxy.example:3128", "no_proxy", "localhost,.example.org", "HTTP_PROXY", "x"));
        assertThat(proxies.select(URI.create("https://a.com/x")))
                .containsExactly(new Proxy(Proxy.Type.HTTP, new InetSocketAddress("proxy.example", 3128)));
        for (String direct :
                List.of("https://localhost/x", "https://a.example.org/x", "https://example.org", "http://a.com"))
            assertThat(proxies.select(URI.create(direct))).as(direct).containsExactly(Proxy.NO_PROXY);
        assertThat(new Proxies(Map.of("ALL_PROXY", "proxy:80")).select(URI.create("http://a.com")))
                .containsExactly(new Proxy(Proxy.Type.HTTP, new InetSocketAddress("proxy", 80)));
    }
}
