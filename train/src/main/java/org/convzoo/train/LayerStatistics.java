package org.convzoo.train;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.Probe;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.weights.Weights;

/**
 * What the layers of a network do at one moment of its training: a line of {@link LayerLog}. Numbers have five digits;
 * those that are not finite are left out.
 *
 * @param epoch from 1
 * @param outputs of convolutions, linear layers, batch norms and activations, in execution order
 * @param gradients of the parameters that learn, in the graph's order
 */
public record LayerStatistics(int epoch, List<Output> outputs, List<Gradient> gradients) {
    /** What a probe, which keeps all values of all layers, takes at a time: 128 MB of them, but two images at least. */
    private static final long VALUES = 1 << 25;

    private static final int MOST_IMAGES = 16, FEWEST_IMAGES = 2;
    private static final MathContext DIGITS = new MathContext(5);

    public LayerStatistics {
        outputs = List.copyOf(outputs);
        gradients = List.copyOf(gradients);
    }

    /**
     * The values that a layer gave.
     *
     * @param layer the node's path
     * @param op its word: {@code conv}, {@code linear}, {@code batchnorm}, {@code relu}
     * @param deviation of all values from their mean
     * @param zeros the share of values that are 0
     * @param dead the share of channels that are 0 everywhere in all images
     */
    public record Output(String layer, String op, double mean, double deviation, double zeros, double dead) {}

    /**
     * The gradient of a parameter.
     *
     * @param norm the gradient's norm, of the whole batch
     * @param weight the parameter's norm
     */
    public record Gradient(String parameter, double norm, double weight) {}

    /**
     * What the first images of {@code batch}, 16 at most, become in the layers by {@code learner}'s weights, as in training
     * but without dropout and drop path; and the gradients that it has added up. The learner stays as it is.
     *
     * @param learner after {@link Learner#gradients} and before {@link Learner#update}
     * @throws OutOfMemoryException when the layers' values do not fit the memory
     */
    public static LayerStatistics of(int epoch, Engine engine, Graph graph, Learner learner, Batch batch) {
        Learner.State state = learner.state();
        List<Output> outputs = new ArrayList<>();
        try (Probe probe = engine.probe(graph, state.weights())) {
            forward(probe, graph, batch, 0);
            for (Node n : graph.nodes()) {
                boolean told = n.op() instanceof Op.Conv
                        || n.op() instanceof Op.Linear
                        || n.op() instanceof Op.BatchNorm
                        || n.op() instanceof Op.Activation;
                float[] values = told ? probe.activation(n) : new float[0];
                if (told && isFinite(FloatBuffer.wrap(values))) outputs.add(output(n, values));
            }
        }
        List<Gradient> gradients = new ArrayList<>();
        state.gradients().tensors().forEach((name, g) -> {
            FloatBuffer values = g.values();
            if (isFinite(values))
                gradients.add(new Gradient(
                        name, norm(values), norm(state.weights().get(name).values())));
        });
        return new LayerStatistics(epoch, outputs, gradients);
    }

    /**
     * The first layer, in execution order, that makes a value of {@code batch} that is not finite, as in training but
     * without dropout and drop path. None where there is no such layer, or too little memory to look.
     */
    public static Optional<Node> firstOverflow(Engine engine, Graph graph, Weights weights, Batch batch) {
        List<Node> found = new ArrayList<>();
        try (Probe probe = engine.probe(graph, weights)) {
            for (int from = 0; from < batch.size(); from += atATime(graph)) {
                forward(probe, graph, batch, from);
                graph.nodes().stream()
                        .filter(n -> !isFinite(FloatBuffer.wrap(probe.activation(n))))
                        .findFirst()
                        .ifPresent(found::add);
            }
        } catch (OutOfMemoryException e) {
            // what was found so far
        }
        return found.stream().min(Comparator.comparingInt(Node::id));
    }

    /** Runs on as many images as a probe takes, from {@code from} on. */
    private static void forward(Probe probe, Graph graph, Batch batch, int from) {
        int images = Math.min(atATime(graph), batch.size() - from);
        int each = (int) graph.input().shape().elements();
        FloatBuffer some = batch.images().slice(from * each, images * each);
        probe.forward(some, images, Probe.Statistics.BATCH);
    }

    private static int atATime(Graph graph) {
        long each = graph.nodes().stream().mapToLong(n -> n.shape().elements()).sum();
        return (int) Math.max(FEWEST_IMAGES, Math.min(MOST_IMAGES, VALUES / each));
    }

    private static Output output(Node n, float[] values) {
        int channels = n.shape().channels(), area = (int) (n.shape().elements() / channels);
        boolean[] alive = new boolean[channels];
        int zeros = 0, dead = 0;
        double sum = 0, squares = 0;
        for (int i = 0; i < values.length; i++) {
            sum += values[i];
            if (values[i] == 0) zeros++;
            else alive[i / area % channels] = true;
        }
        double mean = sum / values.length;
        for (float v : values) squares += (v - mean) * (v - mean);
        for (boolean a : alive) if (!a) dead++;
        return new Output(
                n.path(),
                n.op().kind(),
                rounded(mean),
                rounded(Math.sqrt(squares / values.length)),
                rounded((double) zeros / values.length),
                rounded((double) dead / channels));
    }

    private static double norm(FloatBuffer values) {
        double squares = 0;
        for (int i = 0; i < values.limit(); i++) squares += (double) values.get(i) * values.get(i);
        return rounded(Math.sqrt(squares));
    }

    private static boolean isFinite(FloatBuffer values) {
        for (int i = 0; i < values.limit(); i++) if (!Float.isFinite(values.get(i))) return false;
        return true;
    }

    private static double rounded(double d) {
        return Double.isFinite(d) ? new BigDecimal(d).round(DIGITS).doubleValue() : d;
    }
}
