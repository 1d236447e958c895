package org.convzoo.pretrained;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.convzoo.system.AtomicFile;

/**
 * A file on its way from a server into a part of it on this machine. What came before a connection broke is kept, and the
 * rest is asked for, by this try or the next, where the server can tell whether its file is still the same.
 */
final class Download {
    /** How often a connection that breaks is made anew, as long as something comes each time. */
    private static final int TRIES = 5;

    /** A server that sends less than that while one is patient is as good as one that hangs. */
    private static final int LEAST = 16 << 10;

    private static final Pattern RANGE = Pattern.compile("bytes (?:(\\d+)-\\d+|\\*)/(\\d{1,18}|\\*)");

    /** How far it is. */
    @FunctionalInterface
    interface Progress {
        /** @param of how many bytes the file has; 0 where the server does not say */
        void received(long bytes, long of);
    }

    private final Web web;
    private final URI from;
    private final Path part, origin;
    private final boolean verifiable;
    private final long most;
    private final Progress progress;
    private boolean resumed;

    /**
     * @param verifiable whether it will be found out when the parts are of different files
     * @param most bytes that the file can have
     */
    Download(Web web, URI from, Path part, boolean verifiable, long most, Progress progress) {
        this.web = web;
        this.from = from;
        this.part = part;
        this.origin = part.resolveSibling(part.getFileName() + ".from");
        this.verifiable = verifiable;
        this.most = most;
        this.progress = progress;
    }

    /** Whether the part was there in part before. */
    boolean resumed() {
        return resumed;
    }

    /** Fetches until the part is whole. */
    void run() throws Refused, InterruptedException {
        for (int tries = 1; ; tries++) {
            long before = length();
            try {
                once();
                return;
            } catch (ClosedByInterruptException e) {
                Thread.interrupted();
                throw new InterruptedException();
            } catch (IOException e) {
                long now = length();
                if (now > before && tries < TRIES && !(e instanceof HttpTimeoutException)) continue;
                throw new Refused(
                        web.words(from, e)
                                + (now == 0
                                        ? ""
                                        : "; the " + size(now) + " that came are kept, and the next try goes on"),
                        e);
            }
        }
    }

    /** Nothing of it is worth keeping. */
    void discard() throws IOException {
        Files.deleteIfExists(part);
        Files.deleteIfExists(origin);
    }

    private long length() {
        try {
            return Files.exists(part) ? Files.size(part) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    private void once() throws Refused, IOException, InterruptedException {
        long have = length();
        String validator = have == 0 ? "" : validator();
        if (have > 0 && validator.isEmpty() && !(verifiable && Files.exists(origin))) have = 0;
        List<String> headers = new ArrayList<>();
        if (have > 0) headers.addAll(List.of("Range", "bytes=" + have + "-"));
        if (have > 0 && !validator.isEmpty()) headers.addAll(List.of("If-Range", validator));
        HttpResponse<Chunks> answer = web.get(from, headers);
        try (Chunks body = answer.body()) {
            Matcher range =
                    RANGE.matcher(answer.headers().firstValue("Content-Range").orElse(""));
            long whole = range.matches() && !range.group(2).equals("*") ? Long.parseLong(range.group(2)) : 0;
            if (answer.statusCode() == 416) {
                if (whole == have) return;
                discard();
                if (have == 0) throw new Refused(Web.shown(from) + " answers 416 (no such part of the file)");
                once();
                return;
            }
            if (answer.statusCode() == 206) {
                if (have == 0 || !range.matches() || !String.valueOf(have).equals(range.group(1))) {
                    discard();
                    throw new Refused(Web.shown(from) + " gives another part of the file than was asked for");
                }
                resumed = true;
            } else {
                have = 0;
                whole = answer.headers().firstValueAsLong("Content-Length").orElse(0);
                try {
                    Files.deleteIfExists(part);
                    remember(answer);
                } catch (IOException e) {
                    throw unwritable(e);
                }
            }
            check(whole, have);
            receive(body, have, whole);
        }
    }

    private void receive(Chunks body, long have, long whole) throws Refused, IOException, InterruptedException {
        try (FileChannel channel = open()) {
            progress.received(have, whole);
            long counted = have, since = System.nanoTime();
            for (List<ByteBuffer> piece = body.next(web.patience());
                    !piece.isEmpty();
                    piece = body.next(web.patience())) {
                for (ByteBuffer bytes : piece) {
                    have += bytes.remaining();
                    check(have, have);
                    write(channel, bytes);
                }
                progress.received(have, whole);
                if (have - counted >= LEAST) {
                    counted = have;
                    since = System.nanoTime();
                } else if (Duration.ofNanos(System.nanoTime() - since).compareTo(web.patience()) > 0) {
                    throw new HttpTimeoutException("hardly anything came");
                }
            }
            if (whole > 0 && have < whole) throw new IOException("it ended after " + have + " of " + whole + " bytes");
            channel.force(true);
        }
    }

    private FileChannel open() throws Refused {
        try {
            return FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private void write(FileChannel channel, ByteBuffer bytes) throws Refused, ClosedByInterruptException {
        try {
            AtomicFile.writeFully(channel, bytes);
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private Refused unwritable(IOException e) {
        return new Refused(
                part.getParent() + " cannot be written (" + e.getMessage() + "); XDG_CACHE_HOME says where else", e);
    }

    /** A server may claim whatever it likes, or nothing, and then send more. */
    private void check(long whole, long have) throws Refused, IOException {
        if (whole > most) {
            discard();
            throw new Refused(Web.shown(from) + " has more than " + size(most) + ", which such weights never have");
        }
        long room = Files.getFileStore(part.getParent()).getUsableSpace();
        if (whole - have > room)
            throw new Refused(part.getParent() + " has room for " + size(room) + ", and " + size(whole - have)
                    + " are to come; XDG_CACHE_HOME says where else");
    }

    /** What tells that the server's file is still the same: of its kind, and from the same place. */
    private String validator() throws IOException {
        if (!Files.exists(origin)) return "";
        // Not read as lines of UTF-8, of which bytes that are none would be a failure each time.
        String[] lines = new String(Files.readAllBytes(origin), StandardCharsets.UTF_8).split("\n");
        if (lines[0].equals(Web.shown(from))) return lines.length == 2 ? lines[1] : "";
        Files.deleteIfExists(origin);
        return "";
    }

    private void remember(HttpResponse<?> answer) throws IOException {
        String tag = answer.headers()
                .firstValue("ETag")
                .filter(t -> !t.startsWith("W/"))
                .or(() -> answer.headers().firstValue("Last-Modified"))
                .orElse("");
        Files.writeString(origin, Web.shown(from) + "\n" + tag + "\n");
    }

    static String size(long bytes) {
        return bytes < 1_000_000
                ? String.format(Locale.ROOT, "%,d bytes", bytes)
                : String.format(Locale.ROOT, "%,.1f MB", bytes * 1e-6);
    }
}
