package org.convzoo.models;

import static org.convzoo.graph.Op.Activation.HARDSIGMOID;
import static org.convzoo.graph.Op.Activation.HARDSWISH;
import static org.convzoo.graph.Op.Activation.RELU;
import static org.convzoo.models.Blocks.multipleOf;

import java.util.List;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Op.Activation;
import org.convzoo.graph.Value;

/**
 * MobileNetV3, Howard et al. 2019: inverted residuals with squeeze-and-excitation and h-swish, found by search. Option
 * {@code width} is the factor of section 6.1. torchvision's form.
 */
final class MobileNetV3 {
    private MobileNetV3() {}

    /** A row of table 1 or 2: kernel, inner channels, output channels, squeeze-and-excitation, nonlinearity, stride. */
    private record Row(int kernel, int inner, int out, boolean se, Activation act, int stride) {}

    private static final List<Row> LARGE = List.of(
            new Row(3, 16, 16, false, RELU, 1),
            new Row(3, 64, 24, false, RELU, 2),
            new Row(3, 72, 24, false, RELU, 1),
            new Row(5, 72, 40, true, RELU, 2),
            new Row(5, 120, 40, true, RELU, 1),
            new Row(5, 120, 40, true, RELU, 1),
            new Row(3, 240, 80, false, HARDSWISH, 2),
            new Row(3, 200, 80, false, HARDSWISH, 1),
            new Row(3, 184, 80, false, HARDSWISH, 1),
            new Row(3, 184, 80, false, HARDSWISH, 1),
            new Row(3, 480, 112, true, HARDSWISH, 1),
            new Row(3, 672, 112, true, HARDSWISH, 1),
            new Row(5, 672, 160, true, HARDSWISH, 2),
            new Row(5, 960, 160, true, HARDSWISH, 1),
            new Row(5, 960, 160, true, HARDSWISH, 1));

    private static final List<Row> SMALL = List.of(
            new Row(3, 16, 16, true, RELU, 2),
            new Row(3, 72, 24, false, RELU, 2),
            new Row(3, 88, 24, false, RELU, 1),
            new Row(5, 96, 40, true, HARDSWISH, 2),
            new Row(5, 240, 40, true, HARDSWISH, 1),
            new Row(5, 240, 40, true, HARDSWISH, 1),
            new Row(5, 120, 48, true, HARDSWISH, 1),
            new Row(5, 144, 48, true, HARDSWISH, 1),
            new Row(5, 288, 96, true, HARDSWISH, 2),
            new Row(5, 576, 96, true, HARDSWISH, 1),
            new Row(5, 576, 96, true, HARDSWISH, 1));

    private static final Family FAMILY = new Family("MobileNet", 2019, "1905.02244")
            .option("width", "a factor for the channels of every layer, 1 if absent");

    static final List<Architecture> VARIANTS =
            List.of(variant("mobilenet_v3_large", LARGE, 1280), variant("mobilenet_v3_small", SMALL, 1024));

    private static Architecture variant(String name, List<Row> rows, int hidden) {
        return FAMILY.variant(
                name, (image, classes, options) -> mobilenet(image, classes, rows, hidden, options.number("width", 1)));
    }

    private static Value mobilenet(Value image, int classes, List<Row> rows, int hidden, double width) {
        Defaults start = Defaults.PYTORCH
                .norm(1e-3, 0.01)
                .conv(Rule.KAIMING_FAN_OUT, Rule.ZERO)
                .linear(Rule.normal(0.01), Rule.ZERO);
        Value features = image.with(start).in("features", x -> {
            x = x.in(c -> c.conv(multipleOf(8, 16 * width), 3, 2).bn().hardSwish());
            for (Row r : rows) x = x.in(unit(r, multipleOf(8, r.inner * width), multipleOf(8, r.out * width)));
            int last = 6 * x.channels();
            return x.in(c -> c.conv(last, 1).bn().hardSwish());
        });
        return features.avgPoolTo(1).flatten().in("classifier", x -> {
            x = x.linear(multipleOf(8, hidden * width)).hardSwish().dropout(0.2);
            return x.linear(classes);
        });
    }

    /** Figure 4. */
    private static Layer unit(Row r, int inner, int out) {
        return x -> {
            Value y = x.in("block", b -> {
                if (inner != b.channels()) b = b.in(e -> e.conv(inner, 1).bn().act(r.act));
                b = b.in(d -> d.depthwise(r.kernel, r.stride).bn().act(r.act));
                if (r.se) b = b.in(Blocks.squeezeExcite(multipleOf(8, inner / 4), RELU, HARDSIGMOID));
                return b.in(p -> p.conv(out, 1).bn());
            });
            return r.stride == 1 && x.channels() == out ? y.add(x) : y;
        };
    }
}
