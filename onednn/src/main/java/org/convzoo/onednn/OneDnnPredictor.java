package org.convzoo.onednn;

import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.convzoo.engine.Batch;
import org.convzoo.engine.LayerTime;
import org.convzoo.engine.Mode;
import org.convzoo.engine.Precision;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.engine.Tuning;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Threads;
import org.convzoo.onednn.compile.Constants;
import org.convzoo.onednn.compile.Plan;
import org.convzoo.onednn.tuning.Tuner;
import org.convzoo.weights.Weights;

/**
 * Prediction. A caller waits for its turn, takes an idle {@link Prediction} of as many images or compiles one, and
 * puts it back; the latest used are kept. All read one copy of the constants.
 */
final class OneDnnPredictor implements Predictor {
    /** How many predictions are kept for each turn. */
    private static final int KEPT = 4;

    private final OneDnnEngine engine;
    private final Graph graph;
    private final Precision precision;
    private final int type;
    private final Mode mode;
    private final Tuning tuning;
    private final int turns;
    private final Semaphore free;
    private final Natives natives = new Natives();
    private final Constants constants;
    /** Predictions that no caller uses now, the latest used last. */
    private final Deque<Prediction> idle = new ArrayDeque<>();

    private boolean closed;

    OneDnnPredictor(OneDnnEngine engine, Graph graph, Weights weights, PredictorOptions options) {
        precision = options.precision();
        type = OneDnnEngine.type(precision);
        this.engine = engine;
        this.graph = graph;
        mode = options.mode();
        tuning = options.tuning();
        turns = mode == Mode.LATENCY ? 1 : engine.threads();
        free = new Semaphore(turns, true);
        constants = new Constants(engine.memory(), natives, weights);
        if (mode == Mode.THROUGHPUT && !Threads.settable())
            throw new WrongUseException(
                    "this machine's OpenMP does not let the number of threads be set; use Mode.LATENCY");
    }

    @Override
    public float[] logits(FloatBuffer images, int count) {
        return logits(images, count, graph.input().shape());
    }

    @Override
    public float[] logits(FloatBuffer images, int count, Shape image) {
        return inTurn(images, count, image, () -> {
            Prediction p = take(count, image);
            try {
                float[] z = new float[count * graph.classes()];
                p.logits(images, z, 0);
                return z;
            } finally {
                putBack(p);
            }
        });
    }

    /** See {@link org.convzoo.engine.Measuring#profile(Predictor, FloatBuffer, int, int)}. */
    List<LayerTime> profile(FloatBuffer images, int count, int runs) {
        return inTurn(images, count, graph.input().shape(), () -> {
            try (CompiledPrediction p = together(count)) {
                return p.reading(images, () -> {
                    List<double[]> times = new ArrayList<>();
                    for (int i = 0; i < runs; i++) times.add(p.program.timed());
                    return p.program.measured(times);
                });
            }
        });
    }

    private <T> T inTurn(FloatBuffer images, int count, Shape image, Supplier<T> work) {
        Batch.check(images, count, image);
        return OneDnnEngine.explainingOutOfMemory(graph, count, image, "a prediction", () -> inTurn(1, work));
    }

    /** Does {@code work} while holding so many of the turns, for which it waits; holding all, it is alone. */
    private <T> T inTurn(int needed, Supplier<T> work) {
        free.acquireUninterruptibly(needed);
        try {
            if (closed) throw new IllegalStateException("the predictor of " + graph.name() + " is closed");
            return Threads.with(mode == Mode.THROUGHPUT ? 1 : engine.threads(), work);
        } finally {
            free.release(needed);
        }
    }

    private Prediction take(int images, Shape image) {
        synchronized (idle) {
            for (Iterator<Prediction> latest = idle.descendingIterator(); latest.hasNext(); ) {
                Prediction p = latest.next();
                if (p.images() != images || !p.image().equals(image)) continue;
                latest.remove();
                return p;
            }
            while (idle.size() > (KEPT - 1) * turns) idle.removeFirst().close();
        }
        synchronized (constants) {
            // By the plan for the network's own image size: a race for each size would take seconds, again and again.
            return compile(graph.at(image), images, plan(images), constants);
        }
    }

    private void putBack(Prediction p) {
        synchronized (idle) {
            idle.addLast(p);
        }
    }

    private Prediction compile(Graph g, int images, Plan plan, Constants from) {
        return plan.apart()
                ? new Parts(images, engine.threads(), n -> whole(g, n, plan, from))
                : whole(g, images, plan, from);
    }

    private CompiledPrediction whole(Graph g, int images, Plan plan, Constants from) {
        return new CompiledPrediction(engine.memory(), type, g, images, plan, from);
    }

    /** A prediction in which threads share the work of each kernel. */
    private CompiledPrediction together(int images) {
        synchronized (constants) {
            return whole(graph, images, plan(images), constants);
        }
    }

    private Plan plan(int images) {
        String purpose = "prediction " + type + (mode == Mode.LATENCY ? "" : ", each by one thread");
        boolean divisible =
                mode == Mode.LATENCY && engine.threads() > 1 && images >= 2 * engine.threads() && Threads.settable();
        var work = new Tuner.Work(graph, images, purpose, precision, graph.macs(), divisible, tuning);
        try (Natives own = new Natives(type);
                Constants trials = new Constants(engine.memory(), own, constants.weights())) {
            return engine.tuner().plan(work, (c, n) -> compile(graph, n, c, trials));
        }
    }

    @Override
    public void load(Weights weights) {
        weights.check(graph);
        inTurn(turns, () -> {
            constants.load(weights);
            return weights;
        });
    }

    /** The kernels of the program for so many images, in order. */
    List<String> kernels(int images) {
        return inTurn(1, () -> {
            try (CompiledPrediction p = together(images)) {
                return p.program.kernels();
            }
        });
    }

    @Override
    public void close() {
        free.acquireUninterruptibly(turns);
        try {
            if (closed) return;
            closed = true;
            idle.forEach(Prediction::close);
            idle.clear();
            constants.close();
            natives.close();
            engine.forget(this);
        } finally {
            free.release(turns);
        }
    }
}
