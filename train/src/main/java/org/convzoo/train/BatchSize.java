package org.convzoo.train;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Measuring;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.recipe.Recipe;
import org.convzoo.weights.Weights;

/**
 * How fast a training is by the size of its batches on this machine, measured on noise.
 *
 * @param measured the sizes that fit the memory, from the smallest
 */
public record BatchSize(List<Measured> measured) {
    /** How much slower an image may be than in the fastest batches: smaller ones make more steps of an epoch. */
    private static final double SLOWER = 1.05;

    private static final int SMALLEST = 16, LARGEST = 256;

    /** An epoch of fewer steps than this is no epoch. */
    private static final int LEAST_STEPS = 8;

    /** Seconds that the steps on an image take in batches of that size. */
    public record Measured(int batch, double perImage) {}

    public BatchSize {
        measured = List.copyOf(measured);
    }

    /**
     * Measures batches of 16 to 256 images, as far as an epoch then has 8 steps and the memory suffices.
     *
     * @throws WrongUseException where the engine does not measure
     * @throws OutOfMemoryException where not even the smallest batch fits
     */
    public static BatchSize of(Engine engine, TrainRequest request) {
        Measuring measuring = engine.measuring()
                .orElseThrow(() -> new WrongUseException(
                        "the engine does not measure batches; say how many images one is to have"));
        Recipe recipe = request.recipe();
        Graph graph = recipe.adjusted(request.graph());
        Weights weights = Weights.initial(graph, 0);
        int images =
                request.splits().holdOut(recipe.validation().holdOut()).train().size();
        List<Measured> measured = new ArrayList<>();
        for (int size = SMALLEST; size <= LARGEST; size *= 2) {
            if (size > SMALLEST && size * LEAST_STEPS > images) break;
            try {
                double ms = measuring.step(graph, weights, noise(graph, size), recipe.precision());
                measured.add(new Measured(size, ms / 1000 / size));
            } catch (OutOfMemoryException e) {
                if (measured.isEmpty()) throw e;
                break;
            }
        }
        return new BatchSize(measured);
    }

    private static Batch noise(Graph graph, int size) {
        var random = new SplittableRandom(1);
        var pixels = Batch.buffer(graph.input().shape().elements(size));
        for (int i = 0; i < pixels.limit(); i++) pixels.put(i, (float) random.nextGaussian());
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) labels[i] = i % graph.classes();
        return Batch.labelled(pixels, graph.classes(), labels);
    }

    /** The smallest size whose images take hardly longer than those of the fastest. */
    public int chosen() {
        double least = measured.stream().mapToDouble(Measured::perImage).min().orElseThrow();
        return measured.stream()
                .filter(m -> m.perImage() <= SLOWER * least)
                .findFirst()
                .orElseThrow()
                .batch();
    }

    /**
     * The recipe with batches of that size. Its learning rate grows with the root of the size, as the noise of a gradient
     * falls with it (Krizhevsky 2014, 1404.5997, section 5).
     */
    public Recipe applied(Recipe recipe) {
        return recipe.withBatch(chosen())
                .withLearningRate(recipe.learningRate() * Math.sqrt(chosen() / (double) recipe.batch()));
    }
}
