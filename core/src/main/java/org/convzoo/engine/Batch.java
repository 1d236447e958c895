package org.convzoo.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Locale;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.graph.Shape;

/**
 * Some images and what they show.
 *
 * @param size the number of images, N
 * @param images N x C x H x W floats in row-major order; a direct buffer in native order is fastest
 * @param targets N x K probabilities, a row an image; label smoothing and mixing are made here. Empty for prediction
 */
public record Batch(int size, FloatBuffer images, FloatBuffer targets) {
    public Batch {
        images = images.slice();
        targets = targets.slice();
    }

    /** A direct buffer in native order. Throws {@link OutOfMemoryException} when there is no memory for so many. */
    public static FloatBuffer buffer(long elements) {
        if (elements > Integer.MAX_VALUE / Float.BYTES)
            throw new OutOfMemoryException(floats(elements)
                    + " are more than one buffer holds, 2 GiB; take fewer or smaller images at a time");
        try {
            return ByteBuffer.allocateDirect((int) elements * Float.BYTES)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
        } catch (OutOfMemoryError e) {
            throw new OutOfMemoryException(
                    "there is no memory for a buffer of " + floats(elements)
                            + "; take fewer or smaller images at a time, or raise -XX:MaxDirectMemorySize",
                    e);
        }
    }

    private static String floats(long elements) {
        return String.format(Locale.ROOT, "%,d numbers (%,d MiB)", elements, elements >> 18);
    }

    /** Images with the whole probability of each on its label. */
    public static Batch labelled(FloatBuffer images, int classes, int... labels) {
        FloatBuffer targets = buffer((long) labels.length * classes);
        for (int n = 0; n < labels.length; n++) targets.put(n * classes + labels[n], 1);
        return new Batch(labels.length, images, targets);
    }

    /** Throws {@link IllegalArgumentException} unless the buffers have room for N images and N rows of classes. */
    public void check(Shape image, int classes) {
        check("images", images, image);
        check("targets", targets, new Shape(classes));
    }

    /** Throws {@link IllegalArgumentException} unless {@code images} are {@code count} of shape {@code image}. */
    public static void check(FloatBuffer images, int count, Shape image) {
        long needed = image.elements(count);
        if (count < 1 || images.remaining() != needed) {
            throw new IllegalArgumentException(
                    count + " images of " + image + " are " + needed + " floats, got " + images.remaining());
        }
    }

    private void check(String what, FloatBuffer b, Shape each) {
        if (size < 1 || b.remaining() != each.elements(size)) {
            throw new IllegalArgumentException("a batch of " + size + " needs " + size + " x " + each.elements()
                    + " floats of " + what + ", got " + b.remaining());
        }
    }
}
