package org.convzoo.onednn;

import java.lang.ref.Reference;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.convzoo.engine.LayerTime;
import org.convzoo.engine.Mode;
import org.convzoo.engine.Precision;
import org.convzoo.engine.Predictor;
import org.convzoo.graph.Graph;
import org.convzoo.weights.Weights;

/**
 * Prediction. A caller waits for its turn, takes an idle plan for its batch size or compiles one, and puts it back; the
 * latest used are kept. All plans read one copy of the constants.
 */
final class OneDnnPredictor implements Predictor {
    /** How many plans are kept for each turn. */
    private static final int PLANS = 4;

    private final OneDnnEngine engine;
    private final Graph graph;
    private final Precision precision;
    private final int type;
    private final Mode mode;
    private final int turns;
    private final Semaphore free;
    private final Natives natives = new Natives();
    private final Constants constants;
    /** The latest used last. */
    private final Deque<Plan> idle = new ArrayDeque<>();

    private boolean closed;

    private final class Plan implements Race.Trial {
        final int batch;
        final Natives own = new Natives(type);
        final Program program = new Program(engine.memory(), own, true);
        final Tensor input, logits;
        final BytePointer door;

        Plan(int batch, Choice choice, Constants constants) {
            this.batch = batch;
            try {
                Inference inference = new Inference(own, program, graph, batch, choice, constants);
                logits = inference.compile();
                program.place();
                input = inference.input();
                door = input.address();
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        /** Does {@code work} with the program reading {@code images}: in place, or from a copy. */
        <T> T reading(FloatBuffer images, Supplier<T> work) {
            FloatPointer given = new FloatPointer(images.isDirect() ? images.slice() : null); // it misreads positions
            if (given.isNull() || images.order() != ByteOrder.nativeOrder() || given.address() % Float.BYTES != 0) {
                input.floats().put(0, images, images.position(), images.remaining());
                return work.get();
            }
            program.move(input, new BytePointer(given));
            try {
                return work.get();
            } finally {
                program.move(input, door);
                Reference.reachabilityFence(images);
            }
        }

        @Override
        public double milliseconds() {
            return program.best();
        }

        @Override
        public void close() {
            program.close();
            own.close();
        }
    }

    OneDnnPredictor(OneDnnEngine engine, Graph graph, Weights weights, Precision precision, Mode mode) {
        this.precision = precision;
        type = OneDnnEngine.type(precision);
        this.engine = engine;
        this.graph = graph;
        this.mode = mode;
        turns = mode == Mode.LATENCY ? 1 : engine.threads();
        free = new Semaphore(turns, true);
        constants = new Constants(engine.memory(), natives, weights);
        if (mode == Mode.THROUGHPUT) {
            try {
                Threads.alone(() -> 0);
            } catch (LinkageError e) {
                throw new IllegalStateException(
                        "the number of oneDNN's threads cannot be set on this machine (" + e.getMessage()
                                + "); use Mode.LATENCY",
                        e);
            }
        }
    }

    @Override
    public float[] logits(FloatBuffer images, int count) {
        return reading(images, count, plan -> {
            plan.program.run();
            float[] z = new float[count * graph.classes()];
            plan.logits.floats().get(0, z);
            return z;
        });
    }

    @Override
    public List<LayerTime> profile(FloatBuffer images, int count, int runs) {
        return reading(images, count, plan -> {
            List<double[]> times = new ArrayList<>();
            for (int i = 0; i < runs; i++) times.add(plan.program.timed());
            return plan.program.measured(times);
        });
    }

    private <T> T reading(FloatBuffer images, int count, Function<Plan, T> work) {
        long needed = count * graph.input().shape().elements();
        if (count < 1 || images.remaining() != needed) {
            throw new IllegalArgumentException(count + " images of "
                    + graph.input().shape() + " are " + needed + " floats, got " + images.remaining());
        }
        return inTurn(1, () -> with(count, plan -> plan.reading(images, () -> work.apply(plan))));
    }

    /** Does {@code work} once it holds so many of the turns; nothing else is done while it holds all. */
    private <T> T inTurn(int of, Supplier<T> work) {
        free.acquireUninterruptibly(of);
        try {
            if (closed) throw new IllegalStateException("the predictor of " + graph.name() + " is closed");
            return mode == Mode.THROUGHPUT ? Threads.alone(work) : work.get();
        } finally {
            free.release(of);
        }
    }

    private <T> T with(int batch, Function<Plan, T> work) {
        Plan plan = take(batch);
        try {
            return work.apply(plan);
        } finally {
            synchronized (idle) {
                idle.addLast(plan);
            }
        }
    }

    private Plan take(int batch) {
        synchronized (idle) {
            for (Iterator<Plan> latest = idle.descendingIterator(); latest.hasNext(); ) {
                Plan plan = latest.next();
                if (plan.batch != batch) continue;
                latest.remove();
                return plan;
            }
            while (idle.size() > (PLANS - 1) * turns) idle.removeFirst().close();
        }
        synchronized (constants) {
            String purpose = "prediction " + type + (mode == Mode.LATENCY ? "" : ", each by one thread");
            return new Plan(batch, choice(batch, purpose), constants);
        }
    }

    private Choice choice(int batch, String purpose) {
        try (Natives own = new Natives(type);
                Constants trials = new Constants(engine.memory(), own, constants.weights())) {
            return engine.tuner()
                    .choice(graph, batch, purpose, precision, graph.macs(), (c, images) -> new Plan(images, c, trials));
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

    /** The kernels of the program for that batch size, in order. */
    List<String> kernels(int batch) {
        return inTurn(1, () -> with(batch, plan -> plan.program.kernels()));
    }

    @Override
    public void close() {
        free.acquireUninterruptibly(turns);
        try {
            if (closed) return;
            closed = true;
            idle.forEach(Plan::close);
            idle.clear();
            constants.close();
            natives.close();
            engine.forget(this);
        } finally {
            free.release(turns);
        }
    }
}
