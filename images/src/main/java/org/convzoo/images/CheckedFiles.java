package org.convzoo.images;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.system.AtomicFile;
import org.convzoo.system.Machine;

/**
 * Which files below a folder have been decoded and what their checksums were, kept from process to process in the
 * user's cache: {@code $XDG_CACHE_HOME/convzoo/pictures}, or {@code ~/.cache/convzoo/pictures}. A file is known again
 * by path, size and time. What cannot be read there or written is done without.
 */
final class CheckedFiles {
    /** What was found. */
    private record Known(long size, long time, Content content) {}

    /**
     * What a file holds.
     *
     * @param format empty where it is no picture
     */
    private record Content(long checksum, Optional<PictureFormat> format) {
        static Content of(byte[] bytes) {
            CRC32 crc = new CRC32();
            crc.update(bytes);
            return new Content(crc.getValue() ^ (long) bytes.length << 32, PictureFormat.ofContent(bytes));
        }

        static Content read(DataInputStream in) throws IOException {
            long checksum = in.readLong();
            String format = in.readUTF();
            return new Content(
                    checksum, format.isEmpty() ? Optional.empty() : Optional.of(PictureFormat.valueOf(format)));
        }

        void write(DataOutputStream out) throws IOException {
            out.writeLong(checksum);
            out.writeUTF(format.map(PictureFormat::name).orElse(""));
        }
    }

    /** To be raised when {@link PictureReader} refuses what it has read before. */
    private static final String REVISION = "convzoo pictures 2";

    /** A file may change once more within the resolution of its time. */
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Path root;
    private final Path store;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    /** The formats of what was asked for, those too young to be known included. */
    private final Map<Path, PictureFormat> formats = new ConcurrentHashMap<>();

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
        return new CheckedFiles(absolute, Machine.cache().resolve("pictures").resolve(file));
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
            if (before == null || before.size != attributes.size() || before.time != time) {
                decode.run();
                before = new Known(attributes.size(), time, Content.of(Files.readAllBytes(file)));
                long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
                if (now - time > FRESH_NANOS) {
                    known.put(name, before);
                    changed = true;
                }
            }
            before.content.format.ifPresent(f -> formats.put(file, f));
            return before.content.checksum;
        } catch (IOException e) {
            throw new BrokenFileException(file + ": cannot be read", e);
        }
    }

    /** What a file is that {@link #checksum} was asked of; empty where it is no picture, and where nobody asked. */
    Optional<PictureFormat> format(Path file) {
        return Optional.ofNullable(formats.get(file));
    }

    private void load() {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(store)))) {
            if (!in.readUTF().equals(REVISION)) return;
            for (int n = in.readInt(); n > 0; n--)
                known.put(in.readUTF(), new Known(in.readLong(), in.readLong(), Content.read(in)));
        } catch (IOException | IllegalArgumentException e) {
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
                    file.getValue().content.write(out);
                }
                out.flush();
            });
        } catch (IOException e) {
            // the next process decodes all files once more
        }
    }
}
