package org.convzoo.pretrained;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server on this machine that has one file under every name, and the faults that servers have. */
final class FileServer implements AutoCloseable {
    /** Answers one request. */
    @FunctionalInterface
    interface Fault {
        void answer(HttpExchange exchange, byte[] content) throws IOException, InterruptedException;
    }

    /** What each request asked for: {@code /a.pth bytes=5- "tag"}. */
    final List<String> asked = new CopyOnWriteArrayList<>();

    /** How the next requests are answered; all others as by a sound server with ranges. */
    final List<Fault> faults = new CopyOnWriteArrayList<>();

    byte[] content;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    FileServer(byte[] content) throws IOException {
        this.content = content;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                String range = exchange.getRequestHeaders().getFirst("Range"),
                        condition = exchange.getRequestHeaders().getFirst("If-Range");
                asked.add(exchange.getRequestURI()
                        + (range == null ? "" : " " + range)
                        + (condition == null ? "" : " " + condition));
                (faults.isEmpty() ? (Fault) FileServer::ranges : faults.remove(0)).answer(exchange, this.content);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    static String tag(byte[] content) {
        return "\"" + Arrays.hashCode(content) + "\"";
    }

    /** The whole file, or the rest where it is asked for and the file is still the same. */
    static void ranges(HttpExchange exchange, byte[] content) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range"),
                condition = exchange.getRequestHeaders().getFirst("If-Range");
        exchange.getResponseHeaders().set("ETag", tag(content));
        int from = 0;
        if (range != null && (condition == null || condition.equals(tag(content))))
            from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        if (from > 0)
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        send(exchange, from > 0 ? 206 : 200, content, from, content.length);
    }

    /** The whole file, whatever was asked for. */
    static void whole(HttpExchange exchange, byte[] content) throws IOException {
        send(exchange, 200, content, 0, content.length);
    }

    /** Says how long the file is, gives a part of what is asked for and breaks off. */
    static Fault breaking(int after) {
        return (exchange, content) -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
            exchange.getResponseHeaders().set("ETag", tag(content));
            if (from > 0)
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
            exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
            exchange.getResponseBody().write(content, from, after);
            exchange.getResponseBody().flush();
        };
    }

    static Fault status(int code, String... headers) {
        return (exchange, content) -> {
            for (int i = 0; i < headers.length; i += 2)
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            exchange.sendResponseHeaders(code, -1);
        };
    }

    static void send(HttpExchange exchange, int code, byte[] content, int from, int to) throws IOException {
        exchange.sendResponseHeaders(code, to - from);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(content, from, to - from);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
