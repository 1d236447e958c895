package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.convzoo.models.Models;
import org.convzoo.pretrained.Published;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process of its own downloads from a mirror on this machine. */
class DownloadIT {
    private static final Path CAT = Path.of("../docs/cat.png");
    private static final Published WEIGHTS = Published.named("shufflenet_v2_x0_5");
    private static final Published UNHASHED = Published.named("mobilenet_v1");

    @TempDir
    Path temp;

    private Path mirror;

    /** Files that were never published, of which one would be known by its hash. */
    @BeforeEach
    void make() throws IOException {
        mirror = Files.createDirectories(temp.resolve("mirror"));
        for (Published p : List.of(WEIGHTS, UNHASHED))
            new SafeTensors(Weights.initial(Models.named(p.network()).graph(), 1), Map.of())
                    .write(mirror.resolve(p.file()));
    }

    private Cli run(String mirror, Object... args) throws IOException, InterruptedException {
        List<String> command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                "org.convzoo.cli.Main"),
                        Stream.of(args).map(Object::toString))
                .toList();
        ProcessBuilder process = new ProcessBuilder(command);
        process.environment().put("XDG_CACHE_HOME", temp.resolve("cache").toString());
        process.environment().put("CONVZOO_WEIGHTS_MIRROR", mirror);
        Path out = temp.resolve("out"), err = temp.resolve("err");
        int code = process.redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();
        return new Cli(code, Files.readString(out), Files.readString(err));
    }

    @Test
    void whatTheUserNamesIsDownloadedOnceAndThenThere() throws Exception {
        Path file = temp.resolve("cache/convzoo/weights").resolve(UNHASHED.file());

        Cli offline = run(mirror.toString(), "predict", "--no-tune", "mobilenet_v1", "--offline", CAT);
        assertThat(offline.code()).isEqualTo(1);
        assertThat(offline.err()).hasLineCount(1).contains(file + ": ", "are not here, and nothing may be downloaded");

        Cli first = run(mirror.toString(), "predict", "--no-tune", "mobilenet_v1", CAT);
        assertThat(first.err())
                .isEqualTo("downloading mobilenet_v1:ra4_e3600_r224_in1k, about 16.1 MiB, licence Apache-2.0, from "
                        + mirror.resolve(UNHASHED.file()) + "\n");
        assertThat(first.out()).hasLineCount(4);

        Cli second = run("/nowhere", "predict", "--no-tune", "mobilenet_v1", "--offline", CAT);
        assertThat(second.err()).isEmpty();
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(run("", "weights", "mobilenet_v1").out()).containsPattern(" yes +timm");
        assertThat(run("", "weights", "--get", "mobilenet_v1").out()).isEqualTo(file + "\n");
    }

    @Test
    void aServerOfTheUsersIsAskedAndAnotherFileThanWasPublishedRefused() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().toString());
            byte[] content = Files.readAllBytes(
                    mirror.resolve(Path.of(exchange.getRequestURI().getPath()).getFileName()));
            exchange.sendResponseHeaders(200, content.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(content);
            }
        });
        server.start();
        try {
            String address = "http://127.0.0.1:" + server.getAddress().getPort() + "/weights";
            assertThat(run(address, "weights", "--get", "mobilenet_v1").code()).isZero();
            Cli other = run(address, "weights", "--get", "shufflenet_v2_x0_5:imagenet1k_v1");
            assertThat(other.code()).isEqualTo(1);
            assertThat(other.err().lines())
                    .hasSize(2)
                    .last()
                    .asString()
                    .startsWith("convzoo: ")
                    .contains("its SHA-256 begins with", "not with f707e7126e", "CONVZOO_WEIGHTS_MIRROR");
            assertThat(asked).containsExactly("/weights/" + UNHASHED.file(), "/weights/" + WEIGHTS.file());
        } finally {
            server.stop(0);
        }
    }
}
