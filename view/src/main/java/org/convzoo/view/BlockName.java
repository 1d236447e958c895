package org.convzoo.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;

/**
 * What a block is called in the papers, judged by how its layers are wired and never by a network's name: a block of
 * one's own gets the name of what it is built like.
 */
final class BlockName {
    /** The nodes of each squeeze-and-excitation (Hu et al. 2017, 1709.01507), from its pooling to its gate. */
    private final List<List<Node>> excitations = new ArrayList<>();

    private final List<Node> nodes;
    private final List<Node> body; // without excitations
    private final List<String> with = new ArrayList<>();
    private String without = "";

    private BlockName(List<Node> nodes) {
        this.nodes = nodes;
        Set<Node> excited = new HashSet<>();
        for (Node n : nodes) {
            if (!(n.op() instanceof Op.Scale)) continue;
            List<Node> path = excitation(n);
            if (path.isEmpty()) continue;
            excitations.add(path);
            excited.addAll(path);
            excited.add(n);
        }
        body = nodes.stream().filter(n -> !excited.contains(n)).toList();
    }

    /** The name, in lower case: {@code bottleneck with projection}. */
    static String of(List<Node> nodes) {
        return new BlockName(nodes).name();
    }

    /** The layers of each squeeze-and-excitation in a block, without the multiplication itself. */
    static List<List<Node>> excitations(List<Node> nodes) {
        return List.copyOf(new BlockName(nodes).excitations);
    }

    /** From the mean of what is scaled straight to what scales it; empty where the way is another. */
    private List<Node> excitation(Node scale) {
        List<Node> path = new ArrayList<>();
        Node at = scale.inputs().get(1);
        while (nodes.contains(at) && at.inputs().size() == 1) {
            path.add(0, at);
            if (at.op() instanceof Op.AdaptiveAvgPool) return at.input() == scale.input() ? path : List.of();
            at = at.input();
        }
        return List.of();
    }

    private String name() {
        String name = residual().orElseGet(this::joined);
        if (!excitations.isEmpty()) with.add("squeeze-and-excite");
        int last = with.size() - 1;
        return name
                + (with.isEmpty() ? "" : " with " + String.join(", ", with.subList(0, last)))
                + (last > 0 ? " and " : "")
                + (with.isEmpty() ? "" : with.get(last))
                + without;
    }

    /** A block whose result is added to its input, or to a projection of it. */
    private Optional<String> residual() {
        Optional<Node> join = last(Op.Add.class);
        if (join.isEmpty()) return Optional.empty();
        List<Node> ways = join.get().inputs().stream()
                .sorted(Comparator.comparingInt(w -> products(w).size()))
                .toList();
        List<Node> shortcut = products(ways.get(0)), main = new ArrayList<>(products(ways.get(ways.size() - 1)));
        if (shortcut.size() > 1) return Optional.empty();
        main.removeAll(shortcut);
        String name = residual(main);
        if (shortcut.size() == 1) with.add("projection");
        else if (behind(ways.get(0)).stream().anyMatch(n -> n.op() instanceof Op.PadChannels)) with.add("zero padding");
        return Optional.of(name);
    }

    private String residual(List<Node> main) {
        String form = form(main);
        if (has(Op.Softmax.class)) {
            with.add(differ(main) ? "selective kernels" : "split attention");
            return form.startsWith("p") ? "bottleneck" : "basic block";
        }
        if (has(Op.Slice.class) && has(Op.Concat.class)) return "multi-scale bottleneck";
        if (has(Op.Shuffle.class)) return "shuffle unit";
        if (has(Op.Concat.class)) return "residual inception module";
        if (form.matches("pd+p")) {
            if (main.get(0).shape().channels() > main.get(0).input().shape().channels()) return "inverted residual";
            with.add("depthwise convolution");
            return "bottleneck";
        }
        if (form.matches("(dp)+")) return "residual separable convolution" + (form.equals("dp") ? "" : "s");
        if (form.matches("p[kcn]+p")) {
            if (form.contains("c")) with.add("grouped convolution");
            return "bottleneck";
        }
        return form.matches("[kc]{2}") ? "basic block" : "residual block";
    }

    /** A block without a shortcut that is added. */
    private String joined() {
        List<Node> all = body.stream().filter(BlockName::multiplies).toList();
        String form = form(all);
        Optional<Node> join = last(Op.Concat.class);
        if (join.isPresent()) {
            Shape in = sources().iterator().next().shape(), out = join.get().shape();
            boolean smaller = in.rank() == 3 && out.height() * 3 < in.height() * 2;
            if (has(Op.Shuffle.class)) {
                if (has(Op.Slice.class)) with.add("channel split");
                if (smaller) with.add("stride 2");
                return "shuffle unit";
            }
            if (join.get().inputs().stream().anyMatch(n -> !nodes.contains(n))) return "dense layer";
            if (all.size() == 3 && form.startsWith("p") && fire(join.get(), all.get(0))) return "fire module";
            return smaller ? "reduction module" : "inception module";
        }
        if (form.matches("pd+p")) {
            without = ", without shortcut";
            return "inverted residual";
        }
        if (form.matches("(dp)+"))
            return form.equals("dp") ? "depthwise separable convolution" : "separable convolutions";
        if (form.matches("[kcn]pp+")) return "mlpconv layer";
        return all.size() == 2
                ? "two convolutions"
                : all.size() == 3 ? "three convolutions" : all.size() + " convolutions";
    }

    private static boolean fire(Node join, Node squeeze) {
        return join.inputs().size() == 2
                && join.inputs().stream().allMatch(way -> {
                    Node at = way;
                    while (!(at.op() instanceof Op.Conv) && at.inputs().size() == 1) at = at.input();
                    Node before = at.input();
                    while (!(before.op() instanceof Op.Conv) && before.inputs().size() == 1) before = before.input();
                    return before == squeeze;
                });
    }

    private static boolean multiplies(Node n) {
        return n.op() instanceof Op.Conv || n.op() instanceof Op.Linear;
    }

    /** A letter a convolution: p 1x1, d depthwise, c grouped, n not square, k any other. */
    private static String form(List<Node> products) {
        return products.stream()
                .map(n -> {
                    if (!(n.op() instanceof Op.Conv c)) return "l";
                    if (c.isDepthwise(n.input().shape())) return "d";
                    if (c.w().kh() == 1 && c.w().kw() == 1) return "p";
                    if (c.w().kh() != c.w().kw()) return "n";
                    return c.groups() > 1 ? "c" : "k";
                })
                .collect(Collectors.joining());
    }

    /** Whether convolutions of one input differ in kernel or dilation. */
    private static boolean differ(List<Node> main) {
        return main.stream()
                        .filter(n -> n.op() instanceof Op.Conv c && c.w().kh() > 1)
                        .map(n -> ((Op.Conv) n.op()).w().dh() + " "
                                + ((Op.Conv) n.op()).w().kh())
                        .distinct()
                        .count()
                > 1;
    }

    private boolean has(Class<? extends Op> op) {
        return body.stream().anyMatch(n -> op.isInstance(n.op()));
    }

    private Optional<Node> last(Class<? extends Op> op) {
        return body.stream().filter(n -> op.isInstance(n.op())).reduce((a, b) -> b);
    }

    private Set<Node> sources() {
        Set<Node> sources = new LinkedHashSet<>();
        for (Node n : nodes) for (Node in : n.inputs()) if (!nodes.contains(in)) sources.add(in);
        return sources;
    }

    /** The block's nodes that {@code end} depends on, itself included, in order. */
    private List<Node> behind(Node end) {
        Set<Node> found = new HashSet<>();
        found.add(end);
        for (int i = nodes.size() - 1; i >= 0; i--)
            if (found.contains(nodes.get(i))) found.addAll(nodes.get(i).inputs());
        return nodes.stream().filter(found::contains).toList();
    }

    /** The convolutions and linear layers among the nodes before {@code end}, outside excitations. */
    private List<Node> products(Node end) {
        return behind(end).stream()
                .filter(n -> body.contains(n) && multiplies(n))
                .toList();
    }
}
