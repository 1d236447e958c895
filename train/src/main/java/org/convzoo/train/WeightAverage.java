package org.convzoo.train;

import java.nio.FloatBuffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.convzoo.classify.Model;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Param;
import org.convzoo.images.Loader;
import org.convzoo.recipe.Recipe;
import org.convzoo.weights.Weights;

/**
 * Stochastic weight averaging, Izmailov et al. 2018 (1803.05407): the mean of the weights after each epoch from some epoch
 * on. The running statistics of batch norms are of no use to it, and are computed anew.
 */
final class WeightAverage {
    /** What its arrays are called among the optimizer's in a checkpoint, before their own names. */
    private static final String PREFIX = "swa/";

    private WeightAverage() {}

    /**
     * The mean of some weights and one more, whose arrays are made when they are asked for, each time anew.
     *
     * @param mean of {@code count} weights; not looked at where there are none
     */
    static Weights add(Weights mean, int count, Weights more) {
        if (count == 0) return more;
        Map<String, Weights.Tensor> tensors = new LinkedHashMap<>();
        more.tensors()
                .forEach((name, t) -> tensors.put(
                        name,
                        Weights.Tensor.read(t.shape(), () -> add(mean.get(name).values(), count, t.values()))));
        return new Weights(tensors);
    }

    private static FloatBuffer add(FloatBuffer mean, int count, FloatBuffer more) {
        FloatBuffer sum = FloatBuffer.allocate(more.limit());
        for (int i = 0; i < sum.limit(); i++) {
            float before = mean.get(i);
            sum.put(i, before + (more.get(i) - before) / (count + 1));
        }
        return sum;
    }

    /**
     * Weights with the running statistics that the batches of an epoch give them: the mean over batches of each batch's mean
     * and unbiased variance, as PyTorch's {@code update_bn}. Networks without batch norm keep theirs.
     */
    static Weights withStatistics(Engine engine, Model model, Weights weights, Recipe recipe, Loader.Epoch batches) {
        Graph graph = model.graph();
        Set<String> statistics = new HashSet<>();
        for (Node n : graph.nodes())
            if (n.op() instanceof Op.BatchNorm)
                for (Param p : n.params()) if (!p.trainable()) statistics.add(n.name(p));
        if (statistics.isEmpty()) return weights;
        Optimizer still = new Optimizer.Sgd(0, false, Optimizer.Decay.NONE);
        // With a momentum of 1 the running statistics are those of the batch.
        Graph last = recipe.adjusted(graph).withNormMomentum(1);
        Weights mean = new Weights(Map.of());
        int count = 0;
        try (Learner learner = engine.learner(
                last,
                weights,
                still,
                LearnerOptions.DEFAULTS.withSeed(recipe.seed()).withPrecision(recipe.precision()))) {
            while (batches.hasNext()) {
                learner.gradients(batches.next().batch());
                mean = add(mean, count++, learner.state().weights().filter(statistics::contains))
                        .copy();
                learner.update(0);
            }
        }
        Map<String, Weights.Tensor> tensors = new LinkedHashMap<>(weights.tensors());
        tensors.putAll(mean.tensors());
        return new Weights(tensors);
    }

    /** The mean that a checkpoint's arrays have, none before the first epoch that counts. */
    static Weights in(Weights slots) {
        return slots.filter(name -> name.startsWith(PREFIX)).rename(name -> name.substring(PREFIX.length()));
    }

    /** The optimizer's arrays alone. */
    static Weights without(Weights slots) {
        return slots.filter(name -> !name.startsWith(PREFIX));
    }

    /** The optimizer's arrays with the mean after an epoch. */
    static Weights with(Weights slots, Weights mean) {
        Map<String, Weights.Tensor> all = new LinkedHashMap<>(slots.tensors());
        mean.tensors().forEach((name, t) -> all.put(PREFIX + name, t));
        return new Weights(all);
    }
}
