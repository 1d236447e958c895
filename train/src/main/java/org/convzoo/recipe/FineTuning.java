package org.convzoo.recipe;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import org.convzoo.engine.ParameterGroup;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Param;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;

/**
 * What a training does with weights that are there already, as data.
 *
 * @param headFirst whether the run's first epoch is the head's alone, which is fitted to the features of all training
 *     images: {@code HeadFit}. The epochs after it train everything
 * @param headRate times the learning rate is that of the head
 * @param layerDecay times the learning rate of the layers of one depth is that of the next, towards the first layer: see
 *     {@link #groups}; 1 for equal rates
 * @param freeze patterns of the names of parameters and running statistics that stay as they are:
 *     {@link ParameterGroup#matching}
 * @param freezeNorms whether batch norms stay as they are and normalise by the statistics that they have
 */
@RecordBuilder
public record FineTuning(
        boolean headFirst, double headRate, double layerDecay, List<String> freeze, boolean freezeNorms)
        implements FineTuningBuilder.With {
    /** Nothing: all layers learn alike, from the first step on. */
    public static final FineTuning NONE = new FineTuning(false, 1, 1, List.of(), false);

    public FineTuning {
        freeze = List.copyOf(freeze);
        if (!(headRate > 0 && Double.isFinite(headRate)))
            throw new IllegalArgumentException("the head's rate is over 0, got " + headRate);
        if (!(layerDecay > 0 && layerDecay <= 1))
            throw new IllegalArgumentException("the layers' decay is over 0 and at most 1, got " + layerDecay);
    }

    /**
     * What it means for the parameters of {@code graph}. A layer's depth is how many times its maps still shrink on the way
     * to the head, by strides, pools to one place and the flattening of maps, on the shortest way; that of the head is 0.
     *
     * @throws org.convzoo.failure.WrongUseException where a pattern means none of them
     */
    public List<ParameterGroup> groups(Graph graph) {
        Set<String> frozen = ParameterGroup.matchingAny(graph, freeze);
        Set<Node> heads = new HashSet<>(graph.heads());
        int[] depths = depths(graph, heads);
        Map<Double, List<String>> byRate = new LinkedHashMap<>();
        for (Node n : graph.nodes()) {
            boolean stays = freezeNorms && n.op() instanceof Op.BatchNorm;
            double rate = heads.contains(n) ? headRate : Math.pow(layerDecay, depths[n.id()]);
            for (Param p : n.params()) {
                if (stays) frozen.add(n.name(p));
                else if (rate != 1 && !frozen.contains(n.name(p)))
                    byRate.computeIfAbsent(rate, r -> new ArrayList<>()).add(n.name(p));
            }
        }
        List<ParameterGroup> groups = new ArrayList<>();
        if (!frozen.isEmpty()) groups.add(ParameterGroup.frozen(frozen));
        byRate.forEach((rate, names) -> groups.add(ParameterGroup.learning(names, rate, 1)));
        return groups;
    }

    private static int[] depths(Graph graph, Set<Node> heads) {
        Set<Node> trunk = new HashSet<>(graph.inferenceNodes());
        int[] depths = new int[graph.nodes().size()];
        Arrays.fill(depths, Integer.MAX_VALUE);
        for (int i = depths.length - 1; i >= 0; i--) {
            Node n = graph.nodes().get(i);
            if (heads.contains(n) || depths[i] == Integer.MAX_VALUE) depths[i] = 0;
            int before = depths[i] + (shrinks(n) ? 1 : 0);
            for (Node input : n.inputs()) {
                if (trunk.contains(input) && !trunk.contains(n)) continue; // the way to an auxiliary head
                depths[input.id()] = Math.min(depths[input.id()], before);
            }
        }
        return depths;
    }

    private static boolean shrinks(Node n) {
        if (n.op() instanceof Op.Conv c) return strides(c.w());
        if (n.op() instanceof Op.MaxPool p) return strides(p.w());
        if (n.op() instanceof Op.AvgPool p) return strides(p.w());
        boolean fixed = n.op() instanceof Op.AdaptiveAvgPool || n.op() instanceof Op.Flatten;
        return fixed && places(n.shape()) < places(n.input().shape());
    }

    private static boolean strides(Window window) {
        return window.sh() > 1 || window.sw() > 1;
    }

    private static int places(Shape shape) {
        return shape.rank() == 1 ? 1 : shape.height() * shape.width();
    }

    /** A phrase for people. */
    @Override
    public String toString() {
        StringJoiner words = new StringJoiner(", ");
        if (headFirst) words.add("the first epoch fits the head to features");
        if (headRate != 1) words.add("the head's rate times " + headRate);
        if (layerDecay != 1) words.add("rates times " + layerDecay + " from depth to depth");
        if (!freeze.isEmpty()) words.add("frozen " + String.join(" ", freeze));
        if (freezeNorms) words.add("batch norms frozen");
        return words.toString();
    }
}
