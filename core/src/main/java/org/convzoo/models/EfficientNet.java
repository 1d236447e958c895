package org.convzoo.models;

import static org.convzoo.models.Blocks.multipleOf;

import java.util.List;
import java.util.Map;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Op.Activation;
import org.convzoo.graph.Value;

/**
 * EfficientNet, Tan, Le 2019: one small network found by search, scaled in width, depth and resolution together.
 * torchvision's form, whose published weights want the batch-norm epsilon and momentum of the table and symmetric
 * padding.
 */
final class EfficientNet {
    private EfficientNet() {}

    /** One row of table 1: expansion, kernel, stride, output channels, repeats. */
    record Stage(int expand, int kernel, int stride, int out, int repeats) {
        int repeats(double depth) {
            return (int) Math.ceil(repeats * depth);
        }
    }

    static final List<Stage> B0 = List.of(
            new Stage(1, 3, 1, 16, 1),
            new Stage(6, 3, 2, 24, 2),
            new Stage(6, 5, 2, 40, 2),
            new Stage(6, 3, 2, 80, 3),
            new Stage(6, 5, 1, 112, 3),
            new Stage(6, 5, 2, 192, 4),
            new Stage(6, 3, 1, 320, 1));

    private static final Defaults TO_B4 =
            Defaults.PYTORCH.conv(Rule.KAIMING_FAN_OUT, Rule.ZERO).linear(Rule.UNIFORM_FAN_OUT, Rule.ZERO);
    private static final Defaults FROM_B5 = TO_B4.norm(1e-3, 0.01);

    /** Width and depth factors, image size, dropout. */
    static final List<Architecture> VARIANTS = List.of(
            variant("efficientnet_b0", 1.0, 1.0, 224, 0.2, TO_B4),
            variant("efficientnet_b1", 1.0, 1.1, 240, 0.2, TO_B4),
            variant("efficientnet_b2", 1.1, 1.2, 288, 0.3, TO_B4),
            variant("efficientnet_b3", 1.2, 1.4, 300, 0.3, TO_B4),
            variant("efficientnet_b4", 1.4, 1.8, 380, 0.4, TO_B4),
            variant("efficientnet_b5", 1.6, 2.2, 456, 0.4, FROM_B5),
            variant("efficientnet_b6", 1.8, 2.6, 528, 0.5, FROM_B5),
            variant("efficientnet_b7", 2.0, 3.1, 600, 0.5, FROM_B5));

    private static Architecture variant(
            String name, double width, double depth, int size, double dropout, Defaults defaults) {
        return new Architecture(
                name,
                "EfficientNet",
                2019,
                "1905.11946",
                Task.imagenet(size),
                Map.of(),
                (classes, options) -> efficientnet(classes, width, depth, dropout, defaults));
    }

    private static Layer efficientnet(int classes, double width, double depth, double dropout, Defaults defaults) {
        int total = B0.stream().mapToInt(s -> s.repeats(depth)).sum();
        return image -> image.with(defaults)
                .in("features", x -> {
                    x = x.in(h -> h.conv(multipleOf(8, 32 * width), 3, 2).bn().silu());
                    int done = 0;
                    for (Stage s : B0) {
                        int before = done, out = multipleOf(8, s.out * width);
                        x = x.repeat(
                                s.repeats(depth),
                                (y, i) -> mbconv(y, s, out, i == 0 ? s.stride : 1, 0.2 * (before + i) / total));
                        done += s.repeats(depth);
                    }
                    int last = 4 * x.channels();
                    return x.in(h -> h.conv(last, 1).bn().silu());
                })
                .avgPoolTo(1)
                .flatten()
                .in("classifier", x -> x.dropout(dropout).linear(classes));
    }

    // spotless:off
    /** Expand, depthwise, squeeze-and-excite, project; a residual, dropped at random, where the shape is kept. */
    private static Value mbconv(Value x, Stage s, int out, int stride, double dropPath) {
        int in = x.channels(), inner = in * s.expand;
        Layer gate = Blocks.squeezeExcite(Math.max(1, in / 4), Activation.SILU, Activation.SIGMOID);
        Value y = x.in("block", b -> (s.expand == 1 ? b : b.in(e -> e.conv(inner, 1).bn().silu()))
                .in(d -> d.depthwise(s.kernel, stride).bn().silu())
                .in(gate)
                .in(p -> p.conv(out, 1).bn()));
        return stride == 1 && in == out ? y.dropPath(dropPath).add(x) : y;
    }
    // spotless:on
}
