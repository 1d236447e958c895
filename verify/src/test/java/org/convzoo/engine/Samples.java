package org.convzoo.engine;

import static org.convzoo.graph.Value.concat;
import static org.convzoo.graph.Window.k;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.convzoo.graph.Filters;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Init;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Value;
import org.convzoo.graph.Window;
import org.convzoo.verify.ValueRule;
import org.convzoo.weights.Weights;

/** Small graphs to try engines on: every op at once, none that randomness or batches touch, and random ones. */
final class Samples {
    private Samples() {}

    /** Every op of the vocabulary, with an auxiliary head. */
    static Graph everything() {
        return Graph.of("everything", new Shape(3, 21, 18), x -> {
            Value stem = x.conv("stem", 16, k(5, 3).stride(2, 1).withBias())
                    .localResponseNorm(4, 0.5, 0.75, 1)
                    .act(Op.Activation.TANH)
                    .maxPool(k(3).stride(2).pad(0).ceilMode());
            Value left = stem.slice(0, 8)
                    .conv("left", 16, k(3).dilation(2, 2).pad(2).groups(8))
                    .bn("left_bn")
                    .relu6();
            Value right = stem.slice(8, 16).conv("right", 16, 1).bn("right_bn").silu();
            Value both = concat(left, right);
            Value chosen = both.scale(both.avgPoolTo(1)
                    .conv("squeeze", 4, k(1).withBias())
                    .relu()
                    .conv("expand", 32, k(1).withBias())
                    .softmax(2));
            Value sum = chosen.slice(0, 16).add(chosen.slice(16, 32));
            Value gated =
                    sum.scale(sum.avgPoolTo(1).conv("gate", 16, k(1).withBias()).act(Op.Activation.HARDSIGMOID));
            Value unit = gated.conv("unit", 16, 3)
                    .bn("unit_bn")
                    .dropPath(0.25)
                    .multiply(0.5)
                    .add(gated)
                    .relu()
                    .shuffle(4);
            Value side = unit.aux(
                    "side", 0.3, a -> a.avgPool(k(2).stride(2)).flatten().linear("fc", 5));
            return concat(side.avgPoolInside(k(3).stride(2)), side.maxPool(3, 2))
                    .padChannels(40)
                    .conv("head", 24, k(3).withBias())
                    .act(Op.Activation.HARDSWISH)
                    .avgPoolTo(2)
                    .flatten()
                    .dropout(0.5)
                    .linear("hidden", 12)
                    .sigmoid()
                    .linear("classes", 5);
        });
    }

    /** Nothing that looks at other images of the batch, and nothing random. */
    static Graph plain() {
        return Graph.of("plain", new Shape(2, 12, 10), x -> x.conv("conv", 9, k(3).withBias())
                .relu()
                .maxPool(2, 2)
                .conv("depthwise", 9, k(3).groups(9).withBias())
                .act(Op.Activation.TANH)
                .avgPoolTo(1)
                .flatten()
                .linear("classes", 5));
    }

    static Weights weights(Graph graph) {
        return ValueRule.state(graph, 1);
    }

    /** Images {@code from} to {@code from + count} of an endless supply. */
    static FloatBuffer images(Graph graph, int from, int count) {
        int each = Math.toIntExact(graph.input().shape().elements());
        return ValueRule.images(graph.input().shape(), from + count).slice(from * each, count * each);
    }

    static Batch batch(Graph graph, int from, int count) {
        int[] labels = new int[count];
        for (int n = 0; n < count; n++) labels[n] = (from + n) * 3 % graph.classes();
        return new Batch(count, images(graph, from, count), Targets.rows(labels, graph.classes(), 0.1, new float[0]));
    }

    /** One op of a random kind, size and setting, on a slice or two of the input where it takes more than one. */
    static Graph operator(long seed) {
        var random = new SplittableRandom(seed);
        int kind = random.nextInt(15);
        int channels = random.nextInt(1, 20), parts = kind == 12 ? random.nextInt(2, 5) : kind > 12 ? 2 : 1;
        boolean vector = kind == 3 || kind < 9 && kind > 5 && random.nextInt(4) == 0;
        int height = random.nextInt(1, 15), width = random.nextInt(1, 15);
        Shape shape = vector ? new Shape(channels * parts) : new Shape(channels * parts, height, width);
        return Graph.of("operator " + seed, shape, x -> {
            List<Value> part = new ArrayList<>();
            for (int i = 0; i < parts; i++) part.add(parts == 1 ? x : x.slice(i * channels, (i + 1) * channels));
            Value first = part.get(0);
            return switch (kind) {
                case 0, 1 -> first.op("op", convolution(random, first.shape()));
                case 2 -> first.op("op", depthwise(random, first.shape()));
                case 3 -> first.op("op", new Op.Linear(random.nextInt(1, 40), random.nextBoolean(), ZERO, ZERO));
                case 4 -> first.op("op", new Op.MaxPool(pooling(random, first.shape())));
                case 5 -> first.op("op", new Op.AvgPool(pooling(random, first.shape()), random.nextBoolean()));
                case 6 -> first.op("op", new Op.BatchNorm(random.nextBoolean() ? 1e-5 : 1e-3, 0.1, Init.Rule.ONE));
                case 7 -> first.op("op", Op.Activation.values()[random.nextInt(Op.Activation.values().length)]);
                case 8 -> first.op("op", new Op.Softmax(divisor(random, channels)));
                case 9 -> first.op("op", new Op.AdaptiveAvgPool(random.nextInt(1, 9), random.nextInt(1, 9)));
                case 10 -> first.op("op", norm(random));
                case 11 -> first.op("op", new Op.Shuffle(divisor(random, channels)));
                case 12 -> concat(part.toArray(Value[]::new));
                case 13 -> first.add(part.get(1));
                default -> first.scale(part.get(1).avgPoolTo(1));
            };
        });
    }

    private static final Init.Rule ZERO = Init.Rule.ZERO;

    private static Op convolution(SplittableRandom random, Shape in) {
        int groups = divisor(random, in.channels());
        return new Op.Conv(groups * random.nextInt(1, 9), filters(random, in, 6).groups(groups), ZERO, ZERO);
    }

    private static Op depthwise(SplittableRandom random, Shape in) {
        int multiplier = random.nextInt(1, 4);
        return new Op.Conv(multiplier * in.channels(), filters(random, in, 8).groups(in.channels()), ZERO, ZERO);
    }

    private static Op norm(SplittableRandom random) {
        double[] betas = {0.5, 0.75, 1}, alphas = {1e-4, 0.1, 1};
        return new Op.LocalResponseNorm(
                random.nextInt(1, 8), alphas[random.nextInt(3)], betas[random.nextInt(3)], random.nextInt(1, 3));
    }

    private static Filters filters(SplittableRandom random, Shape in, int largest) {
        for (; ; ) {
            int kh = random.nextInt(1, largest), kw = random.nextInt(1, largest);
            Window w = k(kh, kw)
                    .stride(random.nextInt(1, 4), random.nextInt(1, 4))
                    .pad(random.nextInt(kh), random.nextInt(kw))
                    .dilation(random.nextInt(1, 3), random.nextInt(1, 3));
            if (fits(in.height(), kh, w.ph(), w.dh()) && fits(in.width(), kw, w.pw(), w.dw()))
                return random.nextBoolean() ? w.withBias() : new Filters(w);
        }
    }

    private static Window pooling(SplittableRandom random, Shape in) {
        for (; ; ) {
            int kh = random.nextInt(1, 5), kw = random.nextInt(1, 5);
            Window w = k(kh, kw)
                    .stride(random.nextInt(1, 4), random.nextInt(1, 4))
                    .pad(random.nextInt(kh / 2 + 1), random.nextInt(kw / 2 + 1));
            boolean ceil = random.nextBoolean();
            int beyondH = ceil ? w.sh() - 1 : 0, beyondW = ceil ? w.sw() - 1 : 0;
            if (fits(in.height() + beyondH, kh, w.ph(), 1) && fits(in.width() + beyondW, kw, w.pw(), 1))
                return ceil ? w.ceilMode() : w;
        }
    }

    private static boolean fits(int n, int k, int pad, int dilation) {
        return n + 2 * pad >= dilation * (k - 1) + 1;
    }

    private static int divisor(SplittableRandom random, int n) {
        for (; ; ) {
            int d = random.nextInt(1, n + 1);
            if (n % d == 0) return d;
        }
    }

    /** A random network of a dozen layers in which values branch, join and are read more than once. */
    static Graph network(long seed) {
        var random = new SplittableRandom(seed);
        Shape input = new Shape(random.nextInt(1, 5), random.nextInt(9, 20), random.nextInt(9, 20));
        return Graph.of("network " + seed, input, x -> {
            List<Value> values = new ArrayList<>(List.of(x));
            for (int i = 0; i < 12; i++) {
                Value last = values.get(values.size() - 1), other = values.get(random.nextInt(values.size()));
                values.add(layer(random, "layer" + i, random.nextInt(4) == 0 ? other : last, values));
            }
            return values.get(values.size() - 1)
                    .avgPoolTo(random.nextInt(1, 3))
                    .flatten()
                    .linear("classes", 7);
        });
    }

    private static Value layer(SplittableRandom random, String name, Value x, List<Value> values) {
        Shape s = x.shape();
        int c = s.channels(), out = random.nextInt(1, 5) * 4;
        return switch (random.nextInt(12)) {
            case 0, 1 -> x.conv(name, out, k(3).stride(random.nextInt(1, 3)).withBias());
            case 2 -> x.conv(name, out, 1).bn(name + "_bn").relu();
            case 3 -> x.conv(name, c, k(3).groups(c)).bn(name + "_bn").relu6();
            case 4 -> x.op(name, Op.Activation.values()[random.nextInt(Op.Activation.values().length)]);
            case 5 -> x.maxPool(k(3).stride(random.nextInt(1, 3)));
            case 6 -> x.avgPool(k(3));
            case 7, 8 -> {
                Value same = values.stream()
                        .filter(v -> v.shape().equals(s))
                        .reduce(x, (a, b) -> random.nextBoolean() ? a : b);
                yield x.conv(name, c, 3).bn(name + "_bn").add(same).relu();
            }
            case 9 -> {
                Value beside = values.stream()
                        .filter(v -> v.shape().withChannels(1).equals(s.withChannels(1)))
                        .reduce(x, (a, b) -> random.nextBoolean() ? a : b);
                yield concat(x.slice(0, Math.min(c, 12)), beside.slice(beside.channels() / 2, beside.channels()));
            }
            case 10 -> x.scale(x.avgPoolTo(1).conv(name, c, k(1).withBias()).sigmoid());
            default -> x.padChannels((c + 3) / 4 * 4).shuffle(2);
        };
    }
}
