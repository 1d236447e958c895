package org.convzoo.tensorboard;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.zip.CRC32C;
import javax.imageio.ImageIO;
import org.convzoo.classify.Model;
import org.convzoo.graph.Graph;

/**
 * The records of a TensorBoard event file: TFRecord frames around {@code tensorflow.Event} messages (event.proto and
 * summary.proto of TensorFlow). A frame is the length (8 bytes, little-endian), its masked CRC32C, the message and the
 * message's masked CRC32C. Times are in seconds since 1970.
 */
public final class EventLog {
    private EventLog() {}

    /** The first record of every file. */
    public static byte[] version(double time) {
        return frame(new Message().add(1, time).add(3, "brain.Event:2"));
    }

    /** The network. */
    public static byte[] graph(double time, Graph graph) {
        return frame(new Message().add(1, time).add(4, GraphMessage.of(graph).toBytes()));
    }

    /** Scalars by tag at a step. */
    public static byte[] scalars(double time, long step, Map<String, Double> values) {
        var summary = new Message();
        values.forEach((tag, value) -> summary.add(1, new Message().add(1, tag).add(2, value.floatValue())));
        return summary(time, step, summary);
    }

    /** What a run was trained with, by what its model says of itself. */
    public static byte[] began(double time, Model model) {
        return summary(time, 0, Session.start(model, time));
    }

    /** That a run has ended. */
    public static byte[] ended(double time, long step) {
        return summary(time, step, Session.end(time));
    }

    /** Pictures by tag at a step. Throws {@link IOException} where one cannot be written as PNG. */
    public static byte[] pictures(double time, long step, Map<String, BufferedImage> pictures) throws IOException {
        var summary = new Message();
        for (var p : pictures.entrySet()) {
            BufferedImage picture = p.getValue();
            var png = new ByteArrayOutputStream();
            ImageIO.write(picture, "png", png);
            Message image = new Message()
                    .add(1, picture.getHeight())
                    .add(2, picture.getWidth())
                    .add(3, picture.getColorModel().getNumComponents())
                    .add(4, png.toByteArray());
            summary.add(1, new Message().add(1, p.getKey()).add(4, image));
        }
        return summary(time, step, summary);
    }

    static byte[] summary(double time, long step, Message summary) {
        return frame(new Message().add(1, time).add(2, step).add(5, summary));
    }

    private static byte[] frame(Message event) {
        byte[] message = event.toBytes(),
                length = little(8).putLong(message.length).array();
        return little(16 + message.length)
                .put(length)
                .putInt(masked(length))
                .put(message)
                .putInt(masked(message))
                .array();
    }

    private static int masked(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
