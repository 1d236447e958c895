package org.convzoo.view;

import java.util.Locale;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;

/** An op in a few words, with what its shapes do not tell: {@code conv 3x3/2}, {@code dropout 0.5}. */
final class OpText implements Op.Visitor<String> {
    private static final OpText TEXT = new OpText();

    private OpText() {}

    static String of(Node node) {
        return node.op().accept(TEXT, node);
    }

    /** Shorter: without the names of other layers, p for padding, d for dilation, g for groups. */
    static String brief(Node node) {
        if (node.op() instanceof Op.Add || node.op() instanceof Op.Scale)
            return node.op().kind();
        return of(node).replace("average", "avg")
                .replace(" pad same", " same")
                .replace(" pad ", " p")
                .replace(" dilation ", " d")
                .replaceAll(" groups (\\d)", " g$1");
    }

    @Override
    public String input(Node n, Op.Input op) {
        return "input";
    }

    @Override
    public String conv(Node n, Op.Conv op) {
        return op.isDepthwise(n.input().shape()) ? "depthwise " + op.w() : "conv " + op.filters();
    }

    @Override
    public String batchNorm(Node n, Op.BatchNorm op) {
        return "batch norm";
    }

    @Override
    public String linear(Node n, Op.Linear op) {
        return "linear";
    }

    @Override
    public String activation(Node n, Op.Activation op) {
        return op.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String maxPool(Node n, Op.MaxPool op) {
        return "max pool " + op.w();
    }

    @Override
    public String avgPool(Node n, Op.AvgPool op) {
        return "average pool " + op.w();
    }

    @Override
    public String adaptiveAvgPool(Node n, Op.AdaptiveAvgPool op) {
        return "average pool to " + op.height() + "x" + op.width();
    }

    @Override
    public String localResponseNorm(Node n, Op.LocalResponseNorm op) {
        return "local response norm " + op.size();
    }

    @Override
    public String flatten(Node n, Op.Flatten op) {
        return "flatten";
    }

    @Override
    public String softmax(Node n, Op.Softmax op) {
        return op.ways() == n.shape().channels() ? "softmax" : "softmax " + op.ways() + " ways";
    }

    @Override
    public String dropout(Node n, Op.Dropout op) {
        return "dropout " + number(op.p());
    }

    @Override
    public String dropPath(Node n, Op.DropPath op) {
        return "drop path " + number(op.p());
    }

    @Override
    public String slice(Node n, Op.Slice op) {
        return "channels " + op.from() + " to " + (op.to() - 1);
    }

    @Override
    public String shuffle(Node n, Op.Shuffle op) {
        return "shuffle " + op.groups() + " groups";
    }

    @Override
    public String padChannels(Node n, Op.PadChannels op) {
        return "pad channels";
    }

    @Override
    public String multiply(Node n, Op.Multiply op) {
        return "times " + number(op.factor());
    }

    @Override
    public String add(Node n, Op.Add op) {
        return "add " + n.inputs().get(1).path();
    }

    @Override
    public String scale(Node n, Op.Scale op) {
        return "scale by " + n.inputs().get(1).path();
    }

    @Override
    public String concat(Node n, Op.Concat op) {
        return "concat " + n.inputs().size();
    }

    private static String number(double p) {
        return String.format(Locale.ROOT, "%.3f", p).replaceAll("\\.?0+$", "");
    }
}
