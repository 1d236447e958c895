package org.convzoo.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.convzoo.graph.Graph;
import org.convzoo.verify.NetworkCheck;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What every engine must stand: the large networks, and thousands of steps in level memory. */
@Tag("thorough")
public abstract class EngineEndurance {
    /** Multiply-accumulates from which a network's check is left to this class. */
    static final double EXPENSIVE = 1e11;

    /** Opens the engine under test. */
    protected abstract Engine open();

    /** Whether that one of the large networks' files is checked. */
    protected boolean takes(String file) {
        return true;
    }

    /** What of a large network's file is checked. */
    protected JsonNode asked(JsonNode file) {
        return file;
    }

    @TestFactory
    Stream<DynamicTest> largeNetworksAsTheirSources() {
        return References.networks().stream()
                .filter(n -> References.cost(n) >= EXPENSIVE)
                .filter(this::takes)
                .map(n -> dynamicTest(n, () -> {
                    try (Engine engine = open()) {
                        EngineConformance.assertOk(NetworkCheck.check(asked(References.read(n)), engine));
                        assertThat(engine.nativeBytes()).isZero();
                    }
                }));
    }

    /** 2,000 steps, and then 2,000 predictions from four threads. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void thousandsOfStepsInLevelMemory() throws Exception {
        Graph graph = Samples.everything();
        Weights weights = Weights.initial(graph, 1);
        try (Engine engine = open()) {
            Optimizer optimizer = Optimizer.AdamW.of(0.05).clip(1).ema(0.99);
            try (Learner learner = engine.learner(graph, weights, optimizer, LearnerOptions.DEFAULTS.withSeed(1))) {
                assertLevel("training", i -> {
                    int size = i % 50 == 49 ? 3 : 4; // as an epoch's last batch
                    learner.gradients(Samples.batch(graph, i % 8, size));
                    learner.update(1e-3);
                    if (i % 100 == 0) learner.averages();
                });
            }
            for (Mode mode : Mode.values()) {
                try (Predictor predictor = engine.predictor(graph, weights, PredictorOptions.DEFAULTS.withMode(mode))) {
                    ExecutorService pool = Executors.newFixedThreadPool(4);
                    assertLevel("prediction, " + mode, i -> {
                        if (i % 4 != 0) return; // four at a time
                        List<Future<float[]>> four = new ArrayList<>();
                        for (int t = 0; t < 4; t++) {
                            FloatBuffer images = Samples.images(graph, t, 1 + t);
                            int count = 1 + t;
                            four.add(pool.submit(() -> predictor.logits(images, count)));
                        }
                        for (Future<float[]> f : four) f.get();
                    });
                    pool.shutdown();
                }
            }
            assertThat(engine.nativeBytes()).isZero();
        }
    }

    /** Opening and closing leaves nothing behind, whatever the size of the batch. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void hundredsOfCompilationsInLevelMemory() throws Exception {
        Graph graph = Samples.everything();
        Weights weights = Samples.weights(graph);
        try (Engine engine = open()) {
            assertLevel("compiling", i -> {
                if (i % 10 != 0) return;
                int size = 1 + i / 10 % 7;
                try (Learner learner = engine.learner(
                                graph, weights, Optimizer.AdamW.of(0), LearnerOptions.DEFAULTS.withSeed(i));
                        Predictor predictor = engine.predictor(graph, weights);
                        Probe probe = engine.probe(graph, weights)) {
                    Batch batch = Samples.batch(graph, 0, size);
                    learner.gradients(batch);
                    learner.update(1e-3);
                    predictor.logits(batch.images(), size);
                    probe.forward(batch.images(), size, Probe.Statistics.RUNNING);
                }
                assertThat(engine.nativeBytes()).isZero();
            });
        }
    }

    @FunctionalInterface
    private interface Work {
        void run(int i) throws Exception;
    }

    /**
     * The second 1,000 of 2,000 rounds may take up 32 MB more than the first: less than noise (compiled code, what
     * allocators keep) would not be told from a leak, one arena of the smallest network a round is far more.
     */
    private static void assertLevel(String what, Work work) throws Exception {
        for (int i = 0; i < 1000; i++) work.run(i);
        long warm = resident();
        for (int i = 1000; i < 2000; i++) work.run(i);
        assertThat(resident() - warm).as("growth of " + what + " in KB").isLessThan(32 << 10);
    }

    /** Kilobytes of this process in memory, after a collection. */
    private static long resident() throws IOException {
        System.gc();
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(l -> l.startsWith("VmRSS:"))
                .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
