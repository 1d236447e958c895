package org.convzoo.view;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.convzoo.images.Picture;

/** Pieces of a page. */
final class Html {
    private static final float QUALITY = 0.8f;

    private Html() {}

    /** For text and for attributes in quotes of either kind. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** Text as HTML that may go on in another line after an underscore, too, rather than anywhere. */
    static String breakable(String text) {
        return escape(text).replace("_", "_<wbr>");
    }

    /** The picture inside a URL, as PNG or as JPEG, whichever is smaller. */
    static String dataUri(Picture picture) {
        BufferedImage image = image(picture);
        byte[] png = encoded(image, "png"), jpeg = encoded(image, "jpeg");
        return png.length < jpeg.length ? dataUri("image/png", png) : dataUri("image/jpeg", jpeg);
    }

    /** The picture as Java's own. */
    static BufferedImage image(Picture picture) {
        int w = picture.width(), h = picture.height(), c = picture.channels();
        BufferedImage image =
                new BufferedImage(w, h, c == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        if (c == 1) {
            image.getRaster().setDataElements(0, 0, w, h, picture.pixels());
        } else {
            byte[] p = picture.pixels();
            for (int i = 0; i < w * h; i++) {
                image.setRGB(i % w, i / w, (p[3 * i] & 255) << 16 | (p[3 * i + 1] & 255) << 8 | p[3 * i + 2] & 255);
            }
        }
        return image;
    }

    /** The image inside a URL, as PNG. */
    static String png(BufferedImage image) {
        return dataUri("image/png", encoded(image, "png"));
    }

    private static byte[] encoded(BufferedImage image, String format) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        var bytes = new ByteArrayOutputStream();
        try (var out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam settings = writer.getDefaultWriteParam();
            if (format.equals("jpeg")) {
                settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                settings.setCompressionQuality(QUALITY);
            }
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** The bytes inside a URL. */
    static String dataUri(String type, byte[] bytes) {
        return "data:" + type + ";base64," + Base64.getEncoder().encodeToString(bytes);
    }
}
