package org.convzoo.onednn.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Node;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.program.Arena;
import org.convzoo.onednn.program.Program;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TailTest {
    private static final Shape IMAGE = new Shape(2, 8, 8);

    private final Memory memory = new Memory();
    private final Natives natives = new Natives();
    private final Program program = new Program(memory, natives, Arena.Sharing.BY_LIFETIME);

    @AfterEach
    void close() {
        program.close();
        natives.close();
    }

    /** The tail of the convolution {@code c}; the nodes before it have a value. */
    private Tail tail(Graph graph) {
        var compilation = new Inference(
                natives,
                program,
                graph,
                1,
                Plan.direct(Layout.CHANNELS_LAST),
                new Constants(memory, natives, Weights.initial(graph, 1)));
        for (Node n : graph.nodes()) {
            if (n.path().equals("c")) return new Tail(compilation, n);
            compilation.values.put(n, program.tensor(natives.channelsLast(compilation.maps.dims(n))));
        }
        throw new AssertionError("no convolution c");
    }

    private List<String> taken(Layer body) {
        return tail(Graph.of("net", IMAGE, body)).nodes.stream().map(Node::path).toList();
    }

    @Test
    void aBatchNormIsFoldedIntoWeightAndBias() {
        double eps = 1e-5;
        Graph graph = Graph.of(
                "net", IMAGE, x -> x.conv("c", 2, Window.k(1).withBias()).bn("n"));
        Map<String, Weights.Tensor> values = new HashMap<>();
        values.put("c.weight", new Weights.Tensor(new Shape(2, 2, 1, 1), new float[] {2, -4, 1, 3}));
        values.put("c.bias", new Weights.Tensor(new Shape(2), new float[] {1, 10}));
        values.put("n.weight", new Weights.Tensor(new Shape(2), new float[] {3, 10}));
        values.put("n.bias", new Weights.Tensor(new Shape(2), new float[] {7, -1}));
        values.put("n.running_mean", new Weights.Tensor(new Shape(2), new float[] {5, 0.5f}));
        values.put("n.running_var", new Weights.Tensor(new Shape(2), new float[] {(float) (4 - eps), 100}));
        Weights weights = new Weights(values);
        Tail tail = tail(graph);
        FloatBuffer folded = tail.weight(weights, "c.weight"), bias = FloatBuffer.allocate(2);
        float[] w = new float[4];
        folded.get(w);
        tail.bias(weights, "c.bias", 2, bias);
        // factors 3 / 2 and 10 / 10; (1 - 5) 3 / 2 + 7 and (10 - 0.5) - 1
        assertThat(w).containsExactly(new float[] {3, -6, 1, 3}, within(1e-5f));
        assertThat(bias.array()).containsExactly(new float[] {1, 8.5f}, within(1e-5f));
    }

    @Test
    void theKernelTakesWhatFollowsOverInOneOrder() {
        assertThat(taken(x -> x.conv("c", 4, 3).bn("n").relu())).containsExactly("c", "n", "2");
        assertThat(taken(x -> x.conv("c", 4, 3).relu().bn("n"))).containsExactly("c", "1");
        assertThat(taken(x -> x.conv("c", 4, 3).maxPool(2, 2))).containsExactly("c");
        assertThat(taken(x -> x.conv("c", 2, 3).bn("n").dropPath(0.5).add(x).relu()))
                .as("drop path does nothing in prediction")
                .hasSize(5);
        assertThat(taken(x ->
                        x.conv("c", 2, 3).bn("n").multiply(0.1).add(x).relu().conv("d", 2, 1)))
                .as("not the next convolution")
                .hasSize(5);
    }

    @Test
    void itEndsWhereAnotherNodeReadsTheValue() {
        assertThat(taken(x -> {
                    var y = x.conv("c", 2, 3).bn("n");
                    return y.relu().add(y);
                }))
                .containsExactly("c", "n");
    }

    @Test
    void aSumWithWhatIsNotComputedYetIsLeftToTheOtherKernel() {
        assertThat(taken(x -> x.conv("c", 2, 3).bn("n").add(x.conv("d", 2, 3)))).containsExactly("c", "n");
    }
}
