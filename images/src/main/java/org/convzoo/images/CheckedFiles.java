package org.convzoo.images;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.weights.AtomicFile;

/**
 * Which files below a folder have been decoded and what their checksums were, kept from process to process in the
 * user's cache: {@code $XDG_CACHE_HOME/convzoo/pictures}, or {@code ~/.cache/convzoo/pictures}. A file is known again
 * by path, size and time. What cannot be read there or written is done without.
 */
final class CheckedFiles {
    /** What was found. */
    private record Known(long size, long time, long checksum) {}

    /** To be raised when {@link PictureReader} refuses what it has read before. */
    private static final String REVISION = "convzoo pictures 1";

    /** A file may change once more within the resolution of its time. */
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Path root;
    private final Path store;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private volatile boolean changed;

    CheckedFiles(Path root, Path store) {
        this.root = root;
        this.store = store;
        load();
    }

    /** What is known of the files below {@code root}. */
    static CheckedFiles below(Path root) {
        Path absolute = root.toAbsolutePath().normalize();
        CRC32 crc = new CRC32();
        crc.update(absolute.toString().getBytes(StandardCharsets.UTF_8));
        String file = "%s-%08x".formatted(absolute.getFileName(), crc.getValue());
        return new CheckedFiles(absolute, cache().resolve("pictures").resolve(file));
    }

    private static Path cache() {
        String given = System.getenv("XDG_CACHE_HOME");
        boolean none = given == null || !Path.of(given).isAbsolute();
        return (none ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(given)).resolve("convzoo");
    }

    /**
     * A checksum of a file's content; {@code decode} is run before unless it has succeeded for the same file.
     *
     * @throws BrokenFileException when the file cannot be read
     */
    long checksum(Path file, Runnable decode) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            long time = attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
            String name = root.relativize(file.toAbsolutePath().normalize()).toString();
            Known before = known.get(name);
            if (before != null && before.size == attributes.size() && before.time == time) return before.checksum;
            decode.run();
            long checksum = checksum(file);
            long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
            if (now - time > FRESH_NANOS) {
                known.put(name, new Known(attributes.size(), time, checksum));
                changed = true;
            }
            return checksum;
        } catch (IOException e) {
            throw new BrokenFileException(file + ": cannot be read", e);
        }
    }

    private static long checksum(Path file) throws IOException {
        CRC32 crc = new CRC32();
        try (InputStream in = new CheckedInputStream(Files.newInputStream(file), crc)) {
            long size = in.transferTo(OutputStream.nullOutputStream());
            return crc.getValue() ^ size << 32;
        }
    }

    private void load() {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(store)))) {
            if (!in.readUTF().equals(REVISION)) return;
            for (int n = in.readInt(); n > 0; n--)
                known.put(in.readUTF(), new Known(in.readLong(), in.readLong(), in.readLong()));
        } catch (IOException e) {
            known.clear(); // all files are decoded once more
        }
    }

    /** Writes what is known, if there is anything new. */
    void save() {
        if (!changed) return;
        changed = false;
        try {
            Files.createDirectories(store.getParent());
            AtomicFile.write(store, channel -> {
                DataOutputStream out =
                        new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)));
                Map<String, Known> all = Map.copyOf(known);
                out.writeUTF(REVISION);
                out.writeInt(all.size());
                for (Map.Entry<String, Known> file : all.entrySet()) {
                    out.writeUTF(file.getKey());
                    out.writeLong(file.getValue().size);
                    out.writeLong(file.getValue().time);
                    out.writeLong(file.getValue().checksum);
                }
                out.flush();
            });
        } catch (IOException e) {
            // the next process decodes all files once more
        }
    }
}
