package org.convzoo.onednn;

import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.convzoo.engine.Batch;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Probe;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.Transfer;
import org.convzoo.onednn.compile.Plan;
import org.convzoo.onednn.compile.Randomness;
import org.convzoo.onednn.compile.Store;
import org.convzoo.onednn.compile.Training;
import org.convzoo.onednn.program.Arena;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.convzoo.weights.Weights;
import org.jspecify.annotations.Nullable;

/** Looking inside: nothing is fused and no memory is shared, so that every value and gradient can be read. */
final class OneDnnProbe implements Probe {
    private final OneDnnEngine engine;
    private final Graph graph;
    private final Natives natives = new Natives();
    private final Store store;
    private @Nullable Run run;
    private boolean closed;

    /** The programs for one batch size and mode; the way back is compiled for the nodes it starts from. */
    private final class Run implements AutoCloseable {
        final int batch;
        final Statistics statistics;
        final Natives own = new Natives();
        final Program forward = new Program(engine.memory(), own, Arena.Sharing.NONE);
        final Training training;
        final FloatBuffer images;
        final Map<Node, FloatBuffer> seeds = new HashMap<>();

        @Nullable
        Program backward;

        Set<Node> starts = Set.of();

        Run(int batch, Statistics statistics) {
            this.batch = batch;
            this.statistics = statistics;
            try {
                training = new Training(
                        own,
                        forward,
                        graph,
                        batch,
                        Plan.direct(Layout.CHANNELS_LAST),
                        store,
                        statistics == Statistics.BATCH
                                ? Set.of(Training.Trait.INPUT_GRADIENT, Training.Trait.BATCH_STATISTICS)
                                : Set.of(Training.Trait.INPUT_GRADIENT),
                        new Randomness(0));
                Tensor input = training.forward();
                forward.place();
                images = input.floats();
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        /** The steps backward from the nodes {@code from}. */
        Program backward(Set<Node> from) {
            if (backward != null && starts.equals(from)) return backward;
            if (backward != null) backward.close();
            backward = null;
            seeds.clear();
            Program next = new Program(engine.memory(), own, Arena.Sharing.NONE);
            training.startBackward(next);
            Map<Node, Tensor> inputs = new HashMap<>();
            for (Node n : from) {
                Tensor input = next.tensor(own.plain(batch, n.shape().elements()));
                next.keep(input);
                inputs.put(n, input);
                training.seed(n, input);
            }
            training.backward(next);
            next.place();
            inputs.forEach((n, input) -> seeds.put(n, input.floats()));
            starts = Set.copyOf(from);
            backward = next;
            return next;
        }

        @Override
        public void close() {
            if (backward != null) backward.close();
            forward.close();
            own.close();
        }
    }

    OneDnnProbe(OneDnnEngine engine, Graph graph, Weights weights) {
        this.engine = engine;
        this.graph = graph;
        store = new Store(engine.memory(), natives, graph, LearnerOptions.DEFAULTS);
        // The layouts of parameters must outlive every run: a learner-like compilation for one image fixes them.
        Program layouts = new Program(engine.memory(), natives, Arena.Sharing.BY_LIFETIME);
        new Training(
                        natives,
                        layouts,
                        graph,
                        1,
                        Plan.direct(Layout.CHANNELS_LAST),
                        store,
                        Set.of(Training.Trait.INPUT_GRADIENT, Training.Trait.BATCH_STATISTICS),
                        new Randomness(0))
                .forward();
        store.place();
        store.load(weights);
    }

    @Override
    public void forward(FloatBuffer images, int count, Statistics statistics) {
        open();
        Batch.check(images, count, graph.input().shape());
        compute(count, () -> {
            if (run == null || run.batch != count || run.statistics != statistics) {
                if (run != null) run.close();
                run = null;
                run = new Run(count, statistics);
            }
            run.images.put(0, images, images.position(), images.remaining());
            run.forward.run();
        });
    }

    private void compute(int images, Runnable work) {
        OneDnnEngine.explainingOutOfMemory(graph, images, graph.input().shape(), "a look into the layers", () -> {
            engine.computing(work);
            return this;
        });
    }

    @Override
    public float[] activation(Node node) {
        graph.check(node);
        return read(latest().training.value(node), node);
    }

    @Override
    public void backward(Map<Node, float[]> gradients) {
        Run r = latest();
        gradients.forEach((n, g) -> {
            graph.check(n);
            if (g.length != r.batch * n.shape().elements())
                throw new IllegalArgumentException("the gradient of " + n + " needs " + r.batch + " x "
                        + n.shape().elements() + " floats, got " + g.length);
        });
        compute(r.batch, () -> {
            Program backward = r.backward(gradients.keySet());
            r.seeds.forEach((n, seed) -> seed.put(0, gradients.get(n)));
            store.gradients().clear();
            backward.run();
        });
    }

    @Override
    public float[] gradient(Node node) {
        graph.check(node);
        Tensor t = latest().training.gradients().get(node);
        if (t == null) throw new IllegalArgumentException("no gradient reached " + node);
        return read(t, node);
    }

    /** The numbers of a tensor of {@code node}, {@code [N, shape]} row-major. */
    private float[] read(Tensor t, Node node) {
        FloatBuffer into = FloatBuffer.allocate(
                Math.toIntExact(latest().batch * node.shape().elements()));
        try (Natives n = new Natives()) {
            Desc plain = n.plain(t.desc.dims());
            Transfer.read(engine.memory(), t.desc, t.address(), plain, into);
        }
        return into.array();
    }

    @Override
    public Weights parameterGradients() {
        open();
        return new Weights(store.read("", store.gradients(), null)).copy();
    }

    @Override
    public Weights weights() {
        open();
        return store.weights().copy();
    }

    private Run latest() {
        open();
        if (run == null) throw new IllegalStateException("run forward first");
        return run;
    }

    private void open() {
        if (closed) throw new IllegalStateException("the probe of " + graph.name() + " is closed");
    }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        if (run != null) run.close();
        store.close();
        natives.close();
        engine.forget(this);
    }
}
