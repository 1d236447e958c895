package org.convzoo.view;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.convzoo.classify.Model;
import org.convzoo.classify.Provenance;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Dataset;
import org.convzoo.images.Filter;
import org.convzoo.images.Form;
import org.convzoo.images.HeldOut;
import org.convzoo.images.Picture;
import org.convzoo.images.Splits;
import org.convzoo.images.Transform;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Recipe;
import org.convzoo.recipe.Recipes;
import org.convzoo.train.Evaluation;
import org.convzoo.train.Evaluation.Prediction;
import org.convzoo.train.Kept;
import org.convzoo.train.RunDirectory;
import org.convzoo.train.RunReport;
import org.convzoo.weights.Weights;

/** A run as training would leave it, made up: a third of the images of class 1 are taken for class 0. */
final class Sample {
    private Sample() {}

    static RunReport.Ended run(Path run, String network, List<String> labels, int side, int channels, int epochs) {
        Architecture architecture = Models.named(network);
        Task task = new Task(new Shape(channels, side, side), labels.size());
        var transform = new Transform(
                List.of(new Transform.Colour(channels), new Transform.Exact(side, side, Filter.BILINEAR)),
                new Transform.Normalise(
                        IntStream.range(0, channels).mapToObj(c -> 0.5).toList(),
                        IntStream.range(0, channels).mapToObj(c -> 0.25).toList()));
        Graph graph = architecture.graph(task, Options.NONE);
        Dataset pictures = pictures(labels.size(), side, channels);
        Splits splits = Splits.of("made <up>", labels, Form.PHOTOS, pictures, pictures);
        Recipe recipe = Recipes.scratch(graph, architecture.family(), splits).withEpochs(epochs);
        Provenance provenance = Provenance.unknown()
                .withArchitecture(architecture.name())
                .withData("made <up>")
                .withRecipe(recipe.toJson());
        Model model = new Model(graph, transform, labels, provenance, Weights.initial(graph, 1));
        return new RunReport.Ended(
                new RunDirectory(run),
                model,
                history(epochs, recipe),
                kept(history(epochs, recipe)),
                evaluation(labels),
                labels.stream().map(l -> 0.9).toList(),
                splits,
                new HeldOut(pictures, pictures),
                "made up of nothing");
    }

    /** The last epoch of them all. */
    static Kept kept(List<EpochMetrics> history) {
        int epochs = history.size();
        return new Kept(history.get(epochs - 1), epochs, epochs, epochs);
    }

    private static List<EpochMetrics> history(int epochs, Recipe recipe) {
        List<EpochMetrics> history = new ArrayList<>();
        for (int e = 1; e <= epochs; e++) {
            double done = e / (double) epochs, loss = 2.3 * Math.exp(-5 * done);
            history.add(new EpochMetrics(
                    e,
                    100L * e,
                    recipe.learningRate() * recipe.schedule().factor(100L * e - 1, 100L * epochs),
                    loss + 0.1,
                    0.95 - 0.8 * Math.exp(-6 * done),
                    loss + 0.05,
                    0.98 - 0.8 * Math.exp(-7 * done),
                    0.999,
                    21_500 + e,
                    0.4,
                    0.01,
                    1_780_000_000_000L + 400 * e)); // May 2026
        }
        return history;
    }

    private static Evaluation evaluation(List<String> labels) {
        Random random = new Random(1);
        List<Prediction> predictions = new ArrayList<>();
        for (int i = 0; i < 30 * labels.size(); i++) {
            int label = i % labels.size();
            int said = label == 1 && i / labels.size() % 3 == 0
                    ? 0
                    : random.nextInt(20) == 0 ? random.nextInt(labels.size()) : label;
            double p = 0.5 + random.nextDouble() / 2;
            double own = said == label ? p : (1 - p) / 2;
            predictions.add(new Prediction(
                    i, labels.get(label) + "/" + i, label, said, p, own, -Math.log(own), said == label ? 0 : 1));
        }
        return new Evaluation(labels, predictions);
    }

    /** Thirty pictures of each class, made when they are asked for. */
    private record Made(int classes, IntFunction<Picture> pictures) implements Dataset {
        @Override
        public int size() {
            return 30 * classes;
        }

        @Override
        public int label(int i) {
            return i % classes;
        }

        @Override
        public Picture picture(int i) {
            return pictures.apply(i);
        }

        @Override
        public String name(int i) {
            return label(i) + "/" + i;
        }
    }

    /** Stripes, as many as the class says. */
    private static Dataset pictures(int classes, int side, int channels) {
        return new Made(classes, i -> {
            byte[] pixels = new byte[side * side * channels];
            for (int k = 0; k < pixels.length; k++) {
                int x = k / channels % side;
                pixels[k] = (byte) (127 + 127 * Math.sin(2 * Math.PI * x * (i % classes + 1) / side));
            }
            return new Picture(side, side, channels, pixels);
        });
    }

    /** What compresses least, larger than a thumbnail. */
    static Dataset noise(int classes) {
        return new Made(classes, i -> {
            byte[] pixels = new byte[3 * 150 * 150];
            new Random(i).nextBytes(pixels);
            return new Picture(150, 150, 3, pixels);
        });
    }
}
