package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.ConvzooException;
import org.convzoo.failure.OutOfMemoryException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Files that claim much, in all formats: they are refused before any memory is taken for them. */
@Timeout(60)
class ClaimsTest {
    private static byte[] fixture(String name) throws IOException {
        return Files.readAllBytes(Fixtures.path("formats/" + name));
    }

    private static void refused(byte[] bytes, Class<? extends ConvzooException> type, String claim) {
        assertThatThrownBy(() -> PictureReader.read(bytes, "x"))
                .isInstanceOf(type)
                .hasMessageStartingWith("x: ")
                .hasMessageContaining("claims " + claim)
                .hasMessageNotContaining("\n");
    }

    private static byte[] chunk(String name, byte[] content) {
        byte[] body = ByteBuffer.allocate(4 + content.length)
                .put(name.getBytes(StandardCharsets.US_ASCII))
                .put(content)
                .array();
        CRC32 crc = new CRC32();
        crc.update(body);
        return ByteBuffer.allocate(8 + body.length)
                .putInt(content.length)
                .put(body)
                .putInt((int) crc.getValue())
                .array();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) out.writeBytes(part);
        return out.toByteArray();
    }

    private static byte[] png(int width, int height, int pixels) {
        byte[] header = ByteBuffer.allocate(13)
                .putInt(width)
                .putInt(height)
                .put(new byte[] {8, 0, 0, 0, 0})
                .array();
        byte[] signature = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 26, '\n'};
        return joined(signature, chunk("IHDR", header), chunk("IDAT", new byte[pixels]), chunk("IEND", new byte[0]));
    }

    @Test
    void png() {
        refused(png(40_000, 40_000, 100), BrokenFileException.class, "40,000 x 40,000 pixels, which its 100 bytes");
        refused(png(40_000, 40_000, 2_000_000), OutOfMemoryException.class, "40,000 x 40,000 pixels, which would take");
        refused(png(Integer.MAX_VALUE, 1, 9_000_000), OutOfMemoryException.class, "2,147,483,647 x 1 pixels");
    }

    /** The frame's size of a JPEG file changed. */
    private static byte[] jpeg(byte[] file, int width, int height) {
        for (int at = 2; ; at += 2 + (file[at + 2] & 255) * 256 + (file[at + 3] & 255))
            if (file[at + 1] == (byte) 0xC0 || file[at + 1] == (byte) 0xC2) {
                ByteBuffer.wrap(file).putShort(at + 5, (short) height).putShort(at + 7, (short) width);
                return file;
            }
    }

    @Test
    void jpeg() throws IOException {
        byte[] small = jpeg(fixture("jpeg_gray.jpg"), 40_000, 40_000);
        refused(small, BrokenFileException.class, "40,000 x 40,000 pixels, which its");
        refused(
                Arrays.copyOf(small, 4_000_000),
                OutOfMemoryException.class,
                "40,000 x 40,000 pixels, which would take");
        byte[] progressive = jpeg(fixture("jpeg_444_progressive.jpg"), 30_000, 30_000);
        refused(Arrays.copyOf(progressive, 4_000_000), OutOfMemoryException.class, "30,000 x 30,000 pixels");
    }

    /** A progressive file whose last scan comes again and again. */
    private static byte[] scans(byte[] file, int more) {
        int last = file.length - 2;
        while (file[last] != (byte) 0xFF || file[last + 1] != (byte) 0xDA) last--;
        byte[][] parts = new byte[more + 2][];
        Arrays.fill(parts, Arrays.copyOfRange(file, last, file.length - 2));
        parts[0] = Arrays.copyOf(file, last);
        parts[more + 1] = new byte[] {(byte) 0xFF, (byte) 0xD9};
        return joined(parts);
    }

    @Test
    void jpegOfThousandsOfScans() throws IOException {
        byte[] file = scans(fixture("jpeg_gray_progressive.jpg"), 2000);
        assertThat(PictureReader.read(file, "small").width()).isEqualTo(67);
        assertThatThrownBy(() -> PictureReader.read(jpeg(file, 4000, 4000), "x.jpg"))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageMatching(
                        "x.jpg: broken picture, it goes over its 4,000 x 4,000 pixels in 20\\d\\d scans, .*");
    }

    @Test
    void jpegOfThousandsOfSegments() throws IOException {
        byte[] plain = fixture("jpeg_444_q90.jpg"), segment = new byte[60_000];
        segment[0] = (byte) 0xFF;
        segment[1] = (byte) 0xE2;
        ByteBuffer.wrap(segment).putShort(2, (short) (segment.length - 2));
        System.arraycopy("ICC_PROFILE\0\1\2".getBytes(StandardCharsets.US_ASCII), 0, segment, 4, 14);
        byte[][] parts = new byte[1002][];
        Arrays.fill(parts, segment);
        parts[0] = Arrays.copyOf(plain, 2);
        parts[1001] = Arrays.copyOfRange(plain, 2, plain.length);
        assertThat(PictureReader.read(joined(parts), "x").pixels())
                .isEqualTo(PictureReader.read(plain, "y").pixels());
    }

    @Test
    void pngWithTextsThatUnpackToMuch() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        packed.writeBytes("text\0\0".getBytes(StandardCharsets.US_ASCII));
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(packed)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 64; i++) deflater.write(zeros);
        }
        byte[] plain = fixture("png_palette_8.png");
        for (String name : new String[] {"zTXt", "iCCP", "iTXt", "eXIf"}) {
            byte[][] parts = new byte[42][];
            Arrays.fill(parts, chunk(name, packed.toByteArray())); // 2.5 GB
            parts[0] = Arrays.copyOf(plain, 33);
            parts[41] = Arrays.copyOfRange(plain, 33, plain.length);
            assertThat(PictureReader.read(joined(parts), name).pixels())
                    .isEqualTo(PictureReader.read(plain, "plain").pixels());
        }
    }

    @Test
    void bmp() throws IOException {
        ByteBuffer runs = ByteBuffer.wrap(fixture("bmp_rle8.bmp")).order(ByteOrder.LITTLE_ENDIAN);
        refused(runs.putInt(18, 40_000).putInt(22, 40_000).array(), OutOfMemoryException.class, "40,000 x 40,000");
        ByteBuffer plain = ByteBuffer.wrap(fixture("bmp_24.bmp")).order(ByteOrder.LITTLE_ENDIAN);
        refused(plain.putInt(18, 40_000).putInt(22, 40_000).array(), BrokenFileException.class, "40,000 x 40,000");
        refused(plain.putInt(18, 1).putInt(22, Integer.MIN_VALUE).array(), BrokenFileException.class, "1 x ");
    }

    @Test
    void gif() throws IOException {
        ByteBuffer screen = ByteBuffer.wrap(fixture("gif_frame.gif")).order(ByteOrder.LITTLE_ENDIAN);
        refused(screen.putInt(6, -1).array(), OutOfMemoryException.class, "65,535 x 65,535");
        ByteBuffer frame = ByteBuffer.wrap(fixture("gif_frame.gif")).order(ByteOrder.LITTLE_ENDIAN);
        refused(frame.putLong(13 + 12 + 8 + 1, -1).array(), OutOfMemoryException.class, "131,070 x 131,070");
    }

    @Test
    void tiff() throws IOException {
        for (String name : new String[] {"tiff_16_rgb_ii.tif", "tiff_16_rgb_mm.tif", "tiff_tiles_ii.tif"}) {
            byte[] bytes = fixture(name);
            ByteBuffer file =
                    ByteBuffer.wrap(bytes).order(bytes[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
            int directory = file.getInt(4);
            for (int i = 0; i < file.getShort(directory); i++) {
                int entry = directory + 2 + 12 * i, tag = file.getShort(entry);
                if (tag == 256 || tag == 257)
                    file.putShort(entry + 2, (short) 4).putInt(entry + 8, 50_000);
            }
            refused(bytes, OutOfMemoryException.class, "50,000 x 50,000");
        }
    }

    @Test
    void webp() throws IOException {
        ByteBuffer lossless = ByteBuffer.wrap(fixture("webp_lossless.webp")).order(ByteOrder.LITTLE_ENDIAN);
        refused(lossless.putInt(21, 0x0FFFFFFF).array(), OutOfMemoryException.class, "16,384 x 16,384");
        ByteBuffer lossy = ByteBuffer.wrap(fixture("webp_lossy_75.webp")).order(ByteOrder.LITTLE_ENDIAN);
        refused(lossy.putInt(26, 0x3FFF3FFF).array(), OutOfMemoryException.class, "16,383 x 16,383");
        ByteBuffer canvas = ByteBuffer.wrap(fixture("webp_animated_smaller.webp"));
        refused(canvas.putInt(24, -1).putShort(28, (short) -1).array(), OutOfMemoryException.class, "16,777,216 x 16");
    }

    @Test
    void webpWhosePixelsEndTooEarly() throws IOException {
        byte[] whole = fixture("webp_lossless.webp");
        int length = whole.length / 2 / 2 * 2;
        ByteBuffer half = ByteBuffer.wrap(Arrays.copyOf(whole, 20 + length)).order(ByteOrder.LITTLE_ENDIAN);
        half.putInt(4, 12 + length).putInt(16, length);
        assertThatThrownBy(() -> PictureReader.read(half.array(), "x"))
                .isInstanceOf(BrokenFileException.class)
                .hasMessage("x: broken picture, it ends too early");
    }

    @Test
    void idxFilesThatUnpackToMuch() throws IOException {
        byte[] labels = ByteBuffer.allocate(9).putInt(0x801).putInt(1).array();
        ByteBuffer header =
                ByteBuffer.allocate(16).putInt(0x803).putInt(1).putInt(2).putInt(3);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(header.array());
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 64; i++) gzip.write(zeros);
        }
        Idx.File classes = new Idx.File("labels", labels), images = new Idx.File("images", packed.toByteArray());
        assertThatThrownBy(() -> Idx.read("train", images, classes))
                .isInstanceOf(BrokenFileException.class)
                .hasMessage("images: longer than its header says");
        for (int[] sizes : new int[][] {{60_000, 60_000}, {Integer.MAX_VALUE, Integer.MAX_VALUE}, {1, 1 << 30}}) {
            byte[] claim =
                    header.putInt(8, sizes[0]).putInt(12, sizes[1]).array().clone();
            assertThatThrownBy(() -> Idx.read("train", new Idx.File("images", claim), classes))
                    .isInstanceOfAny(OutOfMemoryException.class, BrokenFileException.class)
                    .hasMessageStartingWith("images: ");
        }
    }

    /** A picture that takes a share of all room. */
    private record Large(double share) implements Encoded {
        @Override
        public int width() {
            return (int) (Room.ALL / 1024 * share);
        }

        @Override
        public int height() {
            return 1;
        }

        @Override
        public int bytesPerPixel() {
            return 1024;
        }

        @Override
        public Picture decode() {
            throw new UnsupportedOperationException("only its claim is asked for");
        }
    }

    @Test
    void decodersShareTheRoom() throws InterruptedException {
        Room first = Room.of(new Large(0.6));
        CountDownLatch entered = new CountDownLatch(1);
        Thread other = new Thread(() -> {
            Room second = Room.of(new Large(0.6));
            entered.countDown();
            second.close();
        });
        other.start();
        assertThat(entered.await(200, TimeUnit.MILLISECONDS)).isFalse();
        first.close();
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
        other.join();
        assertThatThrownBy(() -> Room.of(new Large(1.1)))
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessageMatching("it claims [0-9,]+ x 1 pixels, which would take .* MB|.*GB; there are .*");
    }
}
