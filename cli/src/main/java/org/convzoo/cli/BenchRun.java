package org.convzoo.cli;

import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Predictor;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.Weights;

/**
 * One network on made-up images, to be timed: a prediction, or a training step by SGD with momentum 0.9 and weight decay
 * 1e-4.
 */
final class BenchRun implements AutoCloseable {
    /** What is trained under a name, where it is not the published form in batches of 16. */
    private record Case(String network, Shape image, int classes, int batch, Options options) {}

    private static final Shape PHOTO = new Shape(3, 224, 224);

    /** Speed comparisons of training use these. */
    // spotless:off
    private static final Map<String, Case> TRAINED = Map.of(
            "lenet",           new Case("lenet", new Shape(1, 28, 28), 10, 64, Options.of("modern", true)),
            "resnet18_32",     new Case("resnet18", new Shape(3, 32, 32), 10, 64, Options.NONE),
            "densenet121",     new Case("densenet121", PHOTO, 1000, 8, Options.NONE),
            "efficientnet_b0", new Case("efficientnet_b0", PHOTO, 1000, 8, Options.NONE),
            "vgg16",           new Case("vgg16", PHOTO, 1000, 4, Options.NONE));
    // spotless:on

    private interface Run {
        void on(Batch batch);
    }

    private final Graph graph;
    private final Run run;
    private final Runnable close;
    private final Map<Integer, Batch> made = new HashMap<>();

    private BenchRun(Graph graph, Run run, Runnable close) {
        this.graph = graph;
        this.run = run;
        this.close = close;
    }

    /** The batches that a network is usually measured with. */
    static List<Integer> batches(String name, boolean train) {
        if (train) return List.of(TRAINED.containsKey(name) ? TRAINED.get(name).batch() : 16);
        return name.equals("vgg16") ? List.of(1) : List.of(1, 16);
    }

    /** The network that is meant. Throws as {@link Models#named} does. */
    static Graph graph(String name, boolean train) {
        Case c = train ? TRAINED.get(name) : null;
        return c == null
                ? Models.named(name).graph()
                : Models.named(c.network()).graph(new Task(c.image(), c.classes()), c.options());
    }

    static BenchRun of(Engine engine, String name, boolean train) {
        Graph graph = graph(name, train);
        Weights weights = Weights.initial(graph, 1);
        if (!train) {
            Predictor predictor = engine.predictor(graph, weights);
            return new BenchRun(graph, b -> predictor.logits(b.images().duplicate(), b.size()), predictor::close);
        }
        var sgd = new Optimizer.Sgd(0.9, false, new Optimizer.Decay(1e-4, true));
        Learner learner = engine.learner(graph, weights, sgd, true, 1);
        Run step = batch -> {
            learner.gradients(batch);
            learner.update(1e-3);
        };
        return new BenchRun(graph, step, learner::close);
    }

    Shape image() {
        return graph.input().shape();
    }

    /** Runs once on so many images and returns how long it took; the images of a first call are made before. */
    double milliseconds(int images) {
        Batch batch = made.computeIfAbsent(images, this::batch);
        long began = System.nanoTime();
        run.on(batch);
        return (System.nanoTime() - began) * 1e-6;
    }

    private Batch batch(int size) {
        FloatBuffer images = Batch.buffer(size * image().elements());
        var random = new SplittableRandom(1);
        while (images.hasRemaining()) images.put((float) (2 * random.nextDouble() - 1));
        int[] labels = new int[size];
        for (int n = 0; n < size; n++) labels[n] = n % graph.classes();
        return Batch.labelled(images.flip(), graph.classes(), labels);
    }

    @Override
    public void close() {
        close.run();
    }
}
