package org.convzoo.engine;

import java.nio.FloatBuffer;
import java.util.List;
import org.convzoo.graph.Graph;
import org.convzoo.weights.Weights;

/** What an engine may tell of its own speed; see {@link Engine#measuring}. */
public interface Measuring {
    /**
     * Measures, in about a second, what the engine reaches at best. Throws
     * {@link org.convzoo.failure.WrongUseException} for a precision that is not one of {@link Engine#precisions}.
     */
    Peak peak(Precision precision);

    /**
     * Predicts {@code runs} times, step by step; the steps in their order.
     *
     * @param predictor one that this engine made
     * @throws IllegalArgumentException for any other, and as {@link Predictor#logits(FloatBuffer, int)} does
     */
    List<LayerTime> profile(Predictor predictor, FloatBuffer images, int count, int runs);

    /**
     * Trains on {@code batch} for {@code runs} steps at a learning rate of 0, step by step; the steps in their order.
     * Gradients that were not yet used are lost; running statistics and what the optimizer remembers move on.
     *
     * @param learner one that this engine made
     * @throws IllegalArgumentException for any other, and as {@link Learner#gradients} does
     */
    List<LayerTime> profile(Learner learner, Batch batch, int runs);

    /**
     * Compiles {@code graph} for training the usual way, and measures the milliseconds of the fastest of some runs forward
     * and back on {@code batch}. Throws as {@link Engine#learner} and {@link Learner#gradients} do.
     */
    double step(Graph graph, Weights weights, Batch batch, Precision precision);
}
