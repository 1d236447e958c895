package org.convzoo.pretrained;

import java.nio.FloatBuffer;
import java.util.Optional;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Param;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Weights.Tensor;

/** How filters and matrices lie in a file. */
enum Layout {
    /** Filters {@code [out, in, h, w]}, matrices {@code [out, in]}: PyTorch's. */
    OIHW {
        @Override
        Optional<Tensor> ours(Tensor t, Node node, Param p) {
            return Optional.of(t);
        }
    },

    /**
     * Filters {@code [h, w, in, out]}, those for each channel {@code [h, w, channels, filters of one]}, matrices
     * {@code [in, out]}, after a map {@code [h * w * channels, out]}: TensorFlow's.
     */
    HWIO {
        @Override
        Optional<Tensor> ours(Tensor t, Node node, Param p) {
            Shape s = t.shape();
            if (s.rank() == 4) {
                int area = s.dim(0) * s.dim(1);
                return node.op() instanceof Op.Conv c
                                && c.isDepthwise(node.input().shape())
                        ? Optional.of(turned(t, area, s.dim(2) * s.dim(3), 1, s.dim(0), s.dim(1)))
                        : Optional.of(filters(t, area));
            }
            if (s.rank() != 2) return Optional.of(t);
            Shape map = node.input().op() instanceof Op.Flatten
                    ? node.input().input().shape()
                    : new Shape(s.dim(0));
            return map.elements() == s.dim(0) ? Optional.of(matrix(t, map)) : Optional.empty();
        }

        /** {@code [area, out]} as {@code [out, 1, h, w]}. */
        private Tensor turned(Tensor t, int area, int out, int in, int h, int w) {
            FloatBuffer from = t.values();
            float[] to = new float[area * out];
            for (int i = 0; i < to.length; i++) to[i] = from.get(i % area * out + i / area);
            return new Tensor(new Shape(out, in, h, w), to);
        }

        private Tensor filters(Tensor t, int area) {
            int in = t.shape().dim(2), out = t.shape().dim(3);
            FloatBuffer from = t.values();
            float[] to = new float[from.limit()];
            for (int i = 0; i < to.length; i++) {
                int o = i / area / in, c = i / area % in, at = i % area;
                to[i] = from.get((at * in + c) * out + o);
            }
            return new Tensor(new Shape(out, in, t.shape().dim(0), t.shape().dim(1)), to);
        }

        /** Rows in the order of pixels, channel by channel in each, become columns channel by channel. */
        private Tensor matrix(Tensor t, Shape map) {
            int in = t.shape().dim(0), out = t.shape().dim(1), channels = map.channels(), area = in / channels;
            FloatBuffer from = t.values();
            float[] to = new float[from.limit()];
            for (int i = 0; i < to.length; i++) {
                int o = i / in, c = i % in / area, at = i % area;
                to[i] = from.get((at * channels + c) * out + o);
            }
            return new Tensor(new Shape(out, in), to);
        }
    };

    /** An array of a file as {@code node} has that parameter; none where it cannot be one. */
    abstract Optional<Tensor> ours(Tensor t, Node node, Param p);
}
