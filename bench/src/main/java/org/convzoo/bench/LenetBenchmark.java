package org.convzoo.bench;

import java.util.concurrent.TimeUnit;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.graph.Graph;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A training step of LeNet with ReLU and max pooling, 64 digits: where what each step costs beside arithmetic shows. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LenetBenchmark {
    private Engine engine;
    private Learner learner;
    private Batch batch;

    @Setup
    public void open() {
        Graph graph = Models.named("lenet").graph(Task.mnist(), Options.of("modern", true));
        engine = Engine.open();
        var sgd = new Optimizer.Sgd(0.9, false, new Optimizer.Decay(1e-4, true));
        learner = engine.learner(graph, Weights.initial(graph, 1), sgd, LearnerOptions.DEFAULTS.withSeed(1));
        batch = ValueRule.batch(graph.input().shape(), 10, 64);
    }

    @Benchmark
    public double train() {
        double loss = learner.gradients(batch).loss();
        learner.update(1e-3);
        return loss;
    }

    /** The optimizer alone. */
    @Benchmark
    public void update() {
        learner.update(0);
    }

    @TearDown
    public void close() {
        learner.close();
        engine.close();
    }
}
