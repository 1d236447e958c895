package org.convzoo.onednn;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import org.convzoo.engine.Batch;
import org.convzoo.engine.LayerTime;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Precision;
import org.convzoo.engine.Tuning;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.compile.Plan;
import org.convzoo.onednn.compile.Randomness;
import org.convzoo.onednn.compile.Store;
import org.convzoo.onednn.compile.Training;
import org.convzoo.onednn.loops.Exact;
import org.convzoo.onednn.loops.LossGradient;
import org.convzoo.onednn.program.Arena;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.convzoo.onednn.program.Timing;
import org.convzoo.onednn.tuning.Race;
import org.convzoo.onednn.tuning.Tuner;
import org.convzoo.weights.Weights;
import org.jspecify.annotations.Nullable;

/** Training: a program for each batch size that comes, over one store. */
final class OneDnnLearner implements Learner {
    private final OneDnnEngine engine;
    private final Graph graph;
    private final Natives natives;
    private final Store store;
    private final Optimizer optimizer;
    private final Randomness randomness;
    private final LearnerOptions options;
    private final Sums sums;
    private final Map<Integer, CompiledTraining> compiled = new HashMap<>();
    /** The weights to begin with, until the first program has decided on the layouts of parameters. */
    private @Nullable Weights initial;

    private @Nullable Weights initialSlots;
    private @Nullable Update update;
    private @Nullable Plan plan;
    private boolean fresh = true;
    private long steps, runs;
    private boolean closed;

    /** How the products of convolutions and linear layers are added. */
    enum Sums {
        /** By kernels, in float32. */
        FAST,
        /** By {@link Exact}, nearly without rounding. */
        EXACT
    }

    /** A training step for one batch size: a program, and the arrays by which batches go in and results come out. */
    private final class CompiledTraining {
        final Program program = new Program(engine.memory(), natives, Arena.Sharing.BY_LIFETIME);
        final FloatBuffer images;
        final Map<String, float[]> auxiliary = new LinkedHashMap<>();
        final float[] logits;
        FloatBuffer targets = FloatBuffer.allocate(0);
        double loss;

        CompiledTraining(int batch, Plan plan) {
            Training training = new Training(natives, program, graph, batch, plan, store, traits(), randomness);
            Tensor input = training.forward();
            program.label("loss", "forward");
            program.add("loss starts", () -> {
                loss = training.finiteStatistics() ? 0 : Double.NaN;
                training.startRun();
            });
            logits = head(training, graph.output(), batch, 1.0 / options.accumulation());
            for (Graph.Auxiliary a : graph.auxiliaries())
                auxiliary.put(a.name(), head(training, a.output(), batch, a.weight() / options.accumulation()));
            int turn = program.size();
            training.backward(program);
            if (options.checkpointing()) program.recompute(turn);
            if (!store.placed()) begin();
            try {
                program.place(largestArena());
            } catch (RuntimeException e) {
                program.close();
                throw e;
            }
            images = input.floats();
        }

        private float[] head(Training training, Node output, int batch, double weight) {
            Tensor z = training.logits(output);
            Tensor dz = program.tensor(natives.plain(z.desc.dims()));
            float[] kept = new float[(int) (z.desc.bytes() / Float.BYTES)];
            program.add(
                    "loss",
                    () -> loss +=
                            LossGradient.of(options.loss(), z.floats(), targets, dz.floats(), kept, batch, weight),
                    z,
                    dz);
            training.seed(output, dz);
            return kept;
        }
    }

    OneDnnLearner(
            OneDnnEngine engine, Graph graph, Weights weights, Optimizer optimizer, LearnerOptions options, Sums sums) {
        this.options = options;
        this.sums = sums;
        natives = new Natives(OneDnnEngine.type(options.precision()));
        this.engine = engine;
        this.graph = graph;
        randomness = new Randomness(options.seed());
        store = new Store(engine.memory(), natives, graph, options);
        this.optimizer = optimizer;
        this.initial = weights;
    }

    /** Places the parameters once the first program has decided their layouts. */
    private void begin() {
        store.place();
        store.load(Objects.requireNonNull(initial));
        initial = null; // memory for others
        Update first = new Update(store, optimizer);
        update = first;
        if (initialSlots != null) first.load(initialSlots);
        initialSlots = null;
    }

    /** The update of parameters that have their places. */
    private Update update() {
        return Objects.requireNonNull(update, "the parameters have no places yet");
    }

    private Set<Training.Trait> traits() {
        Set<Training.Trait> traits = EnumSet.of(Training.Trait.BATCH_STATISTICS, Training.Trait.FUSED);
        if (options.regularised()) traits.add(Training.Trait.REGULARISED);
        if (sums == Sums.EXACT) traits.add(Training.Trait.EXACT);
        return traits;
    }

    private Memory.@Nullable Block largestArena() {
        return compiled.values().stream()
                .map(p -> p.program.arena())
                .max(Comparator.comparingLong(Memory.Block::size))
                .orElse(null);
    }

    private CompiledTraining compiled(int batch) {
        CompiledTraining step = compiled.get(batch);
        if (step == null)
            compiled.put(
                    batch, step = new CompiledTraining(batch, plan == null ? Plan.direct(Tuner.usual(graph)) : plan));
        return step;
    }

    /** The plan by which all steps are compiled; {@code batch}, the first that comes, stands for those to follow. */
    private Plan plan(Batch batch) {
        if (sums == Sums.EXACT) return Plan.direct(Layout.CHANNELS_LAST);
        Weights weights = store.placed() ? store.weights() : Objects.requireNonNull(initial);
        Precision precision = options.precision();
        long frozen = graph.parameters().keySet().stream()
                .filter(n -> !options.group(n).trainable())
                .count();
        String purpose = "training " + precision + (frozen == 0 ? "" : ", " + frozen + " frozen");
        var work = new Tuner.Work(graph, batch.size(), purpose, precision, 3 * graph.macs(), false, Tuning.MEASURED);
        return engine.tuner().plan(work, (tried, images) -> trial(tried, batch, images, weights));
    }

    /** A trial that compiles the network anew for each measurement: there is no memory for several at once. */
    private Race.Trial trial(Plan tried, Batch batch, int images, Weights weights) {
        Batch first = new Batch(
                images,
                batch.images().slice(0, (int) (images * graph.input().shape().elements())),
                batch.targets().slice(0, images * graph.classes()));
        return () -> {
            try (var own = new OneDnnLearner(engine, graph, weights, optimizer, options.withSeed(0), sums)) {
                own.plan = tried;
                return own.best(first);
            }
        };
    }

    /** See {@link org.convzoo.engine.Measuring#step}. */
    double milliseconds(Batch batch) {
        plan = Plan.direct(Tuner.usual(graph));
        return compute(batch.size(), () -> best(batch));
    }

    private double best(Batch batch) {
        return Timing.best(fed(batch).program::run);
    }

    @Override
    public Step gradients(Batch batch) {
        return compute(batch.size(), () -> step(batch));
    }

    private <T> T compute(int images, Supplier<T> work) {
        return OneDnnEngine.explainingOutOfMemory(
                graph, images, graph.input().shape(), "a training step", () -> engine.compute(work));
    }

    private Step step(Batch batch) {
        CompiledTraining step = fed(batch);
        if (!fresh) update().keepGradients(); // a run overwrites them
        step.program.run();
        if (!fresh) update().addKept();
        fresh = false;
        Map<String, float[]> auxiliary = new LinkedHashMap<>();
        step.auxiliary.forEach((name, z) -> auxiliary.put(name, z.clone()));
        return new Step(step.loss * options.accumulation(), step.logits.clone(), auxiliary);
    }

    /** The step for batches of this size, with {@code batch} put in. */
    private CompiledTraining fed(Batch batch) {
        checkOpen();
        batch.check(graph.input().shape(), graph.classes());
        if (plan == null) plan = plan(batch);
        CompiledTraining step = compiled(batch.size());
        step.images.put(0, batch.images(), 0, batch.images().remaining());
        step.targets = batch.targets();
        randomness.run(runs++);
        return step;
    }

    /** See {@link org.convzoo.engine.Measuring#profile(Learner, Batch, int)}. */
    List<LayerTime> profile(Batch batch, int runs) {
        return compute(batch.size(), () -> measured(batch, runs));
    }

    private List<LayerTime> measured(Batch batch, int runs) {
        List<double[]> times = new ArrayList<>();
        double[] updates = new double[runs];
        for (int i = 0; i < runs; i++) {
            times.add(fed(batch).program.timed());
            fresh = false;
            long start = System.nanoTime();
            update(0);
            updates[i] = (System.nanoTime() - start) / 1e6;
        }
        List<LayerTime> all = new ArrayList<>(compiled(batch.size()).program.measured(times));
        double median = Timing.median(DoubleStream.of(updates));
        all.add(new LayerTime("parameters", "update", "java:optimizer", median, 0, update().bytes()));
        return all;
    }

    @Override
    public void readGradients(FloatBuffer to) {
        open();
        checkGradients(to);
        engine.computing(() -> store.readFlat(gradients(), to.slice()));
    }

    @Override
    public void writeGradients(FloatBuffer from) {
        open();
        checkGradients(from);
        engine.computing(() -> store.writeFlat(gradients(), from.slice()));
        fresh = false;
    }

    private void checkGradients(FloatBuffer b) {
        if (b.remaining() != graph.parameterCount())
            throw new IllegalArgumentException("the gradients of " + graph.name() + " are " + graph.parameterCount()
                    + " floats, the buffer has " + b.remaining());
    }

    /**
     * The gradients added up since the last update, which leaves behind those that it used; zeros if there are none.
     */
    private Memory.Block gradients() {
        if (fresh) store.gradients().clear();
        return store.gradients();
    }

    @Override
    public void update(double learningRate) {
        open();
        gradients();
        engine.computing(() -> update().step(learningRate, ++steps));
        runs = steps << 16;
        fresh = true;
    }

    @Override
    public State state() {
        open();
        return new State(
                read(store.weights()),
                read(update().averages()),
                read(update().slots()),
                read(new Weights(store.read("", gradients(), null))));
    }

    /** Arrays of the store that are read on this engine's threads. */
    private Weights read(Weights stored) {
        Map<String, Weights.Tensor> tensors = new LinkedHashMap<>();
        stored.tensors()
                .forEach((name, t) -> tensors.put(name, Weights.Tensor.read(t.shape(), () -> {
                    checkOpen();
                    return engine.compute(t::values);
                })));
        return new Weights(tensors);
    }

    @Override
    public void restore(Weights weights, Weights slots, long steps) {
        checkOpen();
        weights.check(graph);
        if (store.placed()) {
            engine.computing(() -> {
                store.load(weights);
                update().load(slots);
            });
        } else {
            initial = weights;
            initialSlots = slots;
        }
        this.steps = steps;
        runs = steps << 16;
        fresh = true;
    }

    @Override
    public long steps() {
        return steps;
    }

    /** The kernels of the program for that batch size, in order. */
    List<String> kernels(int batch) {
        return engine.compute(() -> compiled(batch).program.kernels());
    }

    private void checkOpen() {
        if (closed) throw new IllegalStateException("the learner of " + graph.name() + " is closed");
    }

    private void open() {
        checkOpen();
        if (!store.placed()) compute(1, () -> compiled(1));
    }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        compiled.values().forEach(p -> p.program.close());
        store.close();
        natives.close();
        engine.forget(this);
    }
}
