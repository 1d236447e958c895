package org.convzoo.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;

/**
 * Decodes JPEG, PNG, WebP, BMP, GIF and TIFF files, recognised by their content, of several frames or pages the first.
 * The pixels are those of Pillow's {@code exif_transpose} and {@code convert("RGB")}, except that what is grey may stay
 * in one channel: alpha is dropped, not blended; palettes are looked up; CMYK in JPEG is taken as Adobe writes it,
 * inverted; colour profiles are ignored.
 *
 * <p>Samples of 16 bits depart from Pillow: they are divided by 257 and rounded. Pillow cuts grey off at 255, which
 * makes X-rays white, and takes the upper 8 bits of colours.
 *
 * <p>A picture that claims more memory than there is for pictures, half of Java's heap, is refused before it is
 * decoded. So is one that its file is too short to hold, and a JPEG whose many scans would take long.
 */
public final class PictureReader {
    /** A file has at most so many bytes; an array of Java holds some less than an int can count. */
    static final int LONGEST = (int) Math.min(Room.ALL / 4, Integer.MAX_VALUE - 17);

    private PictureReader() {}

    /**
     * Throws {@link BrokenFileException} when the file is missing, cannot be read, is no picture or a broken one, and
     * {@link OutOfMemoryException} when it takes more memory than there is. Both have one line that begins with the
     * file's name.
     */
    public static Picture read(Path file) {
        return read(content(file), file.toString());
    }

    /**
     * Decodes a stream, which it reads to its end and does not close; throws what {@link #read(Path)} does.
     *
     * @param name what the errors call it
     */
    public static Picture read(InputStream in, String name) {
        byte[] bytes;
        try {
            bytes = in.readNBytes(LONGEST + 1);
        } catch (IOException e) {
            throw new BrokenFileException(name + ": cannot be read, " + reason(e), e);
        } catch (OutOfMemoryError e) {
            throw outOfMemory(name, e);
        }
        if (bytes.length > LONGEST)
            throw new OutOfMemoryException(
                    name + ": does not end after " + Room.size(LONGEST) + ", an eighth of Java's heap (-Xmx)");
        return read(bytes, name);
    }

    private static byte[] content(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (attributes.isDirectory()) throw new BrokenFileException(file + ": cannot be read, it is a folder");
            // A pipe or a device may never end.
            if (!attributes.isRegularFile())
                throw new BrokenFileException(file + ": cannot be read, it is no ordinary file");
            try (InputStream in = Files.newInputStream(file)) {
                if (attributes.size() <= LONGEST) {
                    byte[] bytes = new byte[(int) attributes.size()];
                    int read = in.readNBytes(bytes, 0, bytes.length);
                    return read == bytes.length ? bytes : Arrays.copyOf(bytes, read);
                }
                format(in.readNBytes(PictureFormat.BEGINNING), file.toString()); // what is no picture is told first
                throw new OutOfMemoryException(file + ": the file has " + Room.size(attributes.size()) + "; at most "
                        + Room.size(LONGEST) + " are taken, an eighth of Java's heap (-Xmx)");
            }
        } catch (NoSuchFileException e) {
            throw new BrokenFileException(file + ": no such file", e);
        } catch (IOException e) {
            throw new BrokenFileException(file + ": cannot be read, " + reason(e), e);
        } catch (OutOfMemoryError e) {
            throw outOfMemory(file.toString(), e);
        }
    }

    /**
     * Decodes the content of a file; throws what {@link #read(Path)} does.
     *
     * @param name what the errors call it
     */
    public static Picture read(byte[] bytes, String name) {
        PictureFormat format = format(bytes, name);
        try {
            Encoded encoded = encoded(bytes, format);
            Room room = Room.of(encoded);
            try {
                return encoded.decode().turned(encoded.orientation());
            } finally {
                room.close();
            }
        } catch (OutOfMemoryException e) {
            throw new OutOfMemoryException(name + ": " + e.getMessage(), e);
        } catch (OutOfMemoryError e) {
            throw outOfMemory(name, e);
        } catch (IOException | RuntimeException | StackOverflowError e) {
            throw new BrokenFileException(name + ": broken picture, " + reason(e), e);
        }
    }

    private static PictureFormat format(byte[] beginning, String name) {
        if (beginning.length == 0) throw new BrokenFileException(name + ": the file is empty");
        PictureFormat format = PictureFormat.ofContent(beginning)
                .orElseThrow(() -> new BrokenFileException(name + ": no picture of a known format"));
        if (!format.isRead())
            throw new BrokenFileException(
                    name + ": " + format.title() + ", which is not read; convert it to JPEG or PNG");
        return format;
    }

    private static Encoded encoded(byte[] bytes, PictureFormat format) throws IOException {
        return switch (format) {
            case JPEG -> Jpeg.of(bytes);
            case PNG -> Png.of(bytes);
            case WEBP -> WebP.of(bytes);
            case BMP -> Bmp.of(bytes);
            case GIF -> Gif.of(bytes);
            case TIFF -> Tiff.of(bytes);
            default -> throw new IllegalArgumentException(format + " is not read");
        };
    }

    private static OutOfMemoryException outOfMemory(String name, OutOfMemoryError e) {
        return new OutOfMemoryException(
                name + ": memory ran out while it was decoded; make it smaller, or Java's heap larger (-Xmx)", e);
    }

    private static String reason(Throwable e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.lines().findFirst().orElse("no reason given");
    }
}
