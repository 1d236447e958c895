package org.convzoo.cost;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;

/**
 * The part of the image that one place of a layer's output sees, in pixels, as Araujo et al. 2019 (Distill, "Computing
 * Receptive Fields of Convolutional Neural Networks") count it: padding is part of it, so it may be larger than the
 * image. Of several branches the largest counts. A gate that was pooled over the whole image does not: what it scales
 * keeps its own field.
 *
 * @param height of the field
 * @param width of the field
 * @param strideHeight how far apart the fields of two neighbours lie
 * @param strideWidth the same from left to right
 */
public record ReceptiveField(int height, int width, int strideHeight, int strideWidth) {
    /** What each node of the graph sees. */
    public static Map<Node, ReceptiveField> of(Graph graph) {
        Map<Node, ReceptiveField> fields = new HashMap<>();
        Fields visitor = new Fields(fields);
        for (Node node : graph.nodes()) fields.put(node, node.op().accept(visitor, node));
        return fields;
    }

    /** A window over places that see this. */
    private ReceptiveField slide(int kh, int kw, int sh, int sw) {
        return new ReceptiveField(
                height + (kh - 1) * strideHeight, width + (kw - 1) * strideWidth, strideHeight * sh, strideWidth * sw);
    }

    private ReceptiveField slide(Window w) {
        return slide(w.dh() * (w.kh() - 1) + 1, w.dw() * (w.kw() - 1) + 1, w.sh(), w.sw());
    }

    private ReceptiveField or(ReceptiveField other) {
        return new ReceptiveField(
                Math.max(height, other.height),
                Math.max(width, other.width),
                Math.max(strideHeight, other.strideHeight),
                Math.max(strideWidth, other.strideWidth));
    }

    /** {@code 427/32}: size and stride; {@code 1x7/1} where height and width differ. */
    @Override
    public String toString() {
        return pair(height, width) + "/" + pair(strideHeight, strideWidth);
    }

    private static String pair(int h, int w) {
        return h == w ? Integer.toString(h) : h + "x" + w;
    }

    private record Fields(Map<Node, ReceptiveField> known) implements Op.Visitor<ReceptiveField> {
        /** The first input's. */
        private ReceptiveField first(Node n) {
            return Objects.requireNonNull(known.get(n.input()), "inputs come first");
        }

        private ReceptiveField largest(Node n) {
            return n.inputs().stream().map(known::get).reduce(first(n), ReceptiveField::or);
        }

        @Override
        public ReceptiveField input(Node n, Op.Input op) {
            return new ReceptiveField(1, 1, 1, 1);
        }

        @Override
        public ReceptiveField conv(Node n, Op.Conv op) {
            return first(n).slide(op.w());
        }

        @Override
        public ReceptiveField batchNorm(Node n, Op.BatchNorm op) {
            return first(n);
        }

        @Override
        public ReceptiveField linear(Node n, Op.Linear op) {
            return first(n);
        }

        @Override
        public ReceptiveField activation(Node n, Op.Activation op) {
            return first(n);
        }

        @Override
        public ReceptiveField maxPool(Node n, Op.MaxPool op) {
            return first(n).slide(op.w());
        }

        @Override
        public ReceptiveField avgPool(Node n, Op.AvgPool op) {
            return first(n).slide(op.w());
        }

        /** The largest cell; the stride is that of the even cells that the networks have at their usual size. */
        @Override
        public ReceptiveField adaptiveAvgPool(Node n, Op.AdaptiveAvgPool op) {
            Shape in = n.input().shape();
            return first(n).slide(
                            cell(in.height(), op.height()),
                            cell(in.width(), op.width()),
                            Math.max(1, in.height() / op.height()),
                            Math.max(1, in.width() / op.width()));
        }

        private static int cell(int size, int cells) {
            int largest = 0;
            for (int i = 0; i < cells; i++)
                largest = Math.max(largest, ((i + 1) * size + cells - 1) / cells - i * size / cells);
            return largest;
        }

        @Override
        public ReceptiveField localResponseNorm(Node n, Op.LocalResponseNorm op) {
            return first(n);
        }

        /** What comes after sees every place. */
        @Override
        public ReceptiveField flatten(Node n, Op.Flatten op) {
            Shape in = n.input().shape();
            return first(n).slide(in.height(), in.width(), in.height(), in.width());
        }

        @Override
        public ReceptiveField softmax(Node n, Op.Softmax op) {
            return first(n);
        }

        @Override
        public ReceptiveField dropout(Node n, Op.Dropout op) {
            return first(n);
        }

        @Override
        public ReceptiveField dropPath(Node n, Op.DropPath op) {
            return first(n);
        }

        @Override
        public ReceptiveField slice(Node n, Op.Slice op) {
            return first(n);
        }

        @Override
        public ReceptiveField shuffle(Node n, Op.Shuffle op) {
            return first(n);
        }

        @Override
        public ReceptiveField padChannels(Node n, Op.PadChannels op) {
            return first(n);
        }

        @Override
        public ReceptiveField multiply(Node n, Op.Multiply op) {
            return first(n);
        }

        @Override
        public ReceptiveField add(Node n, Op.Add op) {
            return largest(n);
        }

        @Override
        public ReceptiveField scale(Node n, Op.Scale op) {
            return first(n);
        }

        @Override
        public ReceptiveField concat(Node n, Op.Concat op) {
            return largest(n);
        }
    }
}
