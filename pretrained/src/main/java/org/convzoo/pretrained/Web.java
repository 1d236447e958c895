package org.convzoo.pretrained;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * Servers, and what goes wrong with them in words. Redirections are followed, but never from HTTPS to HTTP.
 *
 * @param patience how long a server may take to answer, or to go on
 */
record Web(HttpClient client, Duration patience) {
    private static final int LONGEST_TEXT = 16 << 20;

    static Web open(Duration patience) {
        return new Web(
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(patience)
                        .followRedirects(HttpClient.Redirect.NORMAL)
                        .proxy(new Proxies(System.getenv()))
                        .build(),
                patience);
    }

    /** An address for people: without the name and the password that it may have. */
    static String shown(URI address) {
        String user = address.getRawUserInfo();
        return user == null ? address.toString() : address.toString().replace(user + "@", "");
    }

    /** The answer to a request with these headers; the caller closes its body. */
    HttpResponse<Chunks> get(URI from, List<String> headers) throws Refused, IOException, InterruptedException {
        HttpResponse<Chunks> answer = client.send(request(from, headers), info -> new Chunks());
        int status = answer.statusCode();
        if (status == 200 || status == 206 || status == 416) return answer;
        answer.body().close();
        throw new Refused(shown(from) + " answers " + status + meaning(answer));
    }

    private HttpRequest request(URI from, List<String> headers) throws Refused {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(from)
                    .timeout(patience)
                    .header("User-Agent", "convzoo")
                    .header("Accept-Encoding", "identity");
            for (int i = 0; i < headers.size(); i += 2) request.header(headers.get(i), headers.get(i + 1));
            return request.build();
        } catch (IllegalArgumentException e) { // of another kind than HTTP, or without a server
            throw new Refused(shown(from) + " is no address of a file on a server", e);
        }
    }

    private static String meaning(HttpResponse<?> answer) {
        int status = answer.statusCode();
        if (status / 100 == 3) {
            String to = answer.headers().firstValue("Location").orElse("nowhere");
            return to.startsWith("http:")
                    ? ", on to " + to + ", which is not encrypted and therefore not followed"
                    : ", on to " + to + ", once too often";
        }
        return switch (status) {
            case 401, 403 -> " (not for everybody)";
            case 404, 410 -> " (no such file)";
            case 407 -> " (the proxy wants a name and a password, which are not supported)";
            case 429 -> " (too many requests); try again later";
            default -> status / 100 == 5 ? " (the server failed); try again later" : "";
        };
    }

    /** A page. */
    String text(URI from, String accepted) throws Refused, IOException, InterruptedException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (Chunks body = get(from, List.of("Accept", accepted)).body()) {
            for (List<ByteBuffer> piece = body.next(patience); !piece.isEmpty(); piece = body.next(patience)) {
                for (ByteBuffer bytes : piece) {
                    byte[] copy = new byte[bytes.remaining()];
                    bytes.get(copy);
                    text.writeBytes(copy);
                }
                if (text.size() > LONGEST_TEXT) throw new Refused(shown(from) + " goes on for more than 16 MiB");
            }
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    /** What happened between us and a server. */
    String words(URI from, IOException e) {
        String server = from.getHost() == null ? shown(from) : from.getHost();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) return server + " cannot prove who it is (" + cause.getMessage() + ")";
            if (cause instanceof HttpTimeoutException)
                return server + " does not answer within " + patience.toMillis() / 1000.0 + " s";
            if (cause instanceof ConnectException || cause instanceof UnresolvedAddressException)
                return server + " cannot be reached";
        }
        return "the connection to " + server + " broke" + (e.getMessage() == null ? "" : " (" + e.getMessage() + ")");
    }
}
