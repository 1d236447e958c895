package org.convzoo.images;

import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A WebP file (RFC 9649), of an animation the first frame on its canvas, black around. TwelveMonkeys' decoder sees
 * nothing but the pixels of a lossless picture; those of a lossy one are decoded as {@link Vp8}.
 *
 * @param width the canvas's
 * @param left where the frame is on it
 * @param pixelsAt where the frame's chunk of pixels begins
 */
record WebP(
        byte[] bytes,
        int width,
        int height,
        int left,
        int top,
        int frameWidth,
        int frameHeight,
        boolean lossless,
        int pixelsAt,
        int pixelsEnd,
        int orientation)
        implements Encoded {
    private static final ImageReaderSpi READER = new WebPImageReaderSpi();
    private static final int FILE_HEADER = 12, FRAME_HEADER = 16;
    private static final int AHEAD = 16; // bytes that the decoder of lossless pictures reads ahead

    /** A part of the file. */
    private record Chunk(String name, int from, int end) {
        static Chunk at(byte[] bytes, int at, int limit) throws IOException {
            if (at + 8 > limit) throw new IOException("it ends before its pixels");
            long end = at + 8 + Exif.number(bytes, at + 4, 4, true);
            if (end > limit) throw new IOException("it ends too early");
            return new Chunk(new String(bytes, at, 4, StandardCharsets.ISO_8859_1), at + 8, (int) end);
        }

        /** Where the chunk after this one begins. */
        int next() {
            return end + (end - from) % 2;
        }
    }

    static WebP of(byte[] bytes) throws IOException {
        int width = 0, height = 0, left = 0, top = 0, orientation = Exif.UPRIGHT;
        int at = FILE_HEADER, limit = bytes.length;
        Chunk pixels = Chunk.at(bytes, at, limit);
        if (pixels.name.equals("VP8X")) {
            if (pixels.end - pixels.from < 10) throw new IOException("its header is too short");
            width = 1 + number(bytes, pixels.from + 4, 3);
            height = 1 + number(bytes, pixels.from + 7, 3);
            orientation = orientation(bytes);
        }
        while (!pixels.name.equals("VP8 ") && !pixels.name.equals("VP8L")) {
            if (pixels.name.equals("ANMF")) { // its chunks lie inside
                limit = pixels.end;
                if (limit - pixels.from < FRAME_HEADER) throw new IOException("the header of its frame is too short");
                left = 2 * number(bytes, pixels.from, 3);
                top = 2 * number(bytes, pixels.from + 3, 3);
                at = pixels.from + FRAME_HEADER;
            } else {
                at = pixels.next();
            }
            pixels = Chunk.at(bytes, at, limit);
        }
        boolean lossless = pixels.name.equals("VP8L");
        int from = pixels.from, frameWidth, frameHeight;
        if (pixels.end - from < (lossless ? 5 : 10)) throw new IOException("it ends before its pixels");
        if (lossless) {
            int packed = number(bytes, from + 1, 4);
            frameWidth = 1 + (packed & 0x3FFF);
            frameHeight = 1 + (packed >> 14 & 0x3FFF);
        } else {
            frameWidth = number(bytes, from + 6, 2) & 0x3FFF;
            frameHeight = number(bytes, from + 8, 2) & 0x3FFF;
        }
        if (width == 0) {
            width = frameWidth;
            height = frameHeight;
        }
        if (left + frameWidth > width || top + frameHeight > height)
            throw new IOException("its frame reaches beyond its canvas");
        return new WebP(
                bytes, width, height, left, top, frameWidth, frameHeight, lossless, from, pixels.end, orientation);
    }

    private static int number(byte[] bytes, int at, int size) {
        return (int) Exif.number(bytes, at, size, true);
    }

    private static int orientation(byte[] bytes) {
        try {
            for (Chunk c = Chunk.at(bytes, FILE_HEADER, bytes.length); ; c = Chunk.at(bytes, c.next(), bytes.length))
                if (c.name.equals("EXIF")) {
                    // As in JPEG, where the specification has it not.
                    boolean named = c.end - c.from > 6 && bytes[c.from] == 'E' && bytes[c.from + 4] == 0;
                    return Exif.orientation(bytes, c.from + (named ? 6 : 0), c.end);
                }
        } catch (IOException e) {
            return Exif.UPRIGHT; // no more chunks
        }
    }

    @Override
    public int bytesPerPixel() {
        return 12;
    }

    @Override
    public Picture decode() throws IOException {
        Picture frame = lossless ? decodeLossless() : Vp8.decode(bytes, pixelsAt, pixelsEnd);
        if (frame.width() != frameWidth || frame.height() != frameHeight)
            throw new IOException("it has other samples than its header says");
        return frame.width() == width && frame.height() == height ? frame : frame.place(left, top, width, height);
    }

    /**
     * A stream whose end is an error: at a plain one TwelveMonkeys' decoder goes on, slowly, with bits of no meaning.
     */
    private static final class Ending extends ImageInputStreamImpl {
        private final byte[] bytes;

        Ending(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            read(one, 0, 1);
            return one[0] & 255;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            int read = (int) Math.min(length, bytes.length - streamPos);
            if (read < 1 && length > 0) throw new IOException("it ends too early");
            System.arraycopy(bytes, (int) streamPos, to, offset, read);
            streamPos += read;
            bitOffset = 0;
            return read;
        }
    }

    private Picture decodeLossless() throws IOException {
        int length = pixelsEnd - pixelsAt;
        byte[] core = new byte[20 + length + length % 2 + AHEAD];
        System.arraycopy(bytes, pixelsAt, core, 20, length);
        ByteBuffer header = ByteBuffer.wrap(core).order(ByteOrder.LITTLE_ENDIAN);
        header.put(bytes, 0, 4).putInt(core.length - AHEAD - 8).put(bytes, 8, 4);
        header.put("VP8L".getBytes(StandardCharsets.ISO_8859_1)).putInt(length);
        ImageReader reader = READER.createReaderInstance();
        try {
            reader.setInput(new Ending(core), true, true);
            return Rasters.picture(reader.read(0));
        } finally {
            reader.dispose();
        }
    }
}
