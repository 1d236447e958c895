package org.convzoo.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.classify.Features;
import org.convzoo.classify.Model;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.images.Augmentation;
import org.convzoo.images.Augmentation.Flip;
import org.convzoo.images.Dataset;
import org.convzoo.images.Loader;
import org.convzoo.recipe.Recipe;
import org.convzoo.weights.Weights;

/**
 * Fits a network's head to the features that the rest of it makes of the training images. They are computed once, of an
 * image as it is and, where the recipe mirrors images, of its mirror image, and kept in memory; the head is then the
 * {@link LogisticRegression} of them.
 *
 * <p>A head that is a convolution gives the mean of what it says at each place, so that it is fitted to the mean of its
 * features. Where a ReLU comes between, all biases are raised by the same, which changes no probability, until it lets
 * nearly everything pass.
 */
final class HeadFit {
    /** About the best in cross-validation on photos of clothes, where ten times as much or as little loses a point. */
    private static final double PENALTY = 0.1;

    /**
     * What it came to.
     *
     * @param weights the network's, with the head's as fitted
     * @param images whose features were computed
     * @param loss mean cross-entropy of the features, their labels smoothed as the recipe says
     * @param top1 share of them that is right
     */
    record Fitted(Weights weights, int images, double loss, double top1) {}

    private final Engine engine;
    private final Model model;
    private final Recipe recipe;
    private final TrainListener listener;
    private final Graph graph;
    private final Node head;

    HeadFit(Engine engine, Model model, Recipe recipe, TrainListener listener) {
        this.engine = engine;
        this.model = model;
        this.recipe = recipe;
        this.listener = listener;
        graph = model.graph();
        head = graph.heads().get(0);
    }

    Fitted fit(Dataset dataset) {
        List<Augmentation> views = recipe.augmentation().steps().stream().anyMatch(Flip.class::isInstance)
                ? List.of(Augmentation.NONE, Augmentation.of(new Flip(1)))
                : List.of(Augmentation.NONE);
        Features part = Features.of(graph, model.weights());
        int images = views.size() * dataset.size(), done = 0;
        int features = Math.toIntExact(part.graph().output().shape().elements());
        float[] x = room(images, features);
        int[] labels = new int[images];
        PredictorOptions options =
                PredictorOptions.DEFAULTS.withPrecision(recipe.precision()).forImages(images);
        try (Predictor predictor = engine.predictor(part.graph(), part.weights(), options)) {
            for (Augmentation view : views) {
                try (Loader loader = loader(dataset, view);
                        Loader.Epoch epoch = loader.epoch(0, Loader.Order.SEQUENTIAL)) {
                    while (epoch.hasNext()) {
                        Loader.Minibatch batch = epoch.next();
                        int size = batch.batch().size();
                        float[] own = predictor.logits(batch.batch().images(), size);
                        System.arraycopy(own, 0, x, done * features, own.length);
                        System.arraycopy(batch.labels(), 0, labels, done, size);
                        listener.features(done += size, images);
                    }
                }
            }
        }
        LogisticRegression.Layer layer =
                LogisticRegression.fit(x, labels, graph.classes(), PENALTY, recipe.smoothing());
        return new Fitted(with(layer, dataset), images, layer.loss(), layer.top1());
    }

    private static float[] room(int images, int features) {
        long floats = (long) images * features;
        String claimed = "the features of " + images + " images, " + features + " each, ";
        if (floats > Integer.MAX_VALUE - 8) throw new OutOfMemoryException(claimed + "are more than an array can hold");
        try {
            return new float[(int) floats];
        } catch (OutOfMemoryError e) {
            throw new OutOfMemoryException(
                    claimed + "take " + (floats * Float.BYTES >> 20)
                            + " MiB of Java's heap (-Xmx), which are not there",
                    e);
        }
    }

    private Loader loader(Dataset dataset, Augmentation view) {
        return new Loader(dataset, model.transform(), view, Loader.Settings.of(Evaluation.BATCH, graph.classes()));
    }

    private Weights with(LogisticRegression.Layer layer, Dataset dataset) {
        Weights fitted = with(layer.weight(), layer.bias());
        float raise = raise(fitted, dataset);
        if (raise == 0) return fitted;
        float[] bias = layer.bias().clone();
        for (int k = 0; k < bias.length; k++) bias[k] += raise;
        return with(layer.weight(), bias);
    }

    private Weights with(float[] weight, float[] bias) {
        Map<String, Weights.Tensor> tensors =
                new LinkedHashMap<>(model.weights().tensors());
        put(tensors, "weight", weight);
        put(tensors, "bias", bias);
        return new Weights(tensors);
    }

    private void put(Map<String, Weights.Tensor> tensors, String name, float[] values) {
        String whole = head.path() + "." + name;
        Weights.Tensor now = tensors.get(whole);
        if (now != null) tensors.put(whole, new Weights.Tensor(now.shape(), values));
    }

    /** How far below 0 what a ReLU gets is at the most, of some images; 0 where there is none. */
    private float raise(Weights weights, Dataset dataset) {
        boolean cut = false;
        for (Node n = graph.output(); n != head; n = n.input()) cut |= n.op() instanceof Op.Activation;
        if (!cut) return 0;
        Graph.Builder part = new Graph.Builder(graph.name(), graph.input().shape());
        Graph upTo = part.build(part.copy(graph, head));
        float least = 0;
        Weights needed = weights.filter(upTo.parameters()::containsKey);
        try (Predictor predictor =
                        engine.predictor(upTo, needed, PredictorOptions.DEFAULTS.forImages(Evaluation.BATCH));
                Loader loader = loader(dataset, Augmentation.NONE);
                Loader.Epoch epoch = loader.epoch(0, Loader.Order.SHUFFLED)) {
            Loader.Minibatch some = epoch.next();
            for (float v : predictor.logits(some.batch().images(), some.batch().size())) least = Math.min(least, v);
        }
        return -least;
    }
}
