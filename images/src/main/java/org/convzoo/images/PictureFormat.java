package org.convzoo.images;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The formats that pictures come in: those that {@link PictureReader} reads, and those that it knows but does not read.
 * What a file is, its content says; its name only says what it is meant to be.
 */
public enum PictureFormat {
    JPEG(true, "a JPEG picture", "jpg", "jpeg", "jpe", "jfif"),
    PNG(true, "a PNG picture", "png"),
    WEBP(true, "a WebP picture", "webp"),
    BMP(true, "a BMP picture", "bmp", "dib"),
    GIF(true, "a GIF picture", "gif"),
    TIFF(true, "a TIFF picture", "tif", "tiff"),
    HEIC(false, "a HEIC picture", "heic", "heif", "hif"),
    AVIF(false, "an AVIF picture", "avif"),
    JPEG_XL(false, "a JPEG XL picture", "jxl"),
    JPEG_2000(false, "a JPEG 2000 picture", "jp2", "j2k", "jpx", "j2c"),
    RAW(
            false,
            "a raw picture of a camera",
            "cr2 cr3 crw nef nrw arw srf sr2 dng orf rw2 raf pef srw x3f raw 3fr erf kdc mrw rwl iiq".split(" ")),
    SVG(false, "an SVG drawing", "svg", "svgz"),
    PHOTOSHOP(false, "a Photoshop picture", "psd", "psb"),
    ICON(false, "an icon", "ico", "cur"),
    PDF(false, "a PDF document", "pdf");

    /** How many bytes of a file's beginning {@link #ofContent} can make use of. */
    public static final int BEGINNING = 1024;

    /** How a file of a format begins; a question mark stands for any byte. */
    private record Magic(PictureFormat format, String bytes) {}

    private static final List<Magic> MAGICS = List.of(
            new Magic(JPEG, "\u00FF\u00D8\u00FF"),
            new Magic(PNG, "\u0089PNG"),
            new Magic(WEBP, "RIFF????WEBP"),
            new Magic(BMP, "BM?????????????\0\0\0"), // the size of the second header is less than 256
            new Magic(GIF, "GIF87a"),
            new Magic(GIF, "GIF89a"),
            new Magic(RAW, "II*\0????CR"), // Canon's, which would pass as TIFF
            new Magic(TIFF, "II*\0"),
            new Magic(TIFF, "MM\0*"),
            new Magic(RAW, "????ftypcrx"), // Canon's
            new Magic(RAW, "FUJIFILMCCD-RAW"),
            new Magic(RAW, "IIRO"), // Olympus
            new Magic(RAW, "IIU\0"), // Panasonic
            new Magic(JPEG_XL, "\u00FF\n"),
            new Magic(JPEG_XL, "\0\0\0\fJXL "),
            new Magic(JPEG_2000, "\u00FFO\u00FFQ"),
            new Magic(JPEG_2000, "\0\0\0\fjP  "),
            new Magic(PHOTOSHOP, "8BPS"),
            new Magic(ICON, "\0\0\1\0"),
            new Magic(ICON, "\0\0\2\0"),
            new Magic(PDF, "%PDF"));

    private static final List<String> AVIF_BRANDS = List.of("avif", "avis");
    private static final List<String> HEIC_BRANDS =
            List.of("heic", "heix", "hevc", "hevx", "heim", "heis", "hevm", "hevs", "mif1", "msf1");

    private final boolean isRead;
    private final String title;
    private final List<String> extensions;

    PictureFormat(boolean isRead, String title, String... extensions) {
        this.isRead = isRead;
        this.title = title;
        this.extensions = List.of(extensions);
    }

    /** Whether {@link PictureReader} reads it. */
    public boolean isRead() {
        return isRead;
    }

    /** What it is in words, with its article: {@code "a HEIC picture"}. */
    public String title() {
        return title;
    }

    /** What a file of that name is meant to be, by its extension in any case; empty for any that is no picture's. */
    public static Optional<PictureFormat> ofName(String fileName) {
        String extension = fileName.substring(fileName.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        if (extension.length() == fileName.length()) return Optional.empty();
        for (PictureFormat format : values()) if (format.extensions.contains(extension)) return Optional.of(format);
        return Optional.empty();
    }

    /**
     * What a file is that begins like this; empty when it is no picture.
     *
     * @param beginning the file's first {@link #BEGINNING} bytes, or all; more are not looked at
     */
    public static Optional<PictureFormat> ofContent(byte[] beginning) {
        String start = new String(beginning, 0, Math.min(beginning.length, BEGINNING), StandardCharsets.ISO_8859_1);
        for (Magic magic : MAGICS) if (begins(start, magic.bytes)) return Optional.of(magic.format);
        if (start.startsWith("ftyp", 4)) return ofBrands(start);
        boolean svg = start.stripLeading().startsWith("<") && start.contains("<svg");
        return svg ? Optional.of(SVG) : Optional.empty();
    }

    private static boolean begins(String start, String magic) {
        if (start.length() < magic.length()) return false;
        for (int i = 0; i < magic.length(); i++)
            if (magic.charAt(i) != '?' && magic.charAt(i) != start.charAt(i)) return false;
        return true;
    }

    /**
     * HEIC and AVIF share a container with films: a box of four-letter brands says what is inside (ISO/IEC 23008-12).
     */
    private static Optional<PictureFormat> ofBrands(String start) {
        List<String> brands = new ArrayList<>();
        int end = Math.min(start.length(), start.charAt(2) << 8 | start.charAt(3));
        for (int at = 8; at + 4 <= end; at += 4) brands.add(start.substring(at, at + 4));
        if (!Collections.disjoint(brands, AVIF_BRANDS)) return Optional.of(AVIF);
        return Collections.disjoint(brands, HEIC_BRANDS) ? Optional.empty() : Optional.of(HEIC);
    }
}
