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
     * What a learner holds. Large networks' arrays need not be in memory all at once: one is read when its values are
     * asked for, each time anew.
     *
     * @param weights parameters and running statistics
     * @param averages the moving average of these; before the first update, and from an optimizer without {@link
     *     Optimizer#ema}, they themselves
     * @param slots what the optimizer remembers: {@code momentum/NAME}, or {@code mean/NAME} and {@code square/NAME}; and
     *     {@code average/NAME} for the averages, if it keeps them. Frozen parameters and running statistics have none
     * @param gradients of the parameters that learn, in plain layout
     */
    record State(Weights weights, Weights averages, Weights slots, Weights gradients) {}

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

    /** A copy of the {@linkplain State#gradients gradients}. */
    default Weights gradientsByName() {
        return state().gradients().copy();
    }

    /** One optimizer step on every parameter that learns; then the gradients count as zero. */
    void update(double learningRate);

    /** What it holds as it is now: good until the learner goes on or is closed. */
    State state();

    /** A copy of the {@linkplain State#weights weights}. */
    default Weights weights() {
        return state().weights().copy();
    }

    /** A copy of the {@linkplain State#averages averages}. */
    default Weights averages() {
        return state().averages().copy();
    }

    /** A copy of the {@linkplain State#slots slots}. */
    default Weights slots() {
        return state().slots().copy();
    }

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
