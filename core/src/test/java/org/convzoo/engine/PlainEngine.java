package org.convzoo.engine;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Param;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Weights;

/**
 * The specification of every op as loops, in {@link PlainForward} and {@link PlainBackward}: a second opinion for fast
 * engines, far too slow for work. All arithmetic is in double and only parameters, running statistics and the optimizer's memory are rounded to float between steps. A
 * vector {@code [C]} counts as a feature map {@code [C, 1, 1]}.
 */
public class PlainEngine implements Engine {
    @Override
    public String name() {
        return "plain";
    }

    @Override
    public String description() {
        return "plain Java loops in float64, 1 thread";
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public Set<Precision> precisions() {
        return Set.of(Precision.F32);
    }

    @Override
    public Predictor predictor(Graph graph, Weights weights, PredictorOptions options) {
        check(options.precision());
        return new PlainPredictor(graph, weights);
    }

    @Override
    public Learner learner(Graph graph, Weights weights, Optimizer optimizer, LearnerOptions options) {
        check(options.precision());
        return new PlainLearner(graph, weights, optimizer, options);
    }

    @Override
    public Probe probe(Graph graph, Weights weights) {
        return new PlainProbe(graph, weights);
    }

    @Override
    public long nativeBytes() {
        return 0;
    }

    @Override
    public void close() {}

    /** Parameters and running statistics of a graph, by name; {@link PlainForward} moves the running statistics. */
    private static Map<String, float[]> state(Graph graph, Weights weights) {
        weights.check(graph);
        Map<String, float[]> state = new LinkedHashMap<>();
        for (String name : graph.parameters().keySet())
            state.put(name, weights.get(name).toArray());
        return state;
    }

    private static Weights copy(Graph graph, String prefix, Map<String, float[]> arrays) {
        Map<String, Weights.Tensor> tensors = new LinkedHashMap<>();
        graph.parameters().forEach((name, p) -> {
            float[] a = arrays.get(name);
            if (a != null) tensors.put(prefix + name, new Weights.Tensor(p.shape(), a.clone()));
        });
        return new Weights(tensors);
    }

    private static float[] floats(double[] values) {
        float[] f = new float[values.length];
        for (int i = 0; i < f.length; i++) f[i] = (float) values[i];
        return f;
    }

    private static final class PlainPredictor implements Predictor {
        private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        private final Graph graph;
        private Map<String, float[]> state;
        private boolean closed;

        PlainPredictor(Graph graph, Weights weights) {
            this.graph = graph;
            this.state = state(graph, weights);
        }

        @Override
        public float[] logits(FloatBuffer images, int count) {
            return logits(images, count, graph.input().shape());
        }

        @Override
        public float[] logits(FloatBuffer images, int count, Shape image) {
            lock.readLock().lock();
            try {
                if (closed) throw new IllegalStateException("the predictor of " + graph.name() + " is closed");
                Graph g = graph.at(image);
                return floats(
                        new PlainForward(g.inferenceNodes(), state, images, count, false, 0).values.get(g.output()));
            } finally {
                lock.readLock().unlock();
            }
        }

        @Override
        public void load(Weights weights) {
            Map<String, float[]> loaded = state(graph, weights);
            lock.writeLock().lock();
            state = loaded;
            lock.writeLock().unlock();
        }

        @Override
        public void close() {
            lock.writeLock().lock();
            closed = true;
            lock.writeLock().unlock();
        }
    }

    private static final class PlainProbe implements Probe {
        private final Graph graph;
        private final Map<String, float[]> state;
        private PlainForward run;
        private PlainBackward back;

        PlainProbe(Graph graph, Weights weights) {
            this.graph = graph;
            this.state = state(graph, weights);
        }

        @Override
        public void forward(FloatBuffer images, int count, Statistics statistics) {
            boolean training = statistics == Statistics.BATCH;
            run = new PlainForward(graph.nodes(), state, images, count, training, 0);
        }

        @Override
        public float[] activation(Node node) {
            graph.check(node);
            return floats(run.values.get(node));
        }

        @Override
        public void backward(Map<Node, float[]> gradients) {
            Map<Node, double[]> start = new LinkedHashMap<>();
            gradients.keySet().forEach(graph::check);
            gradients.forEach((node, g) -> start.put(node, PlainForward.doubles(FloatBuffer.wrap(g))));
            back = new PlainBackward(graph, run, start);
        }

        @Override
        public float[] gradient(Node node) {
            graph.check(node);
            double[] g = back.gradients.get(node);
            if (g == null) throw new IllegalArgumentException("the backward run did not reach " + node);
            return floats(g);
        }

        @Override
        public Weights parameterGradients() {
            return copy(
                    graph,
                    "",
                    back.parameters.entrySet().stream()
                            .collect(Collectors.toMap(Map.Entry::getKey, e -> floats(e.getValue()))));
        }

        @Override
        public Weights weights() {
            return copy(graph, "", state);
        }

        @Override
        public void close() {}
    }

    private static final class PlainLearner implements Learner {
        private final Graph graph;
        private final Map<String, float[]> state;
        private final Map<String, FloatBuffer> gradients = new LinkedHashMap<>();
        private final Map<Optimizer.Slot, Map<String, float[]>> slots = new LinkedHashMap<>();
        private final Map<String, float[]> average;
        private final FloatBuffer flat;
        private final Optimizer optimizer;
        private final LearnerOptions options;
        private final Set<String> frozen = new HashSet<>();
        private long steps;
        private int batches;

        PlainLearner(Graph graph, Weights weights, Optimizer optimizer, LearnerOptions options) {
            this.graph = graph;
            this.state = PlainEngine.state(graph, weights);
            this.average = PlainEngine.state(graph, weights);
            this.optimizer = optimizer;
            this.options = options;
            options.check(graph);
            graph.parameters().forEach((name, p) -> {
                if (!options.group(name).trainable()) frozen.add(name);
            });
            flat = Batch.buffer(graph.parameterCount());
            for (Optimizer.Slot slot : optimizer.slots()) slots.put(slot, new LinkedHashMap<>());
            int at = 0;
            for (Map.Entry<String, Param> e : graph.parameters().entrySet()) {
                if (!e.getValue().trainable()) continue;
                int n = state.get(e.getKey()).length;
                if (!frozen.contains(e.getKey())) {
                    gradients.put(e.getKey(), flat.slice(at, n));
                    slots.forEach((slot, arrays) -> {
                        float[] start = new float[n];
                        Arrays.fill(start, slot.start());
                        arrays.put(e.getKey(), start);
                    });
                }
                at += n;
            }
        }

        @Override
        public Step gradients(Batch batch) {
            batch.check(graph.input().shape(), graph.classes());
            long dice = options.regularised()
                    ? new SplittableRandom(options.seed() + (steps << 20) + batches++).nextLong() | 1
                    : 0;
            PlainForward run = new PlainForward(graph.nodes(), state, batch.images(), batch.size(), true, dice, frozen);
            Map<Node, double[]> start = new LinkedHashMap<>();
            double loss = loss(run, graph.output(), 1, batch, start);
            Map<String, float[]> heads = new LinkedHashMap<>();
            for (Graph.Auxiliary a : graph.auxiliaries()) {
                loss += loss(run, a.output(), a.weight(), batch, start);
                heads.put(a.name(), floats(run.values.get(a.output())));
            }
            new PlainBackward(graph, run, start).parameters.forEach((name, g) -> {
                FloatBuffer to = gradients.get(name);
                if (to != null)
                    for (int i = 0; i < g.length; i++) to.put(i, (float) (to.get(i) + g[i] / options.accumulation()));
            });
            return new Step(loss, floats(run.values.get(graph.output())), heads);
        }

        /** The mean over the images, times {@code weight}. */
        private double loss(PlainForward run, Node head, double weight, Batch batch, Map<Node, double[]> start) {
            double[] x = run.values.get(head), g = new double[x.length], t = PlainForward.doubles(batch.targets());
            int classes = head.shape().channels();
            double loss = 0;
            for (int n = 0; n < batch.size(); n++) {
                int from = n * classes, to = from + classes;
                double[] d = new double[classes];
                loss += weight
                        / batch.size()
                        * options.loss()
                                .accept(new PlainLoss(
                                        Arrays.copyOfRange(x, from, to), Arrays.copyOfRange(t, from, to), d));
                for (int k = 0; k < classes; k++) g[from + k] = weight / batch.size() * d[k];
            }
            start.put(head, g);
            return loss;
        }

        @Override
        public void readGradients(FloatBuffer to) {
            check(to);
            to.slice().put(flat.duplicate());
        }

        @Override
        public void writeGradients(FloatBuffer from) {
            check(from);
            flat.duplicate().put(from.slice());
            int at = 0;
            for (Map.Entry<String, Param> e : graph.parameters().entrySet()) {
                if (!e.getValue().trainable()) continue;
                int end = at + state.get(e.getKey()).length;
                if (frozen.contains(e.getKey())) for (int i = at; i < end; i++) flat.put(i, 0);
                at = end;
            }
        }

        private void check(FloatBuffer b) {
            if (b.remaining() != flat.limit())
                throw new IllegalArgumentException(
                        "the gradients are " + flat.limit() + " floats, the buffer has " + b.remaining());
        }

        private Weights allGradients() {
            return copy(
                    graph,
                    "",
                    gradients.entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey, e -> floats(PlainForward.doubles(e.getValue())))));
        }

        @Override
        public void update(double learningRate) {
            steps++;
            batches = 0;
            double norm = 0;
            for (int i = 0; i < flat.limit(); i++) norm += (double) flat.get(i) * flat.get(i);
            norm = Math.sqrt(norm);
            double factor = optimizer.clip() == 0 ? 1 : Math.min(1, optimizer.clip() / (norm + 1e-6));
            gradients.forEach((name, g) -> {
                Optimizer.Decay decay = optimizer.decay();
                boolean decays = decay.everywhere()
                        || graph.parameters().get(name).shape().rank() > 1;
                ParameterGroup group = options.group(name);
                double rate = learningRate * group.rate(), own = decays ? decay.rate() * group.decay() : 0;
                float[][] s = slots.values().stream().map(all -> all.get(name)).toArray(float[][]::new);
                optimizer.accept(new PlainRules(state.get(name), scaled(g, factor), s, rate, own, steps));
            });
            average.forEach((name, a) -> {
                if (frozen.contains(name)) return;
                float[] p = state.get(name);
                double ema = optimizer.ema(steps);
                for (int i = 0; i < a.length; i++) a[i] = (float) (ema * a[i] + (1 - ema) * p[i]);
            });
            for (int i = 0; i < flat.limit(); i++) flat.put(i, 0);
        }

        private static double[] scaled(FloatBuffer g, double factor) {
            double[] scaled = PlainForward.doubles(g);
            for (int i = 0; i < scaled.length; i++) scaled[i] *= factor;
            return scaled;
        }

        @Override
        public State state() {
            return new State(
                    copy(graph, "", state),
                    copy(graph, "", optimizer.ema() == 0 ? state : average),
                    allSlots(),
                    allGradients());
        }

        private Map<String, float[]> averaged() {
            Map<String, float[]> moving = new LinkedHashMap<>(average);
            moving.keySet().removeAll(frozen);
            return moving;
        }

        private Weights allSlots() {
            Map<String, Weights.Tensor> all = new LinkedHashMap<>();
            slots.forEach((slot, arrays) ->
                    all.putAll(copy(graph, slot.name() + "/", arrays).tensors()));
            if (optimizer.ema() != 0)
                all.putAll(copy(graph, "average/", averaged()).tensors());
            return new Weights(all);
        }

        @Override
        public void restore(Weights weights, Weights slots, long steps) {
            PlainEngine.state(graph, weights).forEach((name, v) -> {
                System.arraycopy(v, 0, state.get(name), 0, v.length);
                System.arraycopy(v, 0, average.get(name), 0, v.length);
            });
            this.slots.forEach((slot, arrays) -> arrays.forEach(
                    (name, a) -> slots.get(slot.name() + "/" + name).values().get(a)));
            if (optimizer.ema() != 0)
                averaged()
                        .forEach((name, a) ->
                                slots.get("average/" + name).values().get(a));
            for (int i = 0; i < flat.limit(); i++) flat.put(i, 0);
            this.steps = steps;
            this.batches = 0;
        }

        @Override
        public long steps() {
            return steps;
        }

        @Override
        public void close() {}
    }
}
