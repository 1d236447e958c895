package org.convzoo.engine;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import org.convzoo.weights.Weights;

/** A network in training: {@link #gradients} and {@link #update} in turn. The last batch may be smaller. */
public interface Learner extends AutoCloseable {
    /**
     * What a step computed.
     *
     * @param loss mean cross-entropy of the target rows plus each auxiliary head's times its weight
     * @param logits {@code [N, classes]} in training mode, row-major
     * @param auxiliary the same of each auxiliary head, by name
     */
    record Step(double loss, float[] logits, Map<String, float[]> auxiliary) {}

    /**
     * Forward in training mode (running statistics move), loss and backward. Gradients add up until
     * {@link #update} is called.
     */
    Step gradients(Batch batch);

    /**
     * All gradients as one direct buffer, in an order of the engine's own that is the same for equal graphs, for
     * scaling and all-reduce. Padding, if any, is zero.
     */
    FloatBuffer flatGradients();

    /** The gradients by name, in plain layout. */
    Weights gradientsByName();

    /** One optimizer step on every trainable parameter; then the gradients count as zero. */
    void update(double learningRate);

    /**
     * Trains on {@code batch} for {@code runs} steps at a learning rate of 0, step by step; the steps in their order.
     * Gradients that were not yet used are lost; running statistics and what the optimizer remembers move on.
     */
    List<LayerTime> profile(Batch batch, int runs);

    /** Parameters and running statistics as they are now, a copy. */
    Weights weights();

    /**
     * The moving average of parameters and running statistics, a copy; before the first update, and from an optimizer
     * without {@link Optimizer#ema}, they themselves.
     */
    Weights averages();

    /**
     * What the optimizer remembers, a copy: {@code momentum/NAME}, or {@code mean/NAME} and {@code square/NAME}; and
     * {@code average/NAME} for {@link #averages}, if it keeps one.
     */
    Weights slots();

    /** Continues from weights and slots: the next step ends in the same bits as if there had been no break. */
    void restore(Weights weights, Weights slots, long steps);

    /** The number of updates made. */
    long steps();

    @Override
    void close();
}
