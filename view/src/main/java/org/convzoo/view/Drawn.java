package org.convzoo.view;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Window;

/**
 * A layer as a diagram tells it, or several that differ in numbers only.
 *
 * @param form how it is drawn
 * @param name the op's word
 * @param kernels the kernels that occur, {@code 3×3}; empty where there is none
 * @param channels the channels that it makes; empty where they follow from the input
 * @param strides the strides that occur, {@code 1} or {@code 2}; empty where there is none
 * @param groups the groups that occur; empty unless grouped
 */
record Drawn(
        Form form,
        String name,
        List<String> kernels,
        List<Integer> channels,
        List<String> strides,
        List<Integer> groups) {

    /** What boxes look like. */
    enum Form {
        INPUT("in and out"),
        CONV("convolution"),
        DEPTHWISE("depthwise convolution"),
        LINEAR("linear"),
        POOL("pooling"),
        JOIN("sum, concatenation"),
        GATE("attention"),
        LIGHT("normalisation, activation"),
        MOVE("moves channels"),
        BLOCK("block, drawn beside");

        private final String text;

        Form(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    private static final Words WORDS = new Words();

    static Drawn of(Node node) {
        return node.op().accept(WORDS, node);
    }

    /** What stands for this and for {@code other}, of the same {@link #kind()}. */
    Drawn and(Drawn other) {
        return new Drawn(
                form,
                name,
                union(kernels, other.kernels),
                union(channels, other.channels),
                union(strides, other.strides),
                union(groups, other.groups));
    }

    private static <T> List<T> union(List<T> a, List<T> b) {
        return Stream.concat(a.stream(), b.stream()).distinct().toList();
    }

    /** What does not depend on numbers; kernels that are not square, and 1x1, do not count as numbers. */
    String kind() {
        return name + kernels.stream().map(Drawn::shape).toList() + (groups.isEmpty() ? "" : "grouped");
    }

    private static String shape(String kernel) {
        String[] sides = kernel.split("×");
        return sides[0].equals(sides[1]) && !sides[0].equals("1") ? "k×k" : kernel;
    }

    /** {@code 3×3 conv, 64 / 128, /2}. */
    String text() {
        var text = new StringBuilder();
        if (!kernels.isEmpty()) text.append(some(kernels)).append(' ');
        text.append(name);
        if (!channels.isEmpty()) text.append(", ").append(counts(channels));
        if (!groups.isEmpty()) text.append(", ").append(counts(groups)).append(" groups");
        if (strides.size() > 1) text.append(", stride ").append(some(strides));
        else if (!strides.isEmpty() && !strides.get(0).equals("1"))
            text.append(", stride ").append(strides.get(0));
        return text.toString();
    }

    private static String some(List<String> words) {
        return words.stream()
                .sorted(Comparator.comparing(String::length).thenComparing(w -> w))
                .collect(Collectors.joining(" or "));
    }

    private static String counts(List<Integer> counts) {
        List<Integer> sorted = counts.stream().sorted().toList();
        return sorted.size() > 4
                ? sorted.get(0) + "–" + sorted.get(sorted.size() - 1)
                : sorted.stream().map(String::valueOf).collect(Collectors.joining(" / "));
    }

    private static Drawn plain(Form form, String name) {
        return new Drawn(form, name, List.of(), List.of(), List.of(), List.of());
    }

    private static Drawn window(Form form, String name, Window w, List<Integer> channels, List<Integer> groups) {
        String stride = w.sh() == w.sw() ? "" + w.sh() : w.sh() + "×" + w.sw();
        return new Drawn(
                form,
                w.dh() * w.dw() == 1 ? name : "dilated " + name,
                List.of(w.kh() + "×" + w.kw()),
                channels,
                List.of(stride),
                groups);
    }

    private static final class Words implements Op.Visitor<Drawn> {
        @Override
        public Drawn input(Node n, Op.Input op) {
            return plain(Form.INPUT, "image");
        }

        @Override
        public Drawn conv(Node n, Op.Conv op) {
            if (op.isDepthwise(n.input().shape()))
                return window(Form.DEPTHWISE, "depthwise conv", op.w(), List.of(), List.of());
            List<Integer> groups = op.groups() == 1 ? List.of() : List.of(op.groups());
            return window(Form.CONV, "conv", op.w(), List.of(op.out()), groups);
        }

        @Override
        public Drawn batchNorm(Node n, Op.BatchNorm op) {
            return plain(Form.LIGHT, "BN");
        }

        @Override
        public Drawn linear(Node n, Op.Linear op) {
            return new Drawn(Form.LINEAR, "linear", List.of(), List.of(op.out()), List.of(), List.of());
        }

        @Override
        public Drawn activation(Node n, Op.Activation op) {
            return plain(
                    Form.LIGHT,
                    switch (op) {
                        case RELU -> "ReLU";
                        case RELU6 -> "ReLU6";
                        case SIGMOID -> "sigmoid";
                        case TANH -> "tanh";
                        case SILU -> "SiLU";
                        case HARDSWISH -> "h-swish";
                        case HARDSIGMOID -> "h-sigmoid";
                    });
        }

        @Override
        public Drawn maxPool(Node n, Op.MaxPool op) {
            return window(Form.POOL, "max pool", op.w(), List.of(), List.of());
        }

        @Override
        public Drawn avgPool(Node n, Op.AvgPool op) {
            return window(Form.POOL, "average pool", op.w(), List.of(), List.of());
        }

        @Override
        public Drawn adaptiveAvgPool(Node n, Op.AdaptiveAvgPool op) {
            return plain(
                    Form.POOL,
                    op.height() * op.width() == 1
                            ? "global average pool"
                            : "average pool to " + op.height() + "×" + op.width());
        }

        @Override
        public Drawn localResponseNorm(Node n, Op.LocalResponseNorm op) {
            return plain(Form.LIGHT, "LRN");
        }

        @Override
        public Drawn flatten(Node n, Op.Flatten op) {
            return plain(Form.LIGHT, "");
        }

        @Override
        public Drawn softmax(Node n, Op.Softmax op) {
            return plain(Form.GATE, op.ways() == n.shape().channels() ? "softmax" : "softmax, " + op.ways() + " ways");
        }

        @Override
        public Drawn dropout(Node n, Op.Dropout op) {
            return plain(Form.LIGHT, "dropout");
        }

        @Override
        public Drawn dropPath(Node n, Op.DropPath op) {
            return plain(Form.LIGHT, "drop path");
        }

        @Override
        public Drawn slice(Node n, Op.Slice op) {
            int all = n.input().shape().channels(), part = op.to() - op.from();
            return plain(
                    Form.MOVE,
                    all % part == 0 && op.from() % part == 0
                            ? "part " + (op.from() / part + 1) + " of " + all / part
                            : "channels " + op.from() + "–" + (op.to() - 1));
        }

        @Override
        public Drawn shuffle(Node n, Op.Shuffle op) {
            return plain(Form.MOVE, "shuffle, " + op.groups() + " groups");
        }

        @Override
        public Drawn padChannels(Node n, Op.PadChannels op) {
            return plain(Form.MOVE, "zeros as further channels");
        }

        @Override
        public Drawn multiply(Node n, Op.Multiply op) {
            return plain(Form.LIGHT, "× " + op.factor());
        }

        @Override
        public Drawn add(Node n, Op.Add op) {
            return plain(Form.JOIN, "add");
        }

        @Override
        public Drawn scale(Node n, Op.Scale op) {
            return plain(Form.GATE, "scale channels");
        }

        @Override
        public Drawn concat(Node n, Op.Concat op) {
            return plain(Form.JOIN, "concat");
        }
    }
}
