package org.convzoo.onednn;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.engine.LayerTime;
import org.convzoo.engine.Precision;
import org.convzoo.engine.Predictor;
import org.convzoo.graph.Graph;
import org.convzoo.weights.Weights;

/** Prediction: a program for each batch size that comes, the latest few kept; one run at a time uses all threads. */
final class OneDnnPredictor implements Predictor {
    private static final int PLANS = 4;

    private final OneDnnEngine engine;
    private final Graph graph;
    private final int type;
    private final Natives natives = new Natives();
    private final Constants constants;
    private final Map<Integer, Plan> plans = new LinkedHashMap<>(16, 0.75f, true);
    private boolean closed;

    private final class Plan implements AutoCloseable {
        final Natives own = new Natives(type);
        final Program program = new Program(engine.memory(), own, true);
        final FloatBuffer images, logits;

        Plan(int batch, Layout layout, Constants constants) {
            Inference inference = new Inference(own, program, graph, batch, layout, constants);
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

    OneDnnPredictor(OneDnnEngine engine, Graph graph, Weights weights, Precision precision) {
        type = OneDnnEngine.type(precision);
        this.engine = engine;
        this.graph = graph;
        constants = new Constants(engine.memory(), natives, weights);
    }

    @Override
    public synchronized float[] logits(FloatBuffer images, int count) {
        Plan plan = fed(images, count);
        plan.program.run();
        float[] z = new float[count * graph.classes()];
        plan.logits.get(0, z);
        return z;
    }

    @Override
    public synchronized List<LayerTime> profile(FloatBuffer images, int count, int runs) {
        List<double[]> times = new ArrayList<>();
        for (int i = 0; i < runs; i++) times.add(fed(images, count).program.timed());
        return fed(images, count).program.measured(times);
    }

    /** The plan for so many images, with them in its door. */
    private Plan fed(FloatBuffer images, int count) {
        open();
        long needed = count * graph.input().shape().elements();
        if (count < 1 || images.remaining() != needed) {
            throw new IllegalArgumentException(count + " images of "
                    + graph.input().shape() + " are " + needed + " floats, got " + images.remaining());
        }
        Plan plan = plan(count);
        plan.images.put(0, images, images.position(), images.remaining());
        return plan;
    }

    private Plan plan(int count) {
        Plan plan = plans.get(count);
        if (plan != null) return plan;
        if (plans.size() == PLANS) {
            var eldest = plans.entrySet().iterator();
            eldest.next().getValue().close();
            eldest.remove();
        }
        Layout layout = engine.tuner().layout(graph, count, "prediction " + type, l -> milliseconds(count, l));
        plan = new Plan(count, layout, constants);
        plans.put(count, plan);
        return plan;
    }

    /** How long so many images take in a layout, at best. */
    private double milliseconds(int count, Layout layout) {
        try (Natives own = new Natives(type);
                Constants trial = new Constants(engine.memory(), own, constants.weights());
                Plan plan = new Plan(count, layout, trial)) {
            return plan.program.best(4);
        }
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
