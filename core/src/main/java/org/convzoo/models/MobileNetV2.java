package org.convzoo.models;

import static org.convzoo.models.Blocks.multipleOf;

import java.util.List;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;

/**
 * MobileNetV2, Sandler et al. 2018: inverted residuals, wide inside and narrow where they are added, without a
 * nonlinearity at the narrow ends. torchvision's form.
 */
final class MobileNetV2 {
    private MobileNetV2() {}

    static final List<Architecture> VARIANTS = List.of(new Family("MobileNet", 2018, "1801.04381")
            .option("width", "a factor for the channels of every layer, 1 if absent")
            .variant("mobilenet_v2", MobileNetV2::mobilenet));

    /** A row of table 2: expansion t, channels c, repeats n, stride s. */
    private record Stage(int expand, int out, int repeats, int stride) {}

    private static final List<Stage> STAGES = List.of(
            new Stage(1, 16, 1, 1),
            new Stage(6, 24, 2, 2),
            new Stage(6, 32, 3, 2),
            new Stage(6, 64, 4, 2),
            new Stage(6, 96, 3, 1),
            new Stage(6, 160, 3, 2),
            new Stage(6, 320, 1, 1));

    private static Value mobilenet(Value image, int classes, Options options) {
        double width = options.number("width", 1);
        int first = multipleOf(8, 32 * width), last = multipleOf(8, 1280 * Math.max(1, width));
        Defaults start = Defaults.PYTORCH.conv(Rule.KAIMING_FAN_OUT, Rule.ZERO).linear(Rule.normal(0.01), Rule.ZERO);
        Value features = image.with(start).in("features", x -> {
            x = x.in(c -> c.conv(first, 3, 2).bn().relu6());
            for (Stage s : STAGES) {
                int out = multipleOf(8, s.out * width);
                for (int i = 0; i < s.repeats; i++) x = x.in(unit(s.expand, out, i == 0 ? s.stride : 1));
            }
            return x.in(c -> c.conv(last, 1).bn().relu6());
        });
        Value pooled = features.avgPoolTo(1).flatten();
        return pooled.in("classifier", x -> x.dropout(0.2).linear(classes));
    }

    /** Figure 4d. */
    private static Layer unit(int expand, int out, int stride) {
        return x -> {
            int inner = expand * x.channels();
            Value y = x.in("conv", c -> {
                if (expand > 1) c = c.in(e -> e.conv(inner, 1).bn().relu6());
                c = c.in(d -> d.depthwise(3, stride).bn().relu6());
                return c.conv(out, 1).bn();
            });
            return stride == 1 && x.channels() == out ? y.add(x) : y;
        };
    }
}
