package org.convzoo.engine;

import java.nio.FloatBuffer;
import java.util.Map;
import org.convzoo.weights.Weights;

/** A network in training: {@link #gradients} and {@link #update} in turn. The last batch may be smaller. */
public interface Learner extends AutoCloseable {
    /**
     * What a step computed.
     *
     * @param loss the mean {@linkplain LearnerOptions#loss loss} of the images plus each auxiliary head's times its weight
     * @param logits {@code [N, classes]} in training mode, row-major
     * @param auxiliary the same of each auxiliary head, by name
     */
    record Step(double loss, float[] logits, Map<String, float[]> auxiliary) {}

    /**
     * Forward in training mode (running statistics move unless they are frozen), loss and backward. Gradients, divided by
     * {@link LearnerOptions#accumulation}, add up until {@link #update} is called.
     */
    Step gradients(Batch batch);

    /**
     * Copies all gradients to {@code to}, from its position on; the position stays. They come in the order of
     * {@link org.convzoo.graph.Graph#parameters}, trainable ones only, each in row-major order, whatever layout the
     * engine computes in: places of equal graphs mean the same on any machine, so that gradients of several can be
     * added. Those of parameters that are {@linkplain ParameterGroup frozen} are zeros.
     *
     * @throws IllegalArgumentException unless {@code to} has room for exactly
     *     {@link org.convzoo.graph.Graph#parameterCount} floats
     */
    void readGradients(FloatBuffer to);

    /**
     * Takes {@code from} instead of all gradients, in the order of {@link #readGradients} and throwing as that does.
     * What was read comes back in the same bits; what stands in the places of frozen parameters is passed over.
     */
    void writeGradients(FloatBuffer from);

    /** The gradients of the parameters that learn by name, in plain layout. */
    Weights gradientsByName();

    /** One optimizer step on every parameter that learns; then the gradients count as zero. */
    void update(double learningRate);

    /** Parameters and running statistics as they are now, a copy. */
    Weights weights();

    /**
     * The moving average of parameters and running statistics, a copy; before the first update, and from an optimizer
     * without {@link Optimizer#ema}, they themselves.
     */
    Weights averages();

    /**
     * What the optimizer remembers, a copy: {@code momentum/NAME}, or {@code mean/NAME} and {@code square/NAME}; and
     * {@code average/NAME} for {@link #averages}, if it keeps one. Frozen parameters and running statistics have none.
     */
    Weights slots();

    /**
     * Continues from the weights and slots of a learner with the same groups: the next step ends in the same bits as if
     * there had been no break.
     */
    void restore(Weights weights, Weights slots, long steps);

    /** The number of updates made. */
    long steps();

    @Override
    void close();
}
