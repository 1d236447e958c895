package org.convzoo.engine;

import java.nio.FloatBuffer;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Weights;

/** A network in evaluation mode. Safe to share between threads; closing waits for predictions under way. */
public interface Predictor extends AutoCloseable {
    /**
     * The logits of {@code count} images, {@code [count, classes]} in row-major order. A direct buffer in the machine's
     * byte order is read where it lies, so it must not change meanwhile.
     *
     * @param images count x C x H x W floats from the buffer's position on
     * @throws IllegalArgumentException when the buffer has another number of floats
     * @throws IllegalStateException when closed
     */
    float[] logits(FloatBuffer images, int count);

    /**
     * The same for images of another size than the network was made for, where it takes them: photos that keep their
     * proportions. Weights are not copied; each size is compiled when it comes, and only the latest sizes are kept.
     *
     * @param image the shape of each image, {@code [C, H, W]}
     * @throws IllegalArgumentException also when the network does not take such images, by {@link Graph#at}
     */
    float[] logits(FloatBuffer images, int count, Shape image);

    /** Takes other weights of the same network without compiling anew. */
    void load(Weights weights);

    @Override
    void close();
}
