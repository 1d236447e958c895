package org.convzoo.engine;

import java.nio.FloatBuffer;
import java.util.Map;
import org.convzoo.graph.Node;
import org.convzoo.weights.Weights;

/**
 * Looks inside a network: the activation of every node, and gradients with respect to it. Throws
 * {@link IllegalArgumentException} with one line for a node of another graph than its own.
 */
public interface Probe extends AutoCloseable {
    /** What batch norms divide by. */
    enum Statistics {
        /** The running statistics, of all batches so far, as in prediction. */
        RUNNING,
        /** The statistics of the batch, as in training; the running ones move. */
        BATCH
    }

    /** Runs forward on {@code count} images and keeps every activation. */
    void forward(FloatBuffer images, int count, Statistics statistics);

    /** What {@code node} gave in the last forward run, {@code [N, shape]}, row-major. */
    float[] activation(Node node);

    /** Runs backward from gradients of some scalar with respect to nodes' activations, {@code [N, shape]} each. */
    void backward(Map<Node, float[]> gradients);

    /**
     * The gradient with respect to what {@code node} gave, {@code [N, shape]}; the input's included. Throws
     * {@link IllegalArgumentException} for a node that the backward run did not reach.
     */
    float[] gradient(Node node);

    /** The gradients of the parameters from the last backward run. */
    Weights parameterGradients();

    /** Parameters and running statistics as they are now. */
    Weights weights();

    @Override
    void close();
}
