package org.convzoo.onednn.loops;

import java.util.Arrays;

/**
 * Two sums for each channel of a map. Loops add a few blocks in float32, which vector instructions do, and such short
 * runs are added up in float64: float32 alone would lose precision over a map's many pixels. Each of {@link Rows}'
 * pieces has sums of its own, so that the order of additions does not depend on the threads.
 */
final class ChannelSums {
    /** Numbers that are added in float32 before the sum goes on in float64. */
    static final int LONGEST = 32;

    private final Rows rows;
    private final double[][] first = new double[Rows.PIECES][], second = new double[Rows.PIECES][];

    ChannelSums(Rows rows) {
        this.rows = rows;
    }

    double first(int channel) {
        return total(first, channel);
    }

    double second(int channel) {
        return total(second, channel);
    }

    private static double total(double[][] pieces, int channel) {
        double sum = 0;
        for (double[] p : pieces) sum += p[channel];
        return sum;
    }

    /** The sums of one piece, for the thread that works on it. */
    final class Piece {
        /** The run's sums for each place of a block, to which a loop adds. */
        final float[] first, second;

        private final double[] firsts, seconds;
        private int length, channel;

        Piece(int i) {
            first = new float[rows.block()];
            second = new float[rows.block()];
            firsts = ChannelSums.this.first[i] = new double[rows.channels()];
            seconds = ChannelSums.this.second[i] = new double[rows.channels()];
        }

        /** The blocks that follow begin with this channel. */
        void start(int firstChannel) {
            if (firstChannel != channel) endRun();
            channel = firstChannel;
        }

        /** Counts a block that was added to {@link #first} and {@link #second}. */
        void added() {
            if (++length == LONGEST) endRun();
        }

        /** Adds the run to the sums in float64; to be called once more at the piece's end. */
        void endRun() {
            if (length == 0) return;
            for (int at = 0; at < first.length; at += rows.across()) {
                for (int k = 0; k < rows.across(); k++) {
                    firsts[channel + k] += first[at + k];
                    seconds[channel + k] += second[at + k];
                }
            }
            Arrays.fill(first, 0);
            Arrays.fill(second, 0);
            length = 0;
        }
    }
}
