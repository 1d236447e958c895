package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.dnnl_binary_add;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.program.Arguments;
import org.convzoo.onednn.program.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The tape of a compilation: while ops are compiled forward each records how to go back; played, the last records come
 * first. The gradient of a node's value is the sum of what the nodes that read it add to it.
 */
final class Tape {
    /** A gradient of channels {@code from} to {@code to} of a node's value. */
    private record Part(Tensor tensor, int from, int to) {}

    private final Compilation compilation;
    private final Maps maps;
    private final Set<Node> wanting = new HashSet<>();
    private final Deque<Runnable> records = new ArrayDeque<>();
    private final Map<Node, List<Part>> parts = new IdentityHashMap<>();
    private final Map<Node, Tensor> gradients = new IdentityHashMap<>();

    /**
     * @param learns whether a node has parameters that learn
     * @param ofInput whether the gradient of the images is wanted, too
     */
    Tape(Compilation compilation, Graph graph, Predicate<Node> learns, boolean ofInput) {
        this.compilation = compilation;
        maps = compilation.maps;
        for (Node n : graph.nodes()) {
            boolean image = n.op() instanceof Op.Input && ofInput;
            if (learns.test(n) || image || n.inputs().stream().anyMatch(wanting::contains)) wanting.add(n);
        }
    }

    /** Whether the gradient of {@code n}'s value is wanted: the node or one before it has something that learns. */
    boolean wantsGradient(Node n) {
        return wanting.contains(n);
    }

    // -- recording ------------------------------------------------------------------------------------

    /** Records the way back through {@code n}, from the gradient of its value; it is left out if none arrives. */
    void record(Node n, Consumer<Tensor> backward) {
        record(() -> {
            Tensor dy = gradient(n);
            if (dy != null) backward.accept(dy);
        });
    }

    /** Records steps of the way back that begin with the gradients of more than one node. */
    void record(Runnable backward) {
        String layer = compilation.program.layer();
        records.push(() -> {
            compilation.program.label(layer, "backward");
            backward.run();
        });
    }

    /** Adds the steps of all that is recorded, from the gradients that have been added on. */
    void play() {
        records.forEach(Runnable::run);
    }

    /** Forgets the gradients, for playing again; what is recorded stays. */
    void forgetGradients() {
        parts.clear();
        gradients.clear();
    }

    // -- gradients ------------------------------------------------------------------------------------

    /** Adds to the gradient of {@code n}'s value. */
    void addGradient(Node n, Tensor gradient) {
        addGradient(n, gradient, 0, n.shape().channels());
    }

    /** Adds to the gradient of channels {@code from} to {@code to} of {@code n}'s value. */
    void addGradient(Node n, Tensor gradient, int from, int to) {
        if (wantsGradient(n)) parts.computeIfAbsent(n, k -> new ArrayList<>()).add(new Part(gradient, from, to));
    }

    /** The gradient of {@code n}'s value, once all its readers have added to it; none if no reader did. */
    @Nullable
    Tensor gradient(Node n) {
        List<Part> given = parts.get(n);
        if (given == null) return null;
        return gradients.computeIfAbsent(n, k -> sum(n, given));
    }

    /** The gradients that have been asked for. */
    Map<Node, Tensor> gradients() {
        return gradients;
    }

    private Tensor sum(Node n, List<Part> given) {
        int channels = n.shape().channels();
        List<Part> slices = given.stream()
                .filter(p -> p.to - p.from < channels)
                .sorted(Comparator.comparingInt(Part::from))
                .toList();
        List<Tensor> whole = new ArrayList<>();
        for (Part p : given) if (p.to - p.from == channels) whole.add(p.tensor);
        if (!slices.isEmpty()) whole.add(joined(compilation.value(n).desc.dims(), slices));
        Tensor total = maps.dense(whole.get(0));
        for (Tensor t : whole.subList(1, whole.size())) total = compilation.sum(total, maps.dense(t), new PostOps());
        return total;
    }

    /** Slices side by side are joined; others are added to zeros. */
    private Tensor joined(long[] dims, List<Part> slices) {
        int at = 0;
        boolean tiles = true;
        for (Part p : slices) {
            tiles &= p.from == at;
            at = p.to;
        }
        if (tiles && at == dims[1])
            return compilation.concat(slices.stream().map(Part::tensor).toList(), dims);
        Tensor all = maps.zeros(dims);
        for (Part p : slices) {
            Tensor view = all.view(compilation.natives.channels(all.desc, p.from, p.to));
            Tensor part = maps.channelsLast(p.tensor);
            Kernel k = compilation.primitives.binary(dnnl_binary_add, view.desc, part.desc, view.desc, new PostOps());
            compilation.program.add(k, new Arguments().src(view).src1(part).dst(view));
        }
        return all;
    }
}
