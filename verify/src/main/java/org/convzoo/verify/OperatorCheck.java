package org.convzoo.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.Probe;
import org.convzoo.engine.Targets;
import org.convzoo.graph.Filters;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Init;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Value;
import org.convzoo.graph.Window;
import org.convzoo.json.Field;
import org.convzoo.weights.Weights;

/**
 * Compares single operators, the loss and the optimizers with reference cases. An operator becomes a graph of one
 * layer, looked at through a {@link Probe}, and in evaluation mode also through a {@link Predictor}; the loss and the
 * optimizers are what a {@link Learner} of one linear layer does.
 */
public final class OperatorCheck {
    private static final double LIMIT = 1e-5;
    private static final Optimizer PLAIN = new Optimizer.Sgd(0, false, Optimizer.Decay.NONE);

    private OperatorCheck() {}

    /**
     * One finding a case of {@code ops.cases}. An operator, attribute, input or field that is not understood gives a
     * finding that is not ok and says so.
     */
    public static List<Finding> check(JsonNode ops, Engine engine) {
        List<Finding> findings = new ArrayList<>();
        for (Field field : Field.of(ops).at("cases").list()) {
            String name = field.json().path("name").asText("nameless case");
            try {
                OperatorCase c = new OperatorCase(field.json());
                List<Departure> departures =
                        switch (c.op) {
                            case "softmax_cross_entropy" -> loss(c, engine);
                            case "sgd", "adamw" -> optimizer(c, engine);
                            default -> layer(c, engine);
                        };
                c.complete();
                boolean ok = departures.stream().allMatch(Departure::ok);
                findings.add(new Finding(name, ok, name + ": " + Departure.tell(departures)));
            } catch (RuntimeException e) {
                findings.add(new Finding(name, false, name + ": " + e.getMessage()));
            }
        }
        return findings;
    }

    // -- layers -----------------------------------------------------------------------------------

    private static List<Departure> layer(OperatorCase c, Engine engine) {
        boolean training = c.op.equals("batch_norm") && c.truth("training");
        int count = c.shape("x")[0];
        Shape x = c.image("x");
        boolean gated = c.op.equals("scale");
        Shape image = gated ? x.withChannels(2 * x.channels()) : x;
        FloatBuffer images = gated ? withGates(x, c.values("x"), c.values("s"), count) : buffer(c.values("x"));
        Layer layer = gated ? v -> scale(v, x) : single(op(c));
        Graph graph = Graph.of(c.name, image, layer);
        Map<String, Weights.Tensor> state = new LinkedHashMap<>();
        graph.parameters().forEach((name, p) -> state.put(name, new Weights.Tensor(p.shape(), c.values(local(name)))));
        Weights weights = new Weights(state);
        List<Departure> found = new ArrayList<>();
        Node out = graph.output();
        double[] expected = c.expected("output", out.shape(), count);
        try (Probe probe = engine.probe(graph, weights)) {
            probe.forward(images.duplicate(), count, training ? Probe.Statistics.BATCH : Probe.Statistics.RUNNING);
            found.add(Departure.of("output", probe.activation(out), expected, LIMIT));
            probe.backward(Map.of(out, ValueRule.values(c.text("grad_output"), expected.length, 1, 0)));
            Weights gradients = probe.parameterGradients();
            c.results("gradients").forEach((name, expectedGradient) -> {
                float[] got = name.equals("x")
                        ? probe.gradient(out.inputs().get(0))
                        : gated && name.equals("s")
                                ? probe.gradient(out.inputs().get(1))
                                : gradients.get("op." + name).toArray();
                found.add(Departure.of("gradient of " + name, got, expectedGradient, LIMIT));
            });
            Weights after = probe.weights();
            c.results("after")
                    .forEach((name, v) -> found.add(Departure.of(
                            name + " after", after.get("op." + name).toArray(), v, LIMIT)));
        }
        if (training) return found;
        Graph flat = Graph.of(c.name, image, v -> layer.apply(v).flatten());
        try (Predictor predictor = engine.predictor(flat, weights)) {
            found.add(Departure.of("prediction", predictor.logits(images.duplicate(), count), expected, LIMIT));
        }
        return found;
    }

    private static Layer single(Op op) {
        return v -> v.op("op", op);
    }

    /** {@code op.weight} to {@code weight}. */
    private static String local(String name) {
        return name.substring(name.indexOf('.') + 1);
    }

    private static Op op(OperatorCase c) {
        return switch (c.op) {
            case "conv" -> new Op.Conv(c.shape("weight")[0], convolution(c), Init.Rule.ZERO, Init.Rule.ZERO);
            case "linear" -> new Op.Linear(c.shape("weight")[0], c.truth("bias"), Init.Rule.ZERO, Init.Rule.ZERO);
            case "batch_norm" -> new Op.BatchNorm(c.number("eps"), c.number("momentum"), Init.Rule.ONE);
            case "max_pool" -> new Op.MaxPool(pooling(c));
            case "avg_pool" -> new Op.AvgPool(pooling(c), c.truth("count_include_pad"));
            case "adaptive_avg_pool" -> new Op.AdaptiveAvgPool(c.pair("size")[0], c.pair("size")[1]);
            case "lrn" ->
                new Op.LocalResponseNorm((int) c.number("size"), c.number("alpha"), c.number("beta"), c.number("k"));
            case "channel_shuffle" -> new Op.Shuffle((int) c.number("groups"));
            case "softmax" -> {
                if (c.number("dim") != 1) throw c.unknown("dim " + c.number("dim"));
                yield new Op.Softmax(c.image("x").channels());
            }
            case "dropout" -> {
                if (c.truth("training")) throw c.unknown("training");
                yield new Op.Dropout(c.number("p"));
            }
            case "relu", "relu6", "sigmoid", "tanh", "silu", "hardswish", "hardsigmoid" ->
                Op.Activation.valueOf(c.op.toUpperCase(java.util.Locale.ROOT));
            default -> throw c.unknown("operator " + c.op);
        };
    }

    private static Filters convolution(OperatorCase c) {
        Filters filters = window(c).groups((int) c.number("groups"));
        return c.truth("bias") ? filters.withBias() : filters;
    }

    private static Window pooling(OperatorCase c) {
        return c.truth("ceil_mode") ? window(c).ceilMode() : window(c);
    }

    private static Window window(OperatorCase c) {
        int[] kernel = c.pair("kernel"), stride = c.pair("stride"), padding = c.pair("padding");
        Window w = Window.k(kernel[0], kernel[1]).stride(stride[0], stride[1]).pad(padding[0], padding[1]);
        return c.has("dilation") ? w.dilation(c.pair("dilation")[0], c.pair("dilation")[1]) : w;
    }

    /**
     * Features and gates out of one image: the gates are the largest values of the planes behind the features, which
     * pooling over a whole plane returns without rounding.
     */
    private static Value scale(Value image, Shape x) {
        Value gates = image.slice(x.channels(), 2 * x.channels())
                .maxPool(Window.k(x.height(), x.width()).pad(0));
        return image.slice(0, x.channels()).scale(gates);
    }

    private static FloatBuffer withGates(Shape x, float[] features, float[] gates, int count) {
        int area = x.height() * x.width(), each = x.channels() * area;
        FloatBuffer images = Batch.buffer(2L * count * each);
        for (int n = 0; n < count; n++) {
            images.put(features, n * each, each);
            for (int c = 0; c < x.channels(); c++)
                for (int i = 0; i < area; i++) images.put(gates[n * x.channels() + c] - (i == 0 ? 0 : 1));
        }
        return images.flip();
    }

    // -- loss -------------------------------------------------------------------------------------

    /**
     * The logits are the weight of a linear layer, transposed, and image n is the n-th unit vector: the layer gives
     * exactly the logits, and its weight's gradient is the logits' gradient, transposed.
     */
    private static List<Departure> loss(OperatorCase c, Engine engine) {
        int count = c.shape("x")[0], classes = c.shape("x")[1];
        Graph graph = Graph.of(
                c.name,
                new Shape(count),
                v -> v.op("op", new Op.Linear(classes, false, Init.Rule.ZERO, Init.Rule.ZERO)));
        FloatBuffer images = Batch.buffer((long) count * count);
        for (int n = 0; n < count; n++) images.put(n * count + n, 1);
        var weight = new Weights.Tensor(new Shape(classes, count), transposed(c.values("x"), count, classes));
        List<Departure> found = new ArrayList<>();
        try (Learner learner = engine.learner(
                graph,
                new Weights(Map.of("op.weight", weight)),
                PLAIN,
                LearnerOptions.DEFAULTS.withRegularised(false))) {
            Learner.Step step = learner.gradients(new Batch(count, images, targets(c, count, classes)));
            double[] expected = c.scalar("output");
            found.add(Departure.of("loss", new float[] {(float) step.loss()}, expected, LIMIT));
            float[] gradient = learner.gradientsByName().get("op.weight").toArray();
            c.results("gradients").forEach((name, g) -> {
                if (!name.equals("x")) throw c.unknown("gradient of " + name);
                float[] got = transposed(gradient, classes, count);
                found.add(Departure.of("gradient of x", got, g, LIMIT));
            });
        }
        return found;
    }

    private static FloatBuffer targets(OperatorCase c, int count, int classes) {
        float[] weights = c.truth("weighted") ? c.values("class_weights") : new float[0];
        double smoothing = c.number("label_smoothing");
        JsonNode targets = c.attribute("targets");
        FloatBuffer rows;
        double total = count; // what the mean divides by
        if (targets.isArray()) {
            int[] labels =
                    Arrays.stream(c.numbers("targets")).mapToInt(d -> (int) d).toArray();
            rows = Targets.rows(labels, classes, smoothing, weights);
            if (weights.length > 0)
                total = Arrays.stream(labels).mapToDouble(y -> weights[y]).sum();
        } else if (targets.asText("").equals("rows of target, (v + 1) / sum(v + 1)")) {
            rows = rows(c.values("target"), classes, smoothing, weights);
        } else {
            throw c.unknown("targets " + targets);
        }
        String reduction = c.word("reduction");
        if (reduction.equals("sum")) for (int i = 0; i < rows.limit(); i++) rows.put(i, (float) (rows.get(i) * total));
        else if (!reduction.equals("mean")) throw c.unknown("reduction " + reduction);
        return rows;
    }

    private static FloatBuffer rows(float[] v, int classes, double smoothing, float[] weights) {
        FloatBuffer rows = Batch.buffer(v.length);
        for (int i = 0; i < v.length; i++) {
            double sum = 0;
            for (int k = 0; k < classes; k++) sum += v[i / classes * classes + k] + 1.0;
            double t = (1 - smoothing) * (v[i] + 1.0) / sum + smoothing / classes;
            rows.put(i, (float) (weights.length == 0 ? t : t * weights[i % classes]));
        }
        return rows;
    }

    private static float[] transposed(float[] m, int rows, int columns) {
        float[] t = new float[m.length];
        for (int i = 0; i < m.length; i++) t[i % columns * rows + i / columns] = m[i];
        return t;
    }

    // -- optimizers -------------------------------------------------------------------------------

    /**
     * The parameter is the weight of a linear layer from one input, which is 1, and one class more takes up the slack:
     * target rows of minus the wanted gradient that add up to 0 make the loss's gradient {@code (sum of t) p - t} equal
     * it.
     */
    private static List<Departure> optimizer(OperatorCase c, Engine engine) {
        float[] parameter = c.values("parameter");
        int n = parameter.length;
        Graph graph = Graph.of(
                c.name, new Shape(1), v -> v.op("op", new Op.Linear(n + 1, false, Init.Rule.ZERO, Init.Rule.ZERO)));
        double rate = c.number("lr");
        Optimizer optimizer = c.op.equals("sgd") ? sgd(c) : adamW(c);
        var weight = new Weights.Tensor(new Shape(n + 1, 1), Arrays.copyOf(parameter, n + 1));
        List<Departure> found = new ArrayList<>();
        try (Learner learner = engine.learner(
                graph,
                new Weights(Map.of("op.weight", weight)),
                optimizer,
                LearnerOptions.DEFAULTS.withRegularised(false))) {
            List<Field> steps = c.list("parameter_after");
            for (int i = 0; i < steps.size(); i++) {
                FloatBuffer image = Batch.buffer(1).put(0, 1), targets = Batch.buffer(n + 1);
                float[] gradient = c.values("gradient" + i);
                double sum = 0;
                for (int k = 0; k < n; k++) sum += gradient[k];
                for (int k = 0; k < n; k++) targets.put(k, -gradient[k]);
                learner.gradients(new Batch(1, image, targets.put(n, (float) sum)));
                learner.update(rate);
                float[] got = Arrays.copyOf(learner.weights().get("op.weight").toArray(), n);
                found.add(Departure.of("step " + (i + 1), got, steps.get(i).numbers(), LIMIT));
            }
        }
        return found;
    }

    private static Optimizer sgd(OperatorCase c) {
        boolean nesterov = c.has("nesterov") && c.truth("nesterov");
        return new Optimizer.Sgd(c.number("momentum", 0), nesterov, decay(c));
    }

    private static Optimizer adamW(OperatorCase c) {
        double[] betas = c.numbers("betas");
        return new Optimizer.AdamW(betas[0], betas[1], c.number("eps"), decay(c));
    }

    private static Optimizer.Decay decay(OperatorCase c) {
        return new Optimizer.Decay(c.number("weight_decay", 0), true);
    }

    private static FloatBuffer buffer(float[] values) {
        return Batch.buffer(values.length).put(values).flip();
    }
}
