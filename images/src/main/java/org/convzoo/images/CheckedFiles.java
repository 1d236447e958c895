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
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.system.AtomicFile;
import org.convzoo.system.Machine;

/**
 * Which pictures below a folder have been decoded and what their checksums were, kept from process to process in the
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
    private final Map<Place, PictureFormat> formats = new ConcurrentHashMap<>();

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
     * A checksum of a picture's bytes; {@code decode} is run before unless it has succeeded for the same bytes.
     *
     * @throws BrokenFileException when they cannot be read
     */
    long checksum(Place place, Runnable decode) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(place.file(), BasicFileAttributes.class);
            Optional<Known> before = known(place, attributes);
            if (before.isEmpty()) {
                decode.run();
                Known now;
                try (InputStream in = place.open()) {
                    now = new Known(place.length(attributes), time(attributes), Content.of(in.readAllBytes()));
                }
                if (TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - now.time > FRESH_NANOS) {
                    known.put(key(place), now);
                    changed = true;
                }
                before = Optional.of(now);
            }
            before.get().content.format.ifPresent(f -> formats.put(place, f));
            return before.get().content.checksum;
        } catch (IOException e) {
            decode.run(); // which tells better what is wrong
            throw new BrokenFileException(place.title() + ": cannot be read", e);
        }
    }

    /**
     * The same checksum, but of any bytes, be they a picture or not; empty where they cannot be read, or are more than
     * a picture may have.
     */
    Optional<Long> content(Place place) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(place.file(), BasicFileAttributes.class);
            Optional<Known> before = known(place, attributes);
            if (before.isPresent()) return Optional.of(before.get().content.checksum);
            if (!attributes.isRegularFile() || place.length(attributes) > PictureReader.LONGEST)
                return Optional.empty();
            try (InputStream in = new CheckedInputStream(place.open(), new CRC32())) {
                long length = in.transferTo(OutputStream.nullOutputStream());
                return Optional.of(((CheckedInputStream) in).getChecksum().getValue() ^ length << 32);
            }
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Optional<Known> known(Place place, BasicFileAttributes attributes) {
        return Optional.ofNullable(known.get(key(place)))
                .filter(k -> k.size == place.length(attributes) && k.time == time(attributes));
    }

    private String key(Place place) {
        return root.relativize(place.file().toAbsolutePath().normalize()) + place.within();
    }

    private static long time(BasicFileAttributes attributes) {
        return attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
    }

    /** What a picture is that {@link #checksum} was asked of; empty where it is none, and where nobody asked. */
    Optional<PictureFormat> format(Place place) {
        return Optional.ofNullable(formats.get(place));
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
