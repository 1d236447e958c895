package org.convzoo.onednn.loops;

import java.nio.FloatBuffer;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;

/** Average pooling where the library's rule for padding differs, or windows differ in size. Maps are channels last. */
public final class Average {
    private Average() {}

    /** The rows (or columns) that one cell of an average covers, and by what the sum is divided. */
    public record Cells(int[] from, int[] to, double[] divisor) {
        /** Adaptive pooling: cell i of n covers floor(i size / n) to ceil((i + 1) size / n). */
        public static Cells adaptive(int size, int n) {
            Cells c = new Cells(new int[n], new int[n], new double[n]);
            for (int i = 0; i < n; i++) {
                c.from[i] = (int) ((long) i * size / n);
                c.to[i] = (int) (((i + 1L) * size + n - 1) / n);
                c.divisor[i] = c.to[i] - c.from[i];
            }
            return c;
        }

        /**
         * Windows of {@code k} cells: padding counts in the divisor or not, what ceil mode adds beyond it never does.
         */
        static Cells windows(int size, int n, int k, int stride, int pad, boolean countPadding) {
            Cells c = new Cells(new int[n], new int[n], new double[n]);
            for (int i = 0; i < n; i++) {
                int start = i * stride - pad, stop = Math.min(start + k, size + pad);
                c.from[i] = Math.max(start, 0);
                c.to[i] = Math.min(stop, size);
                c.divisor[i] = countPadding ? stop - start : c.to[i] - c.from[i];
            }
            return c;
        }

        /** The rows that the windows of {@code p} cover. */
        public static Cells rows(Op.AvgPool p, Shape in, Shape out) {
            Window w = p.w();
            return windows(in.height(), out.height(), w.kh(), w.sh(), w.ph(), p.countPadding());
        }

        /** The columns that the windows of {@code p} cover. */
        public static Cells columns(Op.AvgPool p, Shape in, Shape out) {
            Window w = p.w();
            return windows(in.width(), out.width(), w.kw(), w.sw(), w.pw(), p.countPadding());
        }
    }

    /** {@code y}, the average of each cell of {@code x}, {@code [n, in]}. */
    public static void forward(FloatBuffer x, FloatBuffer y, int n, Shape in, Cells rows, Cells columns) {
        int c = in.channels(), h = in.height(), w = in.width(), oh = rows.from.length, ow = columns.from.length;
        for (int b = 0; b < n; b++)
            for (int i = 0; i < oh; i++)
                for (int j = 0; j < ow; j++)
                    for (int k = 0; k < c; k++) {
                        double sum = 0;
                        for (int r = rows.from[i]; r < rows.to[i]; r++)
                            for (int s = columns.from[j]; s < columns.to[j]; s++)
                                sum += x.get(((b * h + r) * w + s) * c + k);
                        y.put(((b * oh + i) * ow + j) * c + k, (float) (sum / (rows.divisor[i] * columns.divisor[j])));
                    }
    }

    /** The gradient of {@link #forward}. */
    public static void backward(FloatBuffer dy, FloatBuffer dx, int n, Shape in, Cells rows, Cells columns) {
        int c = in.channels(), h = in.height(), w = in.width(), oh = rows.from.length, ow = columns.from.length;
        for (int i = 0; i < n * h * w * c; i++) dx.put(i, 0);
        for (int b = 0; b < n; b++)
            for (int i = 0; i < oh; i++)
                for (int j = 0; j < ow; j++)
                    for (int k = 0; k < c; k++) {
                        float share = (float)
                                (dy.get(((b * oh + i) * ow + j) * c + k) / (rows.divisor[i] * columns.divisor[j]));
                        for (int r = rows.from[i]; r < rows.to[i]; r++)
                            for (int s = columns.from[j]; s < columns.to[j]; s++) {
                                int at = ((b * h + r) * w + s) * c + k;
                                dx.put(at, dx.get(at) + share);
                            }
                    }
    }
}
