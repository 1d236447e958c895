package org.convzoo.images;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.convzoo.failure.BrokenFileException;

/**
 * Reads a table as RFC 4180 describes it, in UTF-8: fields in quotes may hold separators, line ends and doubled quotes;
 * lines end in CR LF, LF or CR; empty lines are none. Blanks around a field that is not in quotes do not count, nor does
 * a byte order mark. Every failure is a {@link BrokenFileException} that begins with {@code FILE:LINE}.
 */
final class Csv {
    /** @param line the number of its first line in the file, from 1 */
    record Row(int line, List<String> fields) {}

    private static final int LONGEST = 10_000; // bytes of a field
    private static final int WIDEST = 1_000; // fields of a row
    private static final int END = -1;

    private final String file;
    private final PushbackInputStream in;
    private final char separator;
    private int line = 1;

    Csv(InputStream in, String file, char separator) throws IOException {
        this.in = new PushbackInputStream(new BufferedInputStream(in), 3);
        this.file = file;
        this.separator = separator;
        skipMark();
    }

    private void skipMark() throws IOException {
        byte[] start = in.readNBytes(3);
        if (start.length >= 2 && (start[0] & 255 ^ start[1] & 255) == (0xFE ^ 0xFF) && (start[0] & 255) >= 0xFE)
            throw broken(1, "is in UTF-16; save it in UTF-8");
        boolean mark =
                start.length == 3 && start[0] == (byte) 0xEF && start[1] == (byte) 0xBB && start[2] == (byte) 0xBF;
        if (!mark) in.unread(start);
    }

    /** The next row; empty at the end of the file. */
    Optional<Row> next() throws IOException {
        int b = in.read();
        while (b == '\n' || b == '\r') b = ended(b);
        if (b == END) return Optional.empty();
        unread(b);
        int start = line;
        List<String> fields = new ArrayList<>();
        int end;
        do {
            end = field(fields);
            if (fields.size() > WIDEST) throw broken(start, "has more than " + WIDEST + " fields");
        } while (end == separator);
        if (end != END) unread(ended(end));
        return Optional.of(new Row(start, fields));
    }

    private void unread(int b) throws IOException {
        if (b != END) in.unread(b);
    }

    /** The byte after a line end that begins with {@code b}. */
    private int ended(int b) throws IOException {
        line++;
        int next = in.read();
        if (b == '\r' && next == '\n') next = in.read();
        return next;
    }

    /** Adds a field, and returns the byte that ended it. */
    private int field(List<String> fields) throws IOException {
        int start = line, b = in.read();
        while (b == ' ' || b == '\t' && separator != '\t') b = in.read();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (b != '"') {
            while (b != END && b != separator && b != '\n' && b != '\r') {
                add(bytes, b, start);
                b = in.read();
            }
            fields.add(text(bytes, start).strip());
            return b;
        }
        while (true) {
            b = in.read();
            if (b == END) throw broken(start, "a quote is not closed");
            if (b == '"') {
                b = in.read();
                if (b != '"') break;
            }
            // A line end is LF in a field, whatever it is in the file.
            if (b == '\n' || b == '\r') {
                unread(ended(b));
                b = '\n';
            }
            add(bytes, b, start);
        }
        while (b == ' ' || b == '\t' && separator != '\t') b = in.read();
        if (b != END && b != separator && b != '\n' && b != '\r')
            throw broken(line, "something follows the quote that closes a field");
        fields.add(text(bytes, start));
        return b;
    }

    private void add(ByteArrayOutputStream bytes, int b, int start) {
        bytes.write(b);
        if (bytes.size() > LONGEST)
            throw broken(start, "a field is longer than " + LONGEST + " bytes; perhaps a quote is not closed");
    }

    private String text(ByteArrayOutputStream bytes, int at) {
        try {
            return Utf8.text(bytes.toByteArray());
        } catch (CharacterCodingException e) {
            throw new BrokenFileException(file + ":" + at + ": is not in UTF-8; save the file in UTF-8", e);
        }
    }

    private BrokenFileException broken(int at, String what) {
        return new BrokenFileException(file + ":" + at + ": " + what);
    }
}
