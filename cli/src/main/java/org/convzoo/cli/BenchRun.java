package org.convzoo.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.LayerTime;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Measuring;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Precision;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Shape;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;

/**
 * One network on made-up images, to be timed: a prediction, or a training step by SGD with momentum 0.9 and weight decay
 * 1e-4.
 */
final class BenchRun implements AutoCloseable {
    /** What is trained under a name, where it is not the published form in batches of 16. */
    private record Case(String network, Shape image, int classes, int batch, Options options) {}

    private static final Shape PHOTO = new Shape(3, 224, 224);
    private static final double MEASURED = 3000, PROFILED = 1000; // ms
    private static final int FEWEST = 3;

    /** Speed comparisons of training use these. */
    // spotless:off
    private static final Map<String, Case> TRAINED = Map.of(
            "lenet",           new Case("lenet", new Shape(1, 28, 28), 10, 64, Options.of("modern", true)),
            "resnet18_32",     new Case("resnet18", new Shape(3, 32, 32), 10, 64, Options.NONE),
            "densenet121",     new Case("densenet121", PHOTO, 1000, 8, Options.NONE),
            "googlenet_bn",    new Case("googlenet_bn", PHOTO, 1000, 16, Options.of("aux", false)),
            "efficientnet_b0", new Case("efficientnet_b0", PHOTO, 1000, 8, Options.NONE),
            "vgg16",           new Case("vgg16", PHOTO, 1000, 4, Options.NONE));
    // spotless:on

    private interface Run {
        void on(Batch batch);
    }

    private interface Profiled {
        List<LayerTime> on(Batch batch, int runs);
    }

    private final Graph graph;
    private final boolean train;
    private final long macs;
    private final Run run;
    private final Profiled profiled;
    private final Runnable close;
    private final Map<Integer, Batch> made = new HashMap<>();

    private BenchRun(Graph graph, boolean train, long macs, Run run, Profiled profiled, Runnable close) {
        this.graph = graph;
        this.train = train;
        this.macs = macs;
        this.run = run;
        this.profiled = profiled;
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

    /** Predictions. */
    static BenchRun predicting(Engine engine, String name, Precision precision) {
        Graph graph = graph(name, false);
        Predictor predictor =
                engine.predictor(graph, Weights.initial(graph, 1), PredictorOptions.DEFAULTS.withPrecision(precision));
        return new BenchRun(
                graph,
                false,
                graph.macs(),
                b -> predictor.logits(b.images().duplicate(), b.size()),
                (b, runs) -> measuring(engine).profile(predictor, b.images().duplicate(), b.size(), runs),
                predictor::close);
    }

    /** Training steps. */
    static BenchRun training(Engine engine, String name, LearnerOptions options) {
        Graph graph = graph(name, true);
        var sgd = new Optimizer.Sgd(0.9, false, new Optimizer.Decay(1e-4, true));
        Learner learner = engine.learner(graph, Weights.initial(graph, 1), sgd, options);
        Run step = batch -> {
            learner.gradients(batch);
            learner.update(1e-3);
        };
        return new BenchRun(
                graph,
                true,
                macs(graph, options),
                step,
                (b, runs) -> measuring(engine).profile(learner, b, runs),
                learner::close);
    }

    /** What a training step multiplies for each image: forward, for what learns, and for the way back to that. */
    private static long macs(Graph graph, LearnerOptions options) {
        long macs = 0;
        Set<Node> reached = new HashSet<>();
        for (Node n : graph.inferenceNodes()) {
            boolean learns = n.params().stream()
                    .anyMatch(p -> p.trainable() && options.group(n.name(p)).trainable());
            if (learns || n.inputs().stream().anyMatch(reached::contains)) reached.add(n);
            macs += n.macs() * (1 + (learns ? 1 : 0) + (reached.contains(n) ? 1 : 0));
        }
        return macs;
    }

    private static Measuring measuring(Engine engine) {
        return engine.measuring().orElseThrow();
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

    /** The first run compiles the network; the loops in Java, of which training has more, are compiled as they run. */
    void warmUp(int images) {
        milliseconds(images);
        double least = train ? 2000 : 1000;
        for (double spent = 0; spent < least; ) spent += milliseconds(images);
    }

    /** The milliseconds of runs for some seconds, after a warm-up; ascending. */
    double[] times(int images) {
        warmUp(images);
        List<Double> times = new ArrayList<>();
        for (double spent = 0; times.size() < FEWEST || spent < MEASURED; spent += times.get(times.size() - 1))
            times.add(milliseconds(images));
        return times.stream().mapToDouble(t -> t).sorted().toArray();
    }

    /** The profile of a run that takes about {@code milliseconds}: where its time goes. */
    List<LayerTime> profile(int images, double milliseconds) {
        int runs = (int) Math.max(FEWEST, Math.min(100, PROFILED / milliseconds));
        return profiled.on(made.computeIfAbsent(images, this::batch), runs);
    }

    /** Multiply-accumulates of a run; in training each layer has two gradients, and auxiliary heads do not count. */
    long macs(int images) {
        return macs * images;
    }

    private Batch batch(int size) {
        try {
            return ValueRule.batch(image(), graph.classes(), size);
        } catch (OutOfMemoryException e) {
            throw new OutOfMemoryException(
                    graph.name() + " with " + size + " images of " + image() + " at once: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        close.run();
    }
}
