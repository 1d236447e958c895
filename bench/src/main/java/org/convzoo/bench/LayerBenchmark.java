package org.convzoo.bench;

import java.util.concurrent.TimeUnit;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Predictor;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Shape;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One kind of layer through the engine, 8 images of 56x56 with 64 channels. A mean over each map and a linear layer of
 * few products make a network of it that can be trained.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LayerBenchmark {
    /** Which layer. */
    public enum Kind {
        CONV3X3(x -> x.conv(64, 3)),
        CONV1X1(x -> x.conv(64, 1)),
        DEPTHWISE3X3(x -> x.depthwise(3, 1)),
        /** Batch norm and ReLU; on their own, since nothing precedes them that could take them in. */
        NORM_RELU(x -> x.bn().relu());

        private final Layer layer;

        Kind(Layer layer) {
            this.layer = layer;
        }

        Graph graph() {
            return Graph.of(
                    name(), IMAGE, x -> x.in(layer).avgPoolTo(1).flatten().linear(10));
        }
    }

    private static final Shape IMAGE = new Shape(64, 56, 56);
    private static final int BATCH = 8;

    @Param
    private Kind kind = Kind.CONV3X3;

    private Engine engine;
    private Predictor predictor;
    private Learner learner;
    private Batch batch;

    @Setup
    public void open() {
        Graph graph = kind.graph();
        Weights weights = Weights.initial(graph, 1);
        engine = Engine.open();
        predictor = engine.predictor(graph, weights);
        learner = engine.learner(
                graph,
                weights,
                new Optimizer.Sgd(0.9, false, Optimizer.Decay.NONE),
                LearnerOptions.DEFAULTS.withSeed(1));
        batch = ValueRule.batch(IMAGE, 10, BATCH);
    }

    @Benchmark
    public float[] predict() {
        return predictor.logits(batch.images().duplicate(), BATCH);
    }

    /** Forward, loss and backward; the layer's input asks for no gradient. */
    @Benchmark
    public double train() {
        double loss = learner.gradients(batch).loss();
        learner.update(1e-3);
        return loss;
    }

    @TearDown
    public void close() {
        predictor.close();
        learner.close();
        engine.close();
    }
}
