package org.convzoo.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.StoppedException;
import org.convzoo.graph.Shape;
import org.convzoo.system.AtomicFile;
import org.jspecify.annotations.Nullable;

/**
 * A file in the safetensors format: eight bytes with the length of a JSON header, the header (names, types, shapes,
 * places, and a map of strings), then the arrays, little-endian. Float32 is written; F16, BF16 and F64 are read too.
 *
 * @param metadata the header's {@code __metadata__}
 */
public record SafeTensors(Weights weights, Map<String, String> metadata) {
    private static final int LONGEST_HEADER = 100_000_000;

    /** Bytes that are read or written at once: Java keeps a buffer of so many for each thread. */
    private static final int CHUNK = 1 << 20;

    public SafeTensors {
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    }

    /** Writes {@code file} as a whole or not at all; see {@link AtomicFile}. */
    public void write(Path file) throws IOException {
        ByteBuffer text = header();
        int padded = (text.remaining() + 7) / 8 * 8;
        ByteBuffer head = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        head.putLong(padded).put(text);
        while (head.hasRemaining()) head.put((byte) ' ');
        head.flip();
        AtomicFile.write(file, channel -> {
            AtomicFile.writeFully(channel, head);
            ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
            for (Weights.Tensor t : weights.tensors().values())
                t.bytes(chunk, bytes -> AtomicFile.writeFully(channel, bytes));
        });
    }

    /**
     * Reads {@code file} whole, and takes what the format's own reader takes; see {@link Header}. Left out are arrays
     * without elements and those of other types than F16, BF16, F32 and F64, such as the integers in which published
     * files count batches. Memory is bounded by the file's size. Throws {@link BrokenFileException} for anything that
     * is cut off or no safetensors file, and for an array of floats of more than 2 GiB; {@link OutOfMemoryException};
     * {@link StoppedException} when interrupted.
     */
    public static SafeTensors read(Path file) {
        if (!Files.isRegularFile(file)) throw new BrokenFileException(file + ": there is no such file");
        try (FileChannel channel = FileChannel.open(file)) {
            return read(file, channel.size(), (at, length) -> read(channel, at, length, file));
        } catch (IOException e) {
            throw ForeignFile.unreadable(file, e);
        }
    }

    /**
     * As {@link #read(Path)}, but no array is in memory: one is read when its values are asked for, each time anew. That
     * throws as reading the file does, and {@link BrokenFileException} where it is not the same file any more.
     */
    public static SafeTensors open(Path file) {
        if (!Files.isRegularFile(file)) throw new BrokenFileException(file + ": there is no such file");
        try (FileChannel channel = FileChannel.open(file)) {
            byte[] text = header(file, channel.size(), (at, length) -> read(channel, at, length, file));
            Header header = Header.read(file, text);
            long base = 8L + text.length;
            header.check(file, channel.size() - base);
            Version version = Version.of(file);
            Map<String, Weights.Tensor> tensors = new LinkedHashMap<>();
            header.arrays().forEach((name, e) -> {
                if (isTaken(name, e, file))
                    tensors.put(name, Weights.Tensor.read(shape(e), () -> later(file, version, base, e)));
            });
            return new SafeTensors(new Weights(tensors), header.metadata());
        } catch (IOException e) {
            throw ForeignFile.unreadable(file, e);
        }
    }

    /** What tells a file from one that has taken its place. */
    private record Version(@Nullable Object key, FileTime modified) {
        static Version of(Path file) throws IOException {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return new Version(now.fileKey(), now.lastModifiedTime());
        }
    }

    private static FloatBuffer later(Path file, Version version, long base, Header.Entry e) {
        try (FileChannel channel = FileChannel.open(file)) {
            if (!Version.of(file).equals(version))
                throw new BrokenFileException(file + ": it was changed while it was in use");
            ByteBuffer bytes = ByteBuffer.allocate((int) (e.to() - e.from()));
            return floats(filled(bytes, channel, base + e.from(), file), e);
        } catch (IOException cause) {
            throw ForeignFile.unreadable(file, cause);
        }
    }

    /**
     * As {@link #read(Path)}, of a file's content that is at hand.
     *
     * @param name what messages call it
     */
    public static SafeTensors read(byte[] content, String name) {
        return read(Path.of(name), content.length, (at, length) -> ByteBuffer.wrap(content, (int) at, length)
                .slice()
                .order(ByteOrder.LITTLE_ENDIAN));
    }

    /** Gives bytes of a file, little-endian. */
    @FunctionalInterface
    private interface Content {
        ByteBuffer bytes(long at, int length) throws IOException;
    }

    /** The texts of a file's metadata; its arrays are not read. Throws as {@link #read(Path)} does. */
    public static Map<String, String> metadata(Path file) {
        if (!Files.isRegularFile(file)) throw new BrokenFileException(file + ": there is no such file");
        try (FileChannel channel = FileChannel.open(file)) {
            byte[] text = header(file, channel.size(), (at, length) -> read(channel, at, length, file));
            return Header.read(file, text).metadata();
        } catch (IOException e) {
            throw ForeignFile.unreadable(file, e);
        }
    }

    /** The text of the header. */
    private static byte[] header(Path file, long size, Content content) throws IOException {
        if (size < 8) throw new BrokenFileException(file + ": not a safetensors file (only " + size + " bytes)");
        long length = content.bytes(0, 8).getLong();
        if (length < 2 || length > LONGEST_HEADER)
            throw new BrokenFileException(file + ": not a safetensors file (its header would have "
                    + Long.toUnsignedString(length) + " bytes)");
        if (length > size - 8) throw new BrokenFileException(file + ": cut off within its header");
        byte[] text = new byte[(int) length];
        content.bytes(8, text.length).get(text);
        return text;
    }

    private static SafeTensors read(Path file, long size, Content content) {
        try {
            byte[] text = header(file, size, content);
            Header header = Header.read(file, text);
            long base = 8L + text.length;
            header.check(file, size - base);
            Map<String, Weights.Tensor> read = new ConcurrentHashMap<>(), tensors = new LinkedHashMap<>();
            header.arrays().entrySet().parallelStream().forEach(e -> {
                Header.Entry entry = e.getValue();
                if (!isTaken(e.getKey(), entry, file)) return;
                try {
                    ByteBuffer bytes = content.bytes(base + entry.from(), (int) (entry.to() - entry.from()));
                    read.put(e.getKey(), new Weights.Tensor(shape(entry), floats(bytes, entry)));
                } catch (IOException cause) {
                    throw new UncheckedIOException(cause);
                }
            });
            for (String name : header.arrays().keySet()) if (read.containsKey(name)) tensors.put(name, read.get(name));
            return new SafeTensors(new Weights(tensors), header.metadata());
        } catch (UncheckedIOException e) {
            throw ForeignFile.unreadable(file, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw ForeignFile.unreadable(file, e);
        } catch (OutOfMemoryError e) {
            throw new OutOfMemoryException(
                    file + ": its " + (size >> 20) + " MiB need more memory than Java may use", e);
        }
    }

    /** The header's text, in UTF-8. */
    private ByteBuffer header() throws CharacterCodingException {
        StringJoiner strings = new StringJoiner(",", "{", "}"), header = new StringJoiner(",", "{", "}");
        metadata.forEach((name, value) -> strings.add(Header.quoted(name) + ":" + Header.quoted(value)));
        header.add("\"__metadata__\":" + strings);
        long at = 0;
        for (var e : weights.tensors().entrySet()) {
            Shape shape = e.getValue().shape();
            long end = at + 4 * shape.elements();
            String sizes =
                    Arrays.stream(shape.dims()).mapToObj(Integer::toString).collect(Collectors.joining(","));
            header.add(Header.quoted(e.getKey()) + ":{\"dtype\":\"F32\",\"shape\":[" + sizes + "],\"data_offsets\":["
                    + at + "," + end + "]}");
            at = end;
        }
        return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(header.toString()));
    }

    /** Whether an array is one of those that are read. */
    private static boolean isTaken(String name, Header.Entry e, Path file) {
        boolean floats =
                switch (e.type()) {
                    case F16, BF16, F32, F64 -> true;
                    default -> false;
                };
        if (!floats || e.from() == e.to()) return false;
        if (e.to() - e.from() > Integer.MAX_VALUE)
            throw new BrokenFileException(file + ": " + Header.plain(name) + " is too large (more than 2 GiB)");
        return true;
    }

    private static Shape shape(Header.Entry e) {
        return new Shape(Arrays.stream(e.dims()).mapToInt(Math::toIntExact).toArray());
    }

    private static FloatBuffer floats(ByteBuffer bytes, Header.Entry e) {
        if (e.type() == Header.Type.F32) return bytes.asFloatBuffer();
        ElementType stored = ElementType.valueOf(e.type().name());
        FloatBuffer f = FloatBuffer.allocate(bytes.remaining() / stored.bytes);
        for (int i = 0; i < f.limit(); i++) f.put(i, stored.get(bytes, stored.bytes * i));
        return f;
    }

    /** Into memory outside of Java's heap, where a collection need not move what is large and stays. */
    private static ByteBuffer read(FileChannel channel, long at, int length, Path file) throws IOException {
        return filled(ByteBuffer.allocateDirect(length), channel, at, file);
    }

    /** {@code bytes} with what the file has from {@code at} on. */
    private static ByteBuffer filled(ByteBuffer bytes, FileChannel channel, long at, Path file) throws IOException {
        while (bytes.hasRemaining()) {
            int read = channel.read(
                    bytes.slice(bytes.position(), Math.min(CHUNK, bytes.remaining())), at + bytes.position());
            if (read < 0) throw new BrokenFileException(file + ": cut off while reading");
            bytes.position(bytes.position() + read);
        }
        return bytes.flip().order(ByteOrder.LITTLE_ENDIAN);
    }
}
