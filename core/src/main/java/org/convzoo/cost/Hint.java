package org.convzoo.cost;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;

/**
 * A place where a network breaks a guideline, with the figure that says so. The paper measures and draws no lines; ours
 * are: G1 a 1x1 convolution of more than twice as many channels on one side as on the other; G2 any groups short of
 * depthwise; G3 more than two branches with work of their own before a sum or a concatenation; G4 element-wise
 * operations, depthwise convolutions among them, that move more than half of the network's bytes.
 *
 * @param path of the layer; empty where the whole network is meant
 */
public record Hint(Guideline guideline, String path, String text) {

    /** All hints, layer by layer, what the whole network breaks last. */
    public static List<Hint> of(Cost cost) {
        List<Hint> hints = new ArrayList<>();
        Dominators dominators = new Dominators(cost.graph());
        for (Cost.Layer layer : cost.layers()) {
            if (layer.training()) continue;
            Node n = layer.node();
            if (n.op() instanceof Op.Conv conv) {
                channelRatio(n, conv, layer, hints);
                groups(n, conv, layer, hints);
            }
            fragmentation(n, dominators, hints);
        }
        elementWise(cost, hints);
        return hints;
    }

    /** Equation 1 with groups: hw (c1 + c2) + c1 c2 / g is least for c1 = c2 when the work, hw c1 c2 / g, is given. */
    private static void channelRatio(Node n, Op.Conv conv, Cost.Layer layer, List<Hint> hints) {
        Shape in = n.input().shape(), out = n.shape();
        int c1 = in.channels(), c2 = out.channels();
        double places = (double) out.height() * out.width();
        boolean pointwise = conv.w().kh() * conv.w().kw() == 1;
        if (!pointwise || places == 1 || Math.max(c1, c2) <= 2 * Math.min(c1, c2)) return;
        double work = layer.macs(), g = conv.groups();
        double least = 2 * Math.sqrt(places * work * g) + work / places;
        double moved = places * (c1 + c2) + c1 * c2 / g;
        hints.add(new Hint(
                Guideline.G1,
                n.path(),
                text("%d -> %d channels move %.2f times the bytes of equal widths", c1, c2, moved / least)));
    }

    /** Equation 2, for kernels of any size: the same work and input without groups makes fewer channels. */
    private static void groups(Node n, Op.Conv conv, Cost.Layer layer, List<Hint> hints) {
        int g = conv.groups();
        Shape in = n.input().shape();
        if (g == 1 || g == in.channels() || in.height() * in.width() == 1) return;
        double weights = layer.parameters(), out = n.shape().elements();
        double moved = in.elements() + out + weights, whole = in.elements() + out / g + weights;
        hints.add(new Hint(
                Guideline.G2,
                n.path(),
                text("%d groups move %.2f times the bytes of one with the same work", g, moved / whole)));
    }

    private static void fragmentation(Node n, Dominators dominators, List<Hint> hints) {
        if (n.inputs().size() < 2) return;
        Node fork = dominators.of(n);
        int branches = 0;
        Set<Node> all = new HashSet<>();
        for (Node in : n.inputs()) {
            Set<Node> own = new HashSet<>();
            collect(in, fork, own);
            own.removeIf(x -> !works(x));
            if (all.addAll(own)) branches++;
        }
        if (branches > 2)
            hints.add(new Hint(
                    Guideline.G3,
                    n.path(),
                    text("joins %d branches of %d convolutions and poolings", branches, all.size())));
    }

    /** The nodes from {@code n} back to {@code fork}, the latter excluded. */
    private static void collect(Node n, Node fork, Set<Node> into) {
        if (n != fork && into.add(n)) n.inputs().forEach(in -> collect(in, fork, into));
    }

    private static boolean works(Node n) {
        return n.op() instanceof Op.Conv || n.op() instanceof Op.MaxPool || n.op() instanceof Op.AvgPool;
    }

    private static void elementWise(Cost cost, List<Hint> hints) {
        double moved = 0, all = 0, work = 0;
        for (Cost.Layer layer : cost.layers()) {
            if (layer.training() || folded(layer.node())) continue;
            all += layer.traffic();
            if (!elementWise(layer.node())) continue;
            moved += layer.traffic();
            work += layer.macs();
        }
        if (moved > all / 2)
            hints.add(new Hint(
                    Guideline.G4,
                    "",
                    text(
                            "element-wise operations move %.0f %% of the bytes for %.0f %% of the multiply-accumulates",
                            100 * moved / all, 100 * work / cost.macs())));
    }

    /** Prediction folds a batch norm into the convolution that it follows. */
    private static boolean folded(Node n) {
        return n.op() instanceof Op.BatchNorm && n.input().op() instanceof Op.Conv;
    }

    private static boolean elementWise(Node n) {
        return n.op() instanceof Op.Activation
                || n.op() instanceof Op.Add
                || n.op() instanceof Op.Scale
                || n.op() instanceof Op.Multiply
                || n.op() instanceof Op.BatchNorm
                || n.op() instanceof Op.Conv c && c.isDepthwise(n.input().shape());
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
