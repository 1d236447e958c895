package org.convzoo.onednn;

import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.engine.Predictor;
import org.convzoo.graph.Graph;
import org.convzoo.weights.Weights;

/** Prediction: a program for each batch size that comes, the latest few kept; one run at a time uses all threads. */
final class OneDnnPredictor implements Predictor {
    private static final int PLANS = 4;

    private final OneDnnEngine engine;
    private final Graph graph;
    private final Natives natives = new Natives();
    private final Constants constants;
    private final Map<Integer, Plan> plans = new LinkedHashMap<>(16, 0.75f, true);
    private boolean closed;

    private final class Plan implements AutoCloseable {
        final Natives own = new Natives();
        final Program program = new Program(engine.memory(), own, true);
        final FloatBuffer images, logits;

        Plan(int batch) {
            Inference inference = new Inference(own, program, graph, batch, constants);
            Tensor z = inference.compile();
            program.place();
            images = inference.input().floats();
            logits = z.floats();
        }

        @Override
        public void close() {
            program.close();
            own.close();
        }
    }

    OneDnnPredictor(OneDnnEngine engine, Graph graph, Weights weights) {
        this.engine = engine;
        this.graph = graph;
        constants = new Constants(engine.memory(), natives, weights);
    }

    @Override
    public synchronized float[] logits(FloatBuffer images, int count) {
        open();
        long needed = count * graph.input().shape().elements();
        if (count < 1 || images.remaining() != needed) {
            throw new IllegalArgumentException(count + " images of "
                    + graph.input().shape() + " are " + needed + " floats, got " + images.remaining());
        }
        Plan plan = plan(count);
        plan.images.put(0, images, images.position(), images.remaining());
        plan.program.run();
        float[] z = new float[count * graph.classes()];
        plan.logits.get(0, z);
        return z;
    }

    private Plan plan(int count) {
        Plan plan = plans.get(count);
        if (plan != null) return plan;
        if (plans.size() == PLANS) {
            var eldest = plans.entrySet().iterator();
            eldest.next().getValue().close();
            eldest.remove();
        }
        plan = new Plan(count);
        plans.put(count, plan);
        return plan;
    }

    @Override
    public synchronized void load(Weights weights) {
        open();
        weights.check(graph);
        constants.load(weights);
    }

    /** The kernels of the program for that batch size, in order. */
    synchronized List<String> kernels(int batch) {
        return plan(batch).program.kernels();
    }

    synchronized Map<String, Double> profile(int batch, int times) {
        Map<String, Double> ms = new LinkedHashMap<>();
        for (int i = 0; i < times; i++) plan(batch).program.profile(ms);
        ms.replaceAll((k, v) -> v / times);
        return ms;
    }

    private void open() {
        if (closed) throw new IllegalStateException("the predictor of " + graph.name() + " is closed");
    }

    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        plans.values().forEach(Plan::close);
        plans.clear();
        constants.close();
        natives.close();
        engine.forget(this);
    }
}
