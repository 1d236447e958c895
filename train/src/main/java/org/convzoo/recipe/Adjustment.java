package org.convzoo.recipe;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Init;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;

/**
 * Something about a network that a training has otherwise than it was published, as data. Parameters have the same names
 * and shapes, and what the trained model computes is the network as published.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Adjustment.SmallHead.class, name = "small_head"),
    @JsonSubTypes.Type(value = Adjustment.HeStart.class, name = "he_start"),
    @JsonSubTypes.Type(value = Adjustment.NormMomentum.class, name = "norm_momentum"),
    @JsonSubTypes.Type(value = Adjustment.Dropout.class, name = "dropout"),
    @JsonSubTypes.Type(value = Adjustment.DropPath.class, name = "drop_path")
})
public sealed interface Adjustment {
    /** The network to be trained instead of {@code graph}. */
    Graph of(Graph graph);

    /**
     * The classifier starts at U(±1/√fan-in), so that the loss starts near the logarithm of the number of classes. Published
     * starts may depend on the number of classes, which was 1,000. Of networks with ReLUs and no batch norm it starts at a
     * hundredth of that: else they learn first to make all their features 0, some of them for good. Its biases are 0; where
     * a ReLU comes after it they are {@value #RAISED}, which changes no probability and lets the ReLU pass what it would
     * cut off for good.
     */
    record SmallHead() implements Adjustment {
        private static final double RAISED = 1;
        private static final Init.Rule HUNDREDTH = (in, out, groups) -> new Init.Uniform(0.01 / Math.sqrt(in));

        @Override
        public Graph of(Graph graph) {
            Node head = graph.heads().get(0);
            boolean cut = false;
            for (Node n = graph.output(); n != head; n = n.input()) cut |= n.op() instanceof Op.Activation;
            return graph.withHeadStart(
                    graph.isUnnormalised() ? HUNDREDTH : Init.Rule.UNIFORM_FAN_IN,
                    cut ? Init.Rule.constant(RAISED) : Init.Rule.ZERO);
        }
    }

    /**
     * All layers but the classifier start by He et al. 2015 (1502.01852), equation 10, with biases of 0, which keeps the
     * size of activations from layer to layer. Networks from before that paper had fixed deviations instead, with which
     * deep ones begin to learn after days only.
     */
    record HeStart() implements Adjustment {
        @Override
        public Graph of(Graph graph) {
            return graph.withStart(Init.Rule.KAIMING_FAN_IN, Init.Rule.ZERO);
        }
    }

    /**
     * Another momentum of the batch norms' running statistics. That which was published with a network may be so small
     * that in a short run the statistics lag behind the weights.
     */
    record NormMomentum(double momentum) implements Adjustment {
        @Override
        public Graph of(Graph graph) {
            return graph.withNormMomentum(momentum);
        }
    }

    /** Another probability of dropout. */
    record Dropout(double probability) implements Adjustment {
        @Override
        public Graph of(Graph graph) {
            return graph.withDropout(probability);
        }
    }

    /** Stochastic depth, with that probability for the deepest residual block: {@link Graph#withDropPath}. */
    record DropPath(double probability) implements Adjustment {
        @Override
        public Graph of(Graph graph) {
            return graph.withDropPath(probability);
        }
    }
}
