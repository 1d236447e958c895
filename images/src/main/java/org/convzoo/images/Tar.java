package org.convzoo.images;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.convzoo.failure.BrokenFileException;

/**
 * The members of a tar archive, found by one pass over its headers: old, ustar, pax and GNU's, with their long names and
 * sizes. Nothing is unpacked. Every failure is a {@link BrokenFileException} that begins with the archive's name.
 */
final class Tar implements AutoCloseable {
    /** An ordinary file in the archive; {@code name} has no {@code ./} before it. */
    record Entry(String name, long offset, long size) {}

    private static final int BLOCK = 512;
    private static final int LONGEST_NAME = 4096; // as Linux has it, in bytes
    private static final int LONGEST_EXTENSION = 1 << 16; // pax headers, in bytes

    private final Path file;
    private final FileChannel channel;
    private final long size;
    private final ByteBuffer block = ByteBuffer.allocate(BLOCK);
    private long at;
    private int others;

    Tar(Path file) throws IOException {
        this.file = file;
        if (!Files.exists(file)) throw new BrokenFileException(file + ": no such file");
        if (!Files.isRegularFile(file)) throw broken("is no ordinary file");
        channel = FileChannel.open(file);
        size = channel.size();
        try {
            if (size == 0) throw broken("the file is empty");
            requirePlain();
        } catch (IOException | BrokenFileException e) {
            channel.close();
            throw e;
        }
    }

    /** A packed archive has no places to read from. */
    private void requirePlain() throws IOException {
        byte[] start = read(0, (int) Math.min(size, 6));
        String hex = HexFormat.of().formatHex(start);
        boolean packed = hex.startsWith("1f8b")
                || hex.startsWith("425a68")
                || hex.startsWith("28b52ffd")
                || hex.startsWith("fd377a585a00");
        if (packed) throw broken("is compressed; pictures are read where they lie in an archive, so unpack it to .tar");
    }

    /** How many links, devices and the like were passed over. */
    int others() {
        return others;
    }

    /** The next file; empty at the end. */
    Optional<Entry> next() throws IOException {
        String longName = "";
        long longSize = -1;
        while (true) {
            header();
            if (isZero()) return Optional.empty();
            requireChecksum();
            long length = number(124, 12), content = at;
            char type = (char) block.get(156);
            // Links and folders have no content, whatever their size says.
            if (type >= '1' && type <= '6') length = 0;
            if (longSize >= 0 && type != 'x' && type != 'L' && type != 'K' && type != 'g') {
                if (type < '1' || type > '6') length = longSize;
            }
            if (length > size - content)
                throw broken("cut short, the member "
                        + Table.shortened(longName.isEmpty() ? name() : longName) + " claims " + length
                        + " bytes where "
                        + (size - content) + " are left");
            at = content + (length + BLOCK - 1) / BLOCK * BLOCK;
            switch (type) {
                case 'x', 'g' -> {
                    for (String[] record : records(extension(content, length, LONGEST_EXTENSION))) {
                        if (type == 'g') continue;
                        if (record[0].equals("path")) longName = record[1];
                        if (record[0].equals("size")) longSize = decimal(record[1]);
                        if (record[0].startsWith("GNU.sparse.")) throw broken("has a sparse file, which is not read");
                    }
                }
                case 'L' -> longName = terminated(extension(content, length, LONGEST_NAME + 1));
                case 'K' -> extension(content, length, LONGEST_NAME + 1);
                case 'S' -> throw broken("has a sparse file, which is not read");
                case '0', '\0', '7' -> {
                    String name = longName.isEmpty() ? name() : longName;
                    // An old archive's folder is a file whose name ends so.
                    if (!name.endsWith("/")) return Optional.of(new Entry(checked(name), content, length));
                    longName = "";
                    longSize = -1;
                }
                default -> {
                    if (type != '5') others++;
                    longName = "";
                    longSize = -1;
                }
            }
        }
    }

    private void header() throws IOException {
        if (size - at < BLOCK) throw broken("cut short, its end is missing");
        block.clear();
        block.put(read(at, BLOCK));
        at += BLOCK;
    }

    private byte[] read(long from, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining())
            if (channel.read(bytes, from + bytes.position()) < 0) throw broken("was cut short while it was read");
        return bytes.array();
    }

    private boolean isZero() {
        for (byte b : block.array()) if (b != 0) return false;
        return true;
    }

    /** The sum of the header's bytes, with blanks in place of the sum; some old programs took the bytes as signed. */
    private void requireChecksum() {
        long unsigned = 0, signed = 0;
        for (int i = 0; i < BLOCK; i++) {
            byte b = i >= 148 && i < 156 ? (byte) ' ' : block.get(i);
            unsigned += b & 255;
            signed += b;
        }
        long said = number(148, 8);
        if (said != unsigned && said != signed)
            throw broken(
                    at == BLOCK
                            ? "is no tar archive"
                            : "broken, at byte " + (at - BLOCK) + " is no header of a member");
    }

    /** A number in octal digits, or in GNU's way as bytes. */
    private long number(int from, int count) {
        byte[] bytes = block.array();
        if ((bytes[from] & 0x80) != 0) {
            long value = bytes[from] & 0x7F;
            for (int i = from + 1; i < from + count; i++) {
                if (value >>> 55 != 0) throw broken("a header at byte " + (at - BLOCK) + " claims too large a number");
                value = value << 8 | bytes[i] & 255;
            }
            return value;
        }
        String text = new String(bytes, from, count, StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\0');
        text = (end < 0 ? text : text.substring(0, end)).strip();
        if (!text.matches("[0-7]{0,12}"))
            throw broken(at == BLOCK ? "is no tar archive" : "broken, the header at byte " + (at - BLOCK));
        return text.isEmpty() ? 0 : Long.parseLong(text, 8);
    }

    private byte[] extension(long from, long length, int most) throws IOException {
        if (length > most)
            throw broken("a header at byte " + (from - BLOCK) + " claims a name of " + length + " bytes");
        return read(from, (int) length);
    }

    /** The records of a pax header: {@code LENGTH KEY=VALUE\n}, of which the length counts all of it. */
    private List<String[]> records(byte[] bytes) {
        List<String[]> records = new ArrayList<>();
        for (int from = 0; from < bytes.length; ) {
            int blank = from;
            while (blank < bytes.length && bytes[blank] >= '0' && bytes[blank] <= '9') blank++;
            long length = blank == from ? -1 : decimal(text(bytes, from, blank - from));
            if (length <= blank + 1 - from || length > bytes.length - from || bytes[blank] != ' ')
                throw broken("broken, a pax header before byte " + at);
            int end = (int) (from + length), equal = blank + 1;
            while (equal < end && bytes[equal] != '=') equal++;
            if (equal == end || bytes[end - 1] != '\n') throw broken("broken, a pax header before byte " + at);
            String key = new String(bytes, blank + 1, equal - blank - 1, StandardCharsets.ISO_8859_1);
            // Values of other keys may be of any bytes.
            boolean used = key.equals("path") || key.equals("size");
            records.add(new String[] {key, used ? text(bytes, equal + 1, end - equal - 2) : ""});
            from = end;
        }
        return records;
    }

    private long decimal(String text) {
        if (!text.matches("[0-9]{1,18}")) throw broken("broken, a pax header before byte " + at);
        return Long.parseLong(text);
    }

    private String terminated(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) end++;
        return text(bytes, 0, end);
    }

    /** The name in the header itself. */
    private String name() {
        String name = field(0, 100);
        boolean ustar = new String(block.array(), 257, 6, StandardCharsets.ISO_8859_1).equals("ustar\0");
        String prefix = ustar ? field(345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private String field(int from, int count) {
        byte[] bytes = block.array();
        int length = 0;
        while (length < count && bytes[from + length] != 0) length++;
        return text(bytes, from, length);
    }

    private String text(byte[] bytes, int from, int count) {
        try {
            return Utf8.text(bytes, from, count);
        } catch (CharacterCodingException e) {
            throw new BrokenFileException(file + ": has a member whose name is not in UTF-8", e);
        }
    }

    /** Throws {@link BrokenFileException} where a name is none, or would lead out of a folder it is unpacked to. */
    private String checked(String name) {
        while (name.startsWith("./")) name = name.substring(2);
        boolean leadsOut = name.startsWith("/") || ("/" + name + "/").contains("/../");
        if (leadsOut) throw broken("the member " + Table.shortened(name) + " leads out of the archive");
        if (name.isEmpty() || name.length() > LONGEST_NAME || Table.isOddlyWritten(name))
            throw broken("has a member with the name '" + Table.shortened(name) + "'");
        return name;
    }

    private BrokenFileException broken(String what) {
        return new BrokenFileException(file + ": " + what);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
