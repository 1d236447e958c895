package org.convzoo.cli;

import java.util.Locale;
import java.util.Optional;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Measuring;
import org.convzoo.engine.Precision;
import org.convzoo.graph.Graph;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;

/** Tells where a precision does not pay: what a training step takes in it, beside one in float32. */
final class PrecisionRemark {
    /** Images of the steps that are measured, at most: each way takes a second or two. */
    private static final int IMAGES = 8;

    /** How many times as long as in float32 is too long; less may be noise. */
    private static final double SLOWER = 1.05;

    private PrecisionRemark() {}

    /** Measures a step of some made-up images in both; nothing if {@code precision} is not slower. */
    static Optional<String> of(Engine engine, Graph graph, Precision precision, int batch) {
        Optional<Measuring> measuring = engine.measuring();
        if (precision == Precision.F32 || measuring.isEmpty()) return Optional.empty();
        Batch images = ValueRule.batch(graph.input().shape(), graph.classes(), Math.min(batch, IMAGES));
        Weights weights = Weights.initial(graph, 1);
        double own = measuring.get().step(graph, weights, images, precision);
        return text(precision, images.size(), own, measuring.get().step(graph, weights, images, Precision.F32));
    }

    /** @param milliseconds of a step in {@code precision}, and in {@code f32} */
    static Optional<String> text(Precision precision, int images, double milliseconds, double f32) {
        if (milliseconds < SLOWER * f32) return Optional.empty();
        return Optional.of(String.format(
                Locale.ROOT,
                "%s does not pay here: a step of %d images takes %.3g ms in it, and %.3g ms in f32",
                precision,
                images,
                milliseconds,
                f32));
    }
}
