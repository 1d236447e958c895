package org.convzoo.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.models.Models;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a server on this machine, sound and faulty. */
class WeightsStoreTest {
    @TempDir
    Path temp;

    private FileServer server;
    private byte[] content;

    @BeforeEach
    void start() throws IOException {
        Path file = temp.resolve("made.safetensors");
        new SafeTensors(
                        Weights.initial(Models.named("squeezenet1_0").graph(), 1)
                                .filter(name -> name.startsWith("features.3")),
                        Map.of())
                .write(file);
        content = Files.readAllBytes(file);
        server = new FileServer(content);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String digest(String algorithm, byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Weights that the server has, with a hash. */
    private Published hashed() {
        return Published.named("squeezenet1_0")
                .withSource(server.address().resolve("some/where/a.safetensors"))
                .withFile("a.safetensors")
                .withSha256(digest("SHA-256", content).substring(0, 8));
    }

    private Published unhashed() {
        return hashed().withSha256("");
    }

    private WeightsStore store() {
        return new WeightsStore(
                temp.resolve("store"), Optional.empty(), false, Duration.ofSeconds(10), WeightsStore.Listener.NONE);
    }

    private void assertFetched(Path file) throws IOException {
        assertThat(file).isEqualTo(temp.resolve("store/a.safetensors")).hasBinaryContent(content);
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertThat(files).as("nothing else is left").containsExactly(file);
        }
    }

    private void assertFails(Published weights, WeightsStore store, String... parts) {
        assertThatThrownBy(() -> store.fetch(weights))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageStartingWith(store.file(weights) + ": could not be fetched: ")
                .hasMessageContainingAll(parts)
                .message()
                .hasLineCount(1);
        assertThat(store.file(weights)).doesNotExist();
    }

    @Test
    void aFileIsFetchedOnceAndThenIsHere() throws IOException {
        List<String> told = new ArrayList<>();
        WeightsStore store = store().withListener(new WeightsStore.Listener() {
            @Override
            public void started(Published weights, URI from) {
                told.add("from " + from);
            }

            @Override
            public void received(Published weights, long bytes, long of) {
                if (bytes == of) told.add(bytes + " bytes");
            }

            @Override
            public void ended(Published weights) {
                told.add("ended");
            }
        });
        assertThat(store.has(hashed())).isFalse();
        assertFetched(store.fetch(hashed()));
        assertThat(store.has(hashed())).isTrue();
        store.fetch(hashed());
        assertThat(server.asked).containsExactly("/some/where/a.safetensors");
        assertThat(told)
                .startsWith("from " + hashed().source())
                .contains(content.length + " bytes")
                .endsWith("ended");
    }

    @Test
    void aConnectionThatBreaksIsMadeAnewAndGoesOn() throws IOException {
        server.faults.add(FileServer.breaking(30_000));
        server.faults.add(FileServer.breaking(10_000));
        assertFetched(store().fetch(hashed()));
        assertThat(server.asked).hasSize(3);
        assertThat(server.asked.get(1)).endsWith(" bytes=30000- " + FileServer.tag(content));
        assertThat(server.asked.get(2)).contains(" bytes=40000- ");
    }

    @Test
    void whatCameBeforeIsKeptForTheNextTry() throws IOException {
        server.faults.add(FileServer.breaking(30_000));
        server.faults.add(FileServer.status(503));
        assertFails(hashed(), store(), "answers 503 (the server failed); try again later");
        assertFetched(store().fetch(hashed()));
        assertThat(server.asked.get(2)).contains(" bytes=30000- ");
    }

    @Test
    void aServerWithoutRangesStartsAgain() throws IOException {
        server.faults.add(FileServer.breaking(30_000));
        server.faults.add(FileServer::whole);
        assertFetched(store().fetch(hashed()));
    }

    @Test
    void aFileThatChangedMeanwhileIsFetchedFromItsBeginning() throws IOException {
        server.faults.add(FileServer.breaking(30_000));
        server.faults.add(FileServer.status(500));
        byte[] old = content.clone();
        old[100] ^= 1;
        server.content = old;
        assertFails(unhashed(), store(), "500");
        server.content = content;
        assertFetched(store().fetch(unhashed()));
        assertThat(server.asked.get(2)).endsWith(FileServer.tag(old)); // to which the answer is the whole file
    }

    @Test
    void partsOfTwoFilesAreFoundOutAndFetchedAnew() throws IOException {
        byte[] other = content.clone();
        other[100] ^= 1;
        // of servers that cannot tell which file they have
        server.faults.add((exchange, c) -> {
            exchange.sendResponseHeaders(200, c.length);
            exchange.getResponseBody().write(other, 0, 30_000);
            exchange.getResponseBody().flush();
        });
        assertFetched(store().fetch(hashed()));
        assertThat(server.asked).hasSize(3);
        assertThat(server.asked.get(1)).endsWith(" bytes=30000-");
        assertThat(server.asked.get(2)).doesNotContain("bytes");
    }

    @Test
    void anotherFileThanWasPublishedIsRefusedAndTheNextTryIsFresh() throws IOException {
        server.content = "something else".getBytes();
        assertFails(
                hashed(),
                store(),
                "what came is not what was published: its SHA-256 begins with "
                        + digest("SHA-256", server.content).substring(0, 8) + ", not with " + hashed().sha256());
        server.content = content;
        assertFetched(store().fetch(hashed()));
        assertThat(server.asked).containsExactly("/some/where/a.safetensors", "/some/where/a.safetensors");
    }

    @Test
    void withoutAHashAFileIsAtLeastWhole() throws IOException {
        server.content = Arrays.copyOf(content, content.length / 2);
        assertFails(unhashed(), store(), "what came is broken", "try again");
        server.content = "<html>Please log in</html>".getBytes();
        assertFails(unhashed(), store(), "what came is broken");
        server.content = content;
        assertFetched(store().fetch(unhashed()));
    }

    @Test
    void aHashOfWhatIsPackedIsChecked() throws IOException {
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(zip)) {
            out.putNextEntry(new ZipEntry("a.pth"));
            out.write(content);
        }
        Published packed = unhashed()
                .withFile("a.pth.zip")
                .withMemberSha1(digest("SHA-1", content).substring(0, 8));
        server.content = content;
        assertFails(packed, store(), "no zip archive");
        server.content = zip.toByteArray();
        assertFails(packed.withMemberSha1("01234567"), store(), "SHA-1 of what is packed in it", "01234567");
        assertThat(store().fetch(packed)).hasBinaryContent(zip.toByteArray());
    }

    @Test
    void whatServersRefuseIsTold() {
        server.faults.add(FileServer.status(404));
        assertFails(hashed(), store(), hashed().source() + " answers 404 (no such file)", WeightsStore.MIRROR);
        server.faults.add(FileServer.status(500));
        assertFails(hashed(), store(), "answers 500 (the server failed); try again later");
        server.faults.add(FileServer.status(403));
        assertFails(hashed(), store(), "answers 403 (not for everybody)");
        server.close();
        assertFails(hashed(), store(), "127.0.0.1 cannot be reached", WeightsStore.MIRROR);
    }

    @Test
    void redirectionsAreFollowedAndLoopsEnd() throws IOException {
        server.faults.add(FileServer.status(302, "Location", "/elsewhere"));
        assertFetched(store().fetch(hashed()));
        assertThat(server.asked).containsExactly("/some/where/a.safetensors", "/elsewhere");
        for (int i = 0; i < 20; i++) server.faults.add(FileServer.status(302, "Location", "/elsewhere"));
        assertFails(hashed().withFile("b"), store(), "answers 302", "once too often");
    }

    @Test
    void aServerThatHangsOrDripsIsGivenUp() {
        WeightsStore hasty = store().withPatience(Duration.ofMillis(500));
        CountDownLatch end = new CountDownLatch(1);
        server.faults.add((exchange, c) -> end.await());
        assertFails(hashed(), hasty, "127.0.0.1 does not answer within 0.5 s");
        server.faults.add((exchange, c) -> {
            exchange.sendResponseHeaders(200, c.length);
            exchange.getResponseBody().write(c, 0, 20_000);
            exchange.getResponseBody().flush();
            end.await();
        });
        assertFails(
                hashed(),
                hasty.withPatience(Duration.ofSeconds(2)),
                "does not answer",
                "the 20,000 bytes that came are kept");
        server.faults.add((exchange, c) -> {
            exchange.sendResponseHeaders(200, c.length);
            OutputStream out = exchange.getResponseBody();
            for (int i = 0; i < 100; i++) {
                out.write(c, i, 1);
                out.flush();
                Thread.sleep(50);
            }
        });
        assertFails(hashed(), hasty, "does not answer");
        end.countDown();
    }

    @Test
    void whatIsLargerThanWeightsCanBeIsNotTaken() {
        CountDownLatch refused = new CountDownLatch(1);
        server.faults.add((exchange, c) -> {
            exchange.sendResponseHeaders(200, 1L << 40);
            exchange.getResponseBody().flush();
            refused.await(); // an end would be told before the length is
        });
        assertFails(hashed(), store(), "has more than", "which such weights never have");
        refused.countDown();
        Published small = hashed().withParameters(1);
        server.faults.add((exchange, c) -> {
            exchange.sendResponseHeaders(200, 0); // which says nothing of the length
            byte[] junk = new byte[1 << 20];
            for (int i = 0; i < 64; i++) exchange.getResponseBody().write(junk);
        });
        assertFails(small, store(), "has more than 16.8 MB");
        assertThat(temp.resolve("store/.a.safetensors.part")).doesNotExist();
    }

    @Test
    void aServerThatCountsBeyondAllNumbersIsRefused() {
        server.faults.add(FileServer.breaking(30_000));
        server.faults.add(
                FileServer.status(206, "Content-Range", "bytes 30000-" + "9".repeat(30) + "/" + "9".repeat(30)));
        assertFails(hashed(), store(), "gives another part of the file than was asked for");
    }

    @Test
    void whatIsNotedOfAPartAndIsDamagedCostsNoMoreThanThePart() throws IOException {
        Path store = Files.createDirectories(temp.resolve("store"));
        Files.write(store.resolve(".a.safetensors.part"), new byte[100]);
        Files.write(store.resolve(".a.safetensors.part.from"), new byte[] {(byte) 0xC3, 0x28, '\n', 7});
        assertFetched(store().fetch(hashed()));
        assertThat(server.asked).containsExactly("/some/where/a.safetensors");
    }

    @Test
    void passwordsInAddressesAreNotTold() throws IOException {
        URI known = URI.create(hashed().source().toString().replace("//", "//me:secret@"));
        server.faults.add(FileServer.status(404));
        assertFails(hashed().withSource(known), store(), hashed().source() + " answers 404");
        server.faults.add(FileServer.breaking(30_000));
        server.faults.add(FileServer.status(503));
        assertFails(hashed().withSource(known), store(), hashed().source() + " answers 503");
        assertThat(temp.resolve("store/.a.safetensors.part.from")).content().doesNotContain("secret");
        List<URI> told = new ArrayList<>();
        WeightsStore store = store().withListener(new WeightsStore.Listener() {
            @Override
            public void started(Published weights, URI from) {
                told.add(from);
            }
        });
        assertFetched(store.fetch(hashed().withSource(known)));
        assertThat(told).containsExactly(hashed().source());
        assertThat(server.asked.get(3)).contains("bytes=30000-");
    }

    @Test
    void whatIsNoAddressIsTold() {
        assertFails(hashed().withSource(URI.create("gopher://there/a")), store(), "gopher://there/a is no address of");
        assertFails(hashed().withSource(URI.create("http:/nowhere")), store(), "http:/nowhere is no address of");
        for (String mirror : List.of("http://me:secret@a b/", "file:folder", "file://server/folder"))
            assertThatThrownBy(() -> WeightsStore.mirror(mirror))
                    .isInstanceOf(WrongUseException.class)
                    .hasMessage("CONVZOO_WEIGHTS_MIRROR is neither a folder nor the address of one");
        assertThat(WeightsStore.mirror(temp.toString())).contains(temp.toUri());
        assertThatThrownBy(() ->
                        new Proxies(Map.of("https_proxy", "http://me:sec ret@there")).select(URI.create("https://a/")))
                .isInstanceOf(WrongUseException.class)
                .hasMessageContaining("https_proxy")
                .hasMessageNotContaining("ret@");
    }

    @Test
    void twoAtOnceFetchOnce() throws Exception {
        CountDownLatch asked = new CountDownLatch(1), waiting = new CountDownLatch(1);
        server.faults.add((exchange, c) -> {
            asked.countDown();
            waiting.await();
            FileServer.ranges(exchange, c);
        });
        CompletableFuture<Path> one = CompletableFuture.supplyAsync(() -> store().fetch(hashed()));
        asked.await();
        WeightsStore second = store().withListener(new WeightsStore.Listener() {
            @Override
            public void waiting(Published weights) {
                waiting.countDown();
            }
        });
        assertFetched(second.fetch(hashed()));
        assertFetched(one.get());
        assertThat(server.asked).hasSize(1);
    }

    /** Another process, which works on the file until its input ends. */
    static final class Other {
        public static void main(String[] args) throws IOException {
            try (FileChannel lock =
                    FileChannel.open(Path.of(args[0]), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                lock.lock();
                System.out.println("locked");
                System.in.readAllBytes();
            }
        }
    }

    @Test
    void anotherProcessIsWaitedFor() throws Exception {
        Path folder = Files.createDirectories(temp.resolve("store"));
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName(),
                        folder.resolve(".a.safetensors.lock").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("locked");
            CountDownLatch waiting = new CountDownLatch(1);
            WeightsStore store = store().withListener(new WeightsStore.Listener() {
                @Override
                public void waiting(Published weights) {
                    waiting.countDown();
                }
            });
            CompletableFuture<Path> file = CompletableFuture.supplyAsync(() -> store.fetch(hashed()));
            waiting.await();
            assertThat(server.asked).isEmpty();
            other.getOutputStream().close();
            assertFetched(file.get());
        } finally {
            other.destroy();
        }
    }

    @Test
    void anInterruptionEndsTheWaitAndIsToldOnwards() throws Exception {
        CountDownLatch asked = new CountDownLatch(1), end = new CountDownLatch(1);
        server.faults.add((exchange, c) -> {
            exchange.sendResponseHeaders(200, c.length);
            exchange.getResponseBody().write(c, 0, 30_000);
            exchange.getResponseBody().flush();
            asked.countDown();
            end.await();
        });
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                store().fetch(hashed());
            } catch (StoppedException e) {
                if (Thread.currentThread().isInterrupted()) thrown.set(e);
            }
        });
        thread.start();
        asked.await();
        thread.interrupt();
        thread.join(5000);
        assertThat(thrown.get()).hasMessageContaining("fetching it was interrupted");
        end.countDown();
        assertFetched(store().fetch(hashed()));
    }

    @Test
    void aMirrorIsAskedInstead() throws IOException {
        Published elsewhere = hashed().withSource(URI.create("https://example.invalid/a.safetensors"));
        assertFetched(store().withMirror(Optional.of(server.address().resolve("mirror/")))
                .fetch(elsewhere));
        assertThat(server.asked).containsExactly("/mirror/a.safetensors");
    }

    @Test
    void aMirrorMayBeAFolder() throws IOException {
        Path folder = Files.createDirectories(temp.resolve("shared weights"));
        WeightsStore store = store().withMirror(Optional.of(folder.toUri()));
        assertFails(hashed(), store, "shared weights", "a.safetensors is not there", "the mirror is what");
        Files.write(folder.resolve("a.safetensors"), content);
        assertFetched(store.fetch(hashed()));
        assertThat(server.asked).isEmpty();
    }

    @Test
    void offlineNothingIsAskedFor() throws IOException {
        WeightsStore offline = store().withOffline(true);
        assertThatThrownBy(() -> offline.fetch(hashed()))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageContaining("the weights squeezenet1_0:imagenet1k_v1 are not here");
        assertThat(server.asked).isEmpty();
        store().fetch(hashed());
        assertFetched(offline.fetch(hashed()));
    }

    @Test
    void aFolderThatCannotBeWrittenIsTold() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "in the way");
        assertThatThrownBy(() -> store().withFolder(file.resolve("store")).fetch(hashed()))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageContainingAll("could not be written", "XDG_CACHE_HOME");
    }

    @Test
    void aFileOfTheStoreThatIsBrokenSaysWhatToDo() throws IOException {
        Files.createDirectories(temp.resolve("store"));
        Files.writeString(temp.resolve("store/a.safetensors"), "damaged");
        assertThatThrownBy(() -> store().open(hashed()))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageEndingWith("; remove it, and it is fetched again");
    }
}
