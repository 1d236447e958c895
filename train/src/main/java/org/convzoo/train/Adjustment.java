package org.convzoo.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Init;

/**
 * Something about a network that a training has otherwise than it was published, as data. Parameters have the same names
 * and shapes, and what the trained model computes is the network as published.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Adjustment.SmallHead.class, name = "small_head"),
})
public sealed interface Adjustment {
    /** The network to be trained instead of {@code graph}. */
    Graph of(Graph graph);

    /**
     * The classifier starts at U(±1/√fan-in) with biases of 0, so that the loss starts near the logarithm of the number of
     * classes. Published starts may depend on the number of classes, which was 1,000.
     */
    record SmallHead() implements Adjustment {
        @Override
        public Graph of(Graph graph) {
            return graph.withHeadStart(Init.Rule.UNIFORM_FAN_IN, Init.Rule.ZERO);
        }
    }
}
