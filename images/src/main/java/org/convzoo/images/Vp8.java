package org.convzoo.images;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * The pixels of a lossy WebP picture: a key frame of VP8 (RFC 6386), its chroma spread and its colours converted with
 * libwebp's integers. The bytes are those of libwebp, and so Pillow's. TwelveMonkeys' decoder is no choice here: it
 * predicts from pixels that are smoothed already, which makes errors grow from block to block (4 of 255 in the mean at
 * libwebp's usual quality, 39 at quality 5).
 */
final class Vp8 {
    private static final int SIDE = 16; // of a macroblock
    private static final int HALF = 128; // the probability that says nothing
    private static final int LUMA_AFTER_DC = 0, DC = 1, CHROMA = 2, LUMA = 3; // kinds of blocks

    // Modes of prediction. Those of 16 x 16 and of chroma are a block's modes of the same name.
    private static final int B_DC = 0, B_TM = 1, B_VE = 2, B_HE = 3, B_LD = 4, B_RD = 5, B_VR = 6, B_VL = 7, B_HD = 8;
    private static final int B_HU = 9;

    private static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};
    private static final int[] BANDS = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0};

    /** The extra bits' probabilities of the categories of large coefficients (section 13.2). */
    private static final int[][] CATEGORIES = {
        {159},
        {165, 145},
        {173, 148, 140},
        {176, 155, 140, 135},
        {180, 157, 141, 134, 130},
        {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
    };

    private static final int[] CATEGORY_STARTS = {5, 7, 11, 19, 35, 67};

    /** Nodes of the tree of block modes: below 0 the mode ~node, else where the next two nodes are. */
    private static final int[] MODE_TREE = {
        ~B_DC, 2, ~B_TM, 4, ~B_VE, 6, 8, 12, ~B_HE, 10, ~B_RD, ~B_VR, ~B_LD, 14, ~B_VL, 16, ~B_HD, ~B_HU
    };

    private static final int STEPS = 128, MODES = 10 * 10 * 9, PROBABILITIES = 4 * 8 * 3 * 11;
    private static final int[] NUMBERS = numbers();

    /** Reads single bits, each coded with its own probability (section 7). */
    private static final class Bits {
        private final byte[] bytes;
        private final int end;
        private int at;
        private long window;
        private int spare = -8; // bits in the window beyond the 8 that decide
        private int range = 254; // less one
        private boolean past;

        Bits(byte[] bytes, int from, int end) {
            this.bytes = bytes;
            this.at = from;
            this.end = end;
        }

        /** 1 or 0; 0 has the given probability of 256. */
        int bit(int probability) {
            while (spare < 0) {
                past |= at >= end;
                window = window << 8 | (at < end ? bytes[at++] & 255 : 0);
                spare += 8;
            }
            int split = range * probability >> 8;
            int bit = (int) (window >> spare) > split ? 1 : 0;
            if (bit == 1) {
                range -= split + 1;
                window -= (long) (split + 1) << spare;
            } else {
                range = split;
            }
            int shift = Integer.numberOfLeadingZeros(range + 1) - 24;
            range = (range + 1 << shift) - 1;
            spare -= shift;
            return bit;
        }

        boolean flag() {
            return bit(HALF) == 1;
        }

        int number(int bits) {
            int value = 0;
            for (int i = 0; i < bits; i++) value = 2 * value + bit(HALF);
            return value;
        }

        /** A number and its sign, if a flag says that there is one, else 0. */
        int optional(int bits) {
            if (!flag()) return 0;
            int value = number(bits);
            return flag() ? -value : value;
        }
    }

    /** Samples with a border of one above and to the left, as prediction starts there. */
    private static final class Plane {
        final int stride;
        final byte[] samples;

        Plane(int width, int height) {
            stride = width + 1;
            samples = new byte[stride * (height + 1)];
            Arrays.fill(samples, 0, stride, (byte) 127);
            for (int y = 1; y <= height; y++) samples[y * stride] = (byte) 129;
        }

        int at(int x, int y) {
            return (y + 1) * stride + x + 1;
        }

        int get(int i) {
            return samples[i] & 255;
        }
    }

    private final int width;
    private final int height;
    private final int columns;
    private final int rows;
    private final Plane luma;
    private final Plane[] chroma;

    private final Bits header;
    private Bits[] parts = {};
    private boolean segmented;
    private boolean mapped;
    private boolean absolute;
    private final int[] segmentSteps = new int[4];
    private final int[] segmentLevels = new int[4];
    private final int[] segmentProbabilities = {255, 255, 255};
    private boolean simple;
    private int level;
    private int sharpness;
    private boolean adjusted;
    private final int[] adjustments = new int[8];
    private final int[][] steps = new int[4][6]; // luma, DC, chroma: of the first coefficient, of the others
    private final int[] probabilities = Arrays.copyOfRange(NUMBERS, 2 * STEPS + MODES + PROBABILITIES, NUMBERS.length);
    private boolean skips;
    private int skipProbability;

    // What the blocks above the current row, and to the left of the current macroblock, have to tell.
    private final int[] modesAbove;
    private final int[] modesLeft = new int[4];
    private final boolean[][] filledAbove; // by column: 4 of luma, 2 and 2 of chroma, 1 of DC
    private final boolean[] filledLeft = new boolean[9];

    // The current macroblock.
    private int segment;
    private final int[] modes = new int[16];
    private final short[] coefficients = new short[25 * 16]; // 16 blocks of luma, 4 and 4 of chroma, 1 of DC

    /**
     * By macroblock, for the filter: its segment, whether its luma is predicted in blocks, whether it has residuals.
     */
    private final byte[] kinds;

    private static final int IN_BLOCKS = 4, WITH_RESIDUALS = 8;

    private Vp8(byte[] bytes, int from, int end) throws IOException {
        int tag = (int) Exif.number(bytes, from, 3, true), first = tag >> 5;
        if ((tag & 1) != 0 || (tag >> 1 & 7) > 3 || Exif.number(bytes, from + 3, 3, false) != 0x9D012A)
            throw new IOException("its pixels begin with no key frame");
        width = (int) Exif.number(bytes, from + 6, 2, true) & 0x3FFF;
        height = (int) Exif.number(bytes, from + 8, 2, true) & 0x3FFF;
        if (width == 0 || height == 0) throw new IOException("it claims no pixels");
        columns = (width + SIDE - 1) / SIDE;
        rows = (height + SIDE - 1) / SIDE;
        int start = from + 10;
        if (start + first > end) throw new IOException("it ends too early");
        header = new Bits(bytes, start, start + first);
        header.number(2); // colour space and clamping: there is only one way
        readSegments();
        readFilter();
        readParts(bytes, start + first, end);
        readSteps();
        header.flag(); // about the frames that follow
        for (int i = 0; i < PROBABILITIES; i++)
            if (header.bit(NUMBERS[2 * STEPS + MODES + i]) == 1) probabilities[i] = header.number(8);
        skips = header.flag();
        if (skips) skipProbability = header.number(8);
        if (header.past) throw new IOException("it ends too early");
        luma = new Plane(columns * SIDE, rows * SIDE);
        chroma = new Plane[] {new Plane(columns * 8, rows * 8), new Plane(columns * 8, rows * 8)};
        modesAbove = new int[4 * columns];
        filledAbove = new boolean[columns][9];
        kinds = new byte[columns * rows];
    }

    /** Throws {@link IOException} with the reason when what lies from {@code from} to {@code end} is broken. */
    static Picture decode(byte[] bytes, int from, int end) throws IOException {
        Vp8 frame = new Vp8(bytes, from, end);
        frame.reconstruct();
        if (frame.level > 0) frame.smooth();
        return frame.picture();
    }

    private static int[] numbers() {
        int[] numbers = new int[2 * STEPS + MODES + 2 * PROBABILITIES];
        int n = 0;
        try (InputStream in = Objects.requireNonNull(Vp8.class.getResourceAsStream("vp8.txt"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            for (String line : lines.lines().filter(l -> !l.startsWith("#")).toList())
                for (String number : line.split(" ")) numbers[n++] = Integer.parseInt(number);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return numbers;
    }

    private void readSegments() {
        segmented = header.flag();
        if (!segmented) return;
        mapped = header.flag();
        if (header.flag()) {
            absolute = header.flag();
            for (int i = 0; i < 4; i++) segmentSteps[i] = header.optional(7);
            for (int i = 0; i < 4; i++) segmentLevels[i] = header.optional(6);
        }
        if (mapped) for (int i = 0; i < 3; i++) segmentProbabilities[i] = header.flag() ? header.number(8) : 255;
    }

    private void readFilter() {
        simple = header.flag();
        level = header.number(6);
        sharpness = header.number(3);
        adjusted = header.flag();
        if (adjusted && header.flag()) for (int i = 0; i < 8; i++) adjustments[i] = header.optional(6);
    }

    private void readParts(byte[] bytes, int from, int end) throws IOException {
        parts = new Bits[1 << header.number(2)];
        int at = from + 3 * (parts.length - 1);
        if (at >= end) throw new IOException("it ends too early");
        for (int i = 0; i < parts.length; i++) {
            long length = i == parts.length - 1 ? end - at : Exif.number(bytes, from + 3 * i, 3, true);
            int stop = (int) Math.min(end, at + length);
            parts[i] = new Bits(bytes, at, stop);
            at = stop;
        }
    }

    private void readSteps() {
        int base = header.number(7);
        int[] shifts = new int[6]; // luma, DC, chroma: of the first coefficient, of the others
        shifts[0] = header.optional(4);
        for (int i = 2; i < 6; i++) shifts[i] = header.optional(4);
        for (int s = 0; s < 4; s++) {
            int q = !segmented ? base : absolute ? segmentSteps[s] : base + segmentSteps[s];
            for (int i = 0; i < 6; i++) {
                int index = Math.max(0, Math.min(STEPS - 1, q + shifts[i]));
                steps[s][i] = NUMBERS[i % 2 * STEPS + index];
            }
            steps[s][4] = NUMBERS[Math.max(0, Math.min(117, q + shifts[4]))]; // 132 at most
            steps[s][2] *= 2;
            steps[s][3] = Math.max(8, steps[s][3] * 155 / 100);
        }
    }

    private void reconstruct() throws IOException {
        for (int row = 0; row < rows; row++) {
            Arrays.fill(modesLeft, B_DC);
            Arrays.fill(filledLeft, false);
            Bits part = parts[row % parts.length];
            for (int column = 0; column < columns; column++) {
                if (mapped)
                    segment = header.bit(segmentProbabilities[0]) == 1
                            ? 2 + header.bit(segmentProbabilities[2])
                            : header.bit(segmentProbabilities[1]);
                boolean skipped = skips && header.bit(skipProbability) == 1;
                boolean whole = header.bit(145) == 1;
                if (whole) readWholeMode(column);
                else readBlockModes(column);
                int chromaMode =
                        header.bit(142) == 0 ? B_DC : header.bit(114) == 0 ? B_VE : header.bit(183) == 0 ? B_HE : B_TM;
                boolean residuals = !skipped && readResiduals(part, column, whole);
                if (skipped) clearResiduals(column, whole);
                if (header.past || part.past) throw new IOException("it ends too early");
                kinds[row * columns + column] =
                        (byte) (segment + (whole ? 0 : IN_BLOCKS) + (residuals ? WITH_RESIDUALS : 0));
                if (whole) predictWhole(luma, SIDE, column, row, modes[0]);
                for (int b = 0; b < 16; b++) {
                    int at = luma.at(column * SIDE + b % 4 * 4, row * SIDE + b / 4 * 4);
                    if (!whole) predictBlock(at, b, column, row);
                    addResiduals(luma, at, b);
                }
                for (int c = 0; c < 2; c++) {
                    predictWhole(chroma[c], 8, column, row, chromaMode);
                    for (int b = 0; b < 4; b++)
                        addResiduals(
                                chroma[c], chroma[c].at(column * 8 + b % 2 * 4, row * 8 + b / 2 * 4), 16 + 4 * c + b);
                }
            }
        }
    }

    private void readWholeMode(int column) {
        int mode = header.bit(156) == 0 ? header.bit(163) == 0 ? B_DC : B_VE : header.bit(128) == 0 ? B_HE : B_TM;
        Arrays.fill(modes, mode);
        Arrays.fill(modesLeft, mode);
        Arrays.fill(modesAbove, 4 * column, 4 * column + 4, mode);
    }

    private void readBlockModes(int column) {
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 4; x++) {
                int start = 2 * STEPS + (modesAbove[4 * column + x] * 10 + modesLeft[y]) * 9, node = 0;
                do node = MODE_TREE[node + header.bit(NUMBERS[start + node / 2])];
                while (node > 0);
                modes[4 * y + x] = modesAbove[4 * column + x] = modesLeft[y] = ~node;
            }
    }

    private void clearResiduals(int column, boolean whole) {
        Arrays.fill(coefficients, (short) 0);
        Arrays.fill(filledLeft, 0, whole ? 9 : 8, false);
        Arrays.fill(filledAbove[column], 0, whole ? 9 : 8, false);
    }

    /** Returns whether there are any. */
    private boolean readResiduals(Bits part, int column, boolean whole) {
        Arrays.fill(coefficients, (short) 0);
        boolean[] above = filledAbove[column];
        boolean any = false;
        if (whole) {
            int read = readBlock(part, DC, 0, context(above[8], filledLeft[8]), 24, 2);
            above[8] = filledLeft[8] = read > 0;
            if (read > 0) spreadDc();
        }
        for (int b = 0; b < 24; b++) {
            boolean isLuma = b < 16;
            int x = isLuma ? b % 4 : 4 + b / 4 % 2 * 2 + b % 2, y = isLuma ? b / 4 : 4 + b / 4 % 2 * 2 + b / 2 % 2;
            int first = isLuma && whole ? 1 : 0, kind = !isLuma ? CHROMA : whole ? LUMA_AFTER_DC : LUMA;
            int read = readBlock(part, kind, first, context(above[x], filledLeft[y]), b, isLuma ? 0 : 4);
            above[x] = filledLeft[y] = read > first;
            any |= read > 1 || coefficients[16 * b] != 0;
        }
        return any;
    }

    private static int context(boolean above, boolean left) {
        return (above ? 1 : 0) + (left ? 1 : 0);
    }

    /** Section 13. Returns the place after the last coefficient, {@code first} when there is none. */
    private int readBlock(Bits part, int kind, int first, int context, int block, int step) {
        int n = first, p = place(kind, n, context);
        if (part.bit(probabilities[p]) == 0) return first;
        while (true) {
            while (part.bit(probabilities[p + 1]) == 0) {
                if (++n == 16) return 16;
                p = place(kind, n, 0);
            }
            int value = 1;
            if (part.bit(probabilities[p + 2]) == 1) value = readLarge(part, p);
            int next = place(kind, n + 1, value == 1 ? 1 : 2);
            if (part.bit(HALF) == 1) value = -value;
            coefficients[16 * block + ZIGZAG[n]] = (short) (value * steps[segment][step + (n > 0 ? 1 : 0)]);
            n++;
            p = next;
            if (n == 16 || part.bit(probabilities[p]) == 0) return n;
        }
    }

    private static int place(int kind, int n, int context) {
        return ((kind * 8 + BANDS[n]) * 3 + context) * 11;
    }

    private int readLarge(Bits part, int p) {
        if (part.bit(probabilities[p + 3]) == 0)
            return part.bit(probabilities[p + 4]) == 0 ? 2 : 3 + part.bit(probabilities[p + 5]);
        int category;
        if (part.bit(probabilities[p + 6]) == 0) {
            category = part.bit(probabilities[p + 7]);
        } else {
            int high = part.bit(probabilities[p + 8]);
            category = 2 + 2 * high + part.bit(probabilities[p + 9 + high]);
        }
        int extra = 0;
        for (int probability : CATEGORIES[category]) extra = 2 * extra + part.bit(probability);
        return CATEGORY_STARTS[category] + extra;
    }

    /** The first coefficients of all luma blocks, by the inverse Walsh-Hadamard transform (section 14.3). */
    private void spreadDc() {
        int[] t = new int[16];
        for (int i = 0; i < 4; i++) {
            int a = coefficients[384 + i], b = coefficients[388 + i];
            int c = coefficients[392 + i], d = coefficients[396 + i];
            t[i] = a + d + b + c;
            t[4 + i] = a - d + (b - c);
            t[8 + i] = a + d - (b + c);
            t[12 + i] = a - d - (b - c);
        }
        for (int i = 0; i < 16; i += 4) {
            int a = t[i], b = t[i + 1], c = t[i + 2], d = t[i + 3];
            coefficients[16 * i] = (short) (a + d + b + c + 3 >> 3);
            coefficients[16 * i + 16] = (short) (a - d + (b - c) + 3 >> 3);
            coefficients[16 * i + 32] = (short) (a + d - (b + c) + 3 >> 3);
            coefficients[16 * i + 48] = (short) (a - d - (b - c) + 3 >> 3);
        }
    }

    /** Prediction of a square of 16 x 16 or 8 x 8 (sections 12.2 and 12.3). */
    private static void predictWhole(Plane plane, int side, int column, int row, int mode) {
        byte[] s = plane.samples;
        int stride = plane.stride, at = plane.at(column * side, row * side), above = at - stride;
        if (mode == B_DC) {
            int sum = 0, edges = (row > 0 ? side : 0) + (column > 0 ? side : 0);
            for (int i = 0; i < side && row > 0; i++) sum += plane.get(above + i);
            for (int i = 0; i < side && column > 0; i++) sum += plane.get(at + i * stride - 1);
            byte mean = (byte) (edges == 0 ? 128 : (sum + edges / 2) / edges);
            for (int y = 0; y < side; y++) Arrays.fill(s, at + y * stride, at + y * stride + side, mean);
            return;
        }
        int corner = plane.get(above - 1);
        for (int y = 0; y < side; y++) {
            int line = at + y * stride, left = plane.get(line - 1);
            if (mode == B_VE) System.arraycopy(s, above, s, line, side);
            else if (mode == B_HE) Arrays.fill(s, line, line + side, (byte) left);
            else for (int x = 0; x < side; x++) s[line + x] = clip(left + plane.get(above + x) - corner);
        }
    }

    /** Prediction of a block of 4 x 4 (section 12.3). */
    private void predictBlock(int at, int block, int column, int row) {
        byte[] s = luma.samples;
        int stride = luma.stride;
        // From the left lower end up, around the corner, along the row above and beyond it.
        int[] e = new int[13];
        for (int i = 0; i < 4; i++) e[i] = luma.get(at + (3 - i) * stride - 1);
        for (int i = 0; i < 5; i++) e[4 + i] = luma.get(at - stride - 1 + i);
        // The last blocks of rows but the first take what is above the macroblock, as the right is not there yet.
        int above = block % 4 < 3 ? at - stride : luma.at(column * SIDE + 12, row * SIDE) - luma.stride;
        boolean beyond = block % 4 == 3 && column == columns - 1;
        for (int i = 0; i < 4; i++) e[9 + i] = !beyond ? luma.get(above + 4 + i) : row == 0 ? 127 : luma.get(above + 3);
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 4; x++) s[at + y * stride + x] = (byte) predicted(modes[block], x, y, e);
    }

    private static int predicted(int mode, int x, int y, int[] e) {
        switch (mode) {
            case B_DC:
                return e[0] + e[1] + e[2] + e[3] + e[5] + e[6] + e[7] + e[8] + 4 >> 3;
            case B_TM:
                return clip(e[3 - y] + e[5 + x] - e[4]) & 255;
            case B_VE:
                return three(e, 5 + x);
            case B_HE:
                return y == 3 ? e[1] + 3 * e[0] + 2 >> 2 : three(e, 3 - y);
            case B_LD:
                return x + y == 6 ? e[11] + 3 * e[12] + 2 >> 2 : three(e, 6 + x + y);
            case B_RD:
                return three(e, 4 + x - y);
            case B_VR: {
                int i = 2 * x - y; // twice the way along the edge
                return i < -1
                        ? three(e, 5 + i)
                        : i == -1 ? three(e, 4) : i % 2 == 0 ? two(e, 4 + i / 2) : three(e, 4 + i / 2 + 1);
            }
            case B_VL: {
                if (x == 3 && y > 1) return three(e, 8 + y); // the two that do not fit the pattern
                int i = x + y / 2;
                return y % 2 == 0 ? two(e, 5 + i) : three(e, 6 + i);
            }
            case B_HD: {
                int i = 2 * y - x;
                return i < -1
                        ? three(e, 3 - i)
                        : i == -1 ? three(e, 4) : i % 2 == 0 ? two(e, 3 - i / 2) : three(e, 3 - i / 2);
            }
            case B_HU: {
                int i = x + 2 * y;
                if (i > 5) return e[0];
                if (i == 5) return e[1] + 3 * e[0] + 2 >> 2;
                return i % 2 == 0 ? two(e, 2 - i / 2) : three(e, 2 - i / 2);
            }
            default:
                throw new IllegalArgumentException("mode " + mode);
        }
    }

    private static int two(int[] e, int i) {
        return e[i] + e[i + 1] + 1 >> 1;
    }

    private static int three(int[] e, int i) {
        return e[i - 1] + 2 * e[i] + e[i + 1] + 2 >> 2;
    }

    /** The inverse cosine transform of a block, added to its prediction (section 14.4). */
    private void addResiduals(Plane plane, int at, int block) {
        short[] k = coefficients;
        int from = 16 * block;
        boolean empty = true;
        for (int i = 0; i < 16 && empty; i++) empty = k[from + i] == 0;
        if (empty) return;
        int[] t = new int[16];
        for (int i = 0; i < 4; i++) {
            int one = k[from + 4 + i], three = k[from + 12 + i];
            int a = k[from + i] + k[from + 8 + i], b = k[from + i] - k[from + 8 + i];
            int c = sine(one) - cosine(three), d = cosine(one) + sine(three);
            t[i] = a + d;
            t[4 + i] = b + c;
            t[8 + i] = b - c;
            t[12 + i] = a - d;
        }
        for (int y = 0; y < 4; y++, at += plane.stride) {
            int one = t[4 * y + 1], three = t[4 * y + 3];
            int a = t[4 * y] + t[4 * y + 2] + 4, b = t[4 * y] - t[4 * y + 2] + 4;
            int c = sine(one) - cosine(three), d = cosine(one) + sine(three);
            add(plane, at, a + d);
            add(plane, at + 1, b + c);
            add(plane, at + 2, b - c);
            add(plane, at + 3, a - d);
        }
    }

    /** Times the square root of 2 times the sine of pi / 8, in 16 bits. */
    private static int sine(int x) {
        return x * 35468 >> 16;
    }

    private static int cosine(int x) {
        return x + (x * 20091 >> 16);
    }

    private static void add(Plane plane, int at, int eighths) {
        plane.samples[at] = clip(plane.get(at) + (eighths >> 3));
    }

    private static byte clip(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }

    /** Smooths edges between blocks (section 15). */
    private void smooth() {
        for (int row = 0; row < rows; row++)
            for (int column = 0; column < columns; column++) {
                int kind = kinds[row * columns + column];
                boolean inBlocks = (kind & IN_BLOCKS) != 0, inner = inBlocks || (kind & WITH_RESIDUALS) != 0;
                int strength = level;
                if (segmented) strength = segmentLevels[kind & 3] + (absolute ? 0 : level);
                if (adjusted) strength += adjustments[0] + (inBlocks ? adjustments[4] : 0);
                strength = Math.max(0, Math.min(63, strength));
                if (strength == 0) continue;
                int inside = strength;
                if (sharpness > 0) inside = Math.min(9 - sharpness, inside >> (sharpness > 4 ? 2 : 1));
                inside = Math.max(1, inside);
                int limit = 2 * strength + inside, variance = strength >= 40 ? 2 : strength >= 15 ? 1 : 0;
                smooth(luma, SIDE, column, row, inner, limit, inside, variance);
                if (simple) continue;
                for (Plane plane : chroma) smooth(plane, 8, column, row, inner, limit, inside, variance);
            }
    }

    private void smooth(
            Plane plane, int side, int column, int row, boolean inner, int limit, int inside, int variance) {
        int at = plane.at(column * side, row * side);
        for (int x = column > 0 ? 0 : 4; x < (inner ? side : 4); x += 4)
            for (int i = 0; i < side; i++)
                smooth(plane, at + x + i * plane.stride, 1, x == 0, limit + (x == 0 ? 4 : 0), inside, variance);
        for (int y = row > 0 ? 0 : 4; y < (inner ? side : 4); y += 4)
            for (int i = 0; i < side; i++)
                smooth(
                        plane,
                        at + y * plane.stride + i,
                        plane.stride,
                        y == 0,
                        limit + (y == 0 ? 4 : 0),
                        inside,
                        variance);
    }

    /**
     * Smooths across an edge, {@code at} the first sample behind it.
     *
     * @param step to the next sample across
     * @param outer whether the edge is a macroblock's
     * @param limit the greatest difference across the edge that is smoothed
     * @param inside the greatest difference on a side of it
     * @param variance the difference at which a side counts as uneven
     */
    private void smooth(Plane plane, int at, int step, boolean outer, int limit, int inside, int variance) {
        int p1 = plane.get(at - 2 * step), p0 = plane.get(at - step), q0 = plane.get(at), q1 = plane.get(at + step);
        if (2 * Math.abs(p0 - q0) + (Math.abs(p1 - q1) >> 1) > limit) return;
        boolean uneven = true;
        int p2 = 0, q2 = 0;
        if (!simple) {
            int p3 = plane.get(at - 4 * step), q3 = plane.get(at + 3 * step);
            p2 = plane.get(at - 3 * step);
            q2 = plane.get(at + 2 * step);
            if (Math.abs(p3 - p2) > inside
                    || Math.abs(p2 - p1) > inside
                    || Math.abs(p1 - p0) > inside
                    || Math.abs(q1 - q0) > inside
                    || Math.abs(q2 - q1) > inside
                    || Math.abs(q3 - q2) > inside) return;
            uneven = Math.abs(p1 - p0) > variance || Math.abs(q1 - q0) > variance;
        }
        byte[] s = plane.samples;
        int a = 3 * (q0 - p0);
        if (uneven || outer) a += signed8(p1 - q1);
        if (outer && !uneven) {
            a = signed8(a);
            int one = 27 * a + 63 >> 7, two = 18 * a + 63 >> 7, three = 9 * a + 63 >> 7;
            s[at - 3 * step] = clip(p2 + three);
            s[at - 2 * step] = clip(p1 + two);
            s[at - step] = clip(p0 + one);
            s[at] = clip(q0 - one);
            s[at + step] = clip(q1 - two);
            s[at + 2 * step] = clip(q2 - three);
            return;
        }
        int one = Math.max(-16, Math.min(15, a + 4 >> 3)), two = Math.max(-16, Math.min(15, a + 3 >> 3));
        s[at - step] = clip(p0 + two);
        s[at] = clip(q0 - one);
        if (uneven) return;
        s[at - 2 * step] = clip(p1 + (one + 1 >> 1));
        s[at + step] = clip(q1 - (one + 1 >> 1));
    }

    private static int signed8(int value) {
        return Math.max(-128, Math.min(127, value));
    }

    private Picture picture() {
        byte[] out = Room.bytes(width, height, 3);
        byte[] u = new byte[width], v = new byte[width];
        for (int y = 0, to = 0; y < height; y++) {
            int last = (height - 1) / 2, near = y / 2;
            int far = Math.max(0, Math.min(last, near + (y % 2 == 0 ? -1 : 1)));
            spread(chroma[0], near, far, u);
            spread(chroma[1], near, far, v);
            int line = luma.at(0, y);
            for (int x = 0; x < width; x++) {
                int bright = 19077 * luma.get(line + x) >> 8, blue = u[x] & 255, red = v[x] & 255;
                out[to++] = clip(bright + (26149 * red >> 8) - 14234 >> 6);
                out[to++] = clip(bright - (6419 * blue >> 8) - (13320 * red >> 8) + 8708 >> 6);
                out[to++] = clip(bright + (33050 * blue >> 8) - 17685 >> 6);
            }
        }
        return new Picture(width, height, 3, out);
    }

    /** A row of chroma in full width: 9 parts of the nearest sample, 3 of each neighbour, 1 of the one across. */
    private void spread(Plane plane, int nearRow, int farRow, byte[] out) {
        int near = plane.at(0, nearRow), far = plane.at(0, farRow);
        out[0] = (byte) (3 * plane.get(near) + plane.get(far) + 2 >> 2);
        for (int x = 1; x <= (width - 1) / 2; x++) {
            int left = plane.get(near + x - 1), right = plane.get(near + x);
            int farLeft = plane.get(far + x - 1), farRight = plane.get(far + x);
            int sum = left + right + farLeft + farRight + 8;
            out[2 * x - 1] = (byte) ((sum + 2 * (right + farLeft) >> 3) + left >> 1);
            out[2 * x] = (byte) ((sum + 2 * (left + farRight) >> 3) + right >> 1);
        }
        if (width % 2 == 0) {
            int end = width / 2 - 1;
            out[width - 1] = (byte) (3 * plane.get(near + end) + plane.get(far + end) + 2 >> 2);
        }
    }
}
