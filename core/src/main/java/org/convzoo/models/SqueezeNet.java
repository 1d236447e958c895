package org.convzoo.models;

import static org.convzoo.graph.Value.concat;
import static org.convzoo.graph.Window.k;

import java.util.List;
import java.util.Set;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;
import org.convzoo.graph.Window;

/**
 * SqueezeNet, Iandola et al. 2016: fire modules squeeze the channels by 1x1 and expand them by 1x1 and 3x3 side by side.
 * torchvision's form; 1.1 is the authors' later, cheaper one, which pools earlier.
 */
final class SqueezeNet {
    private SqueezeNet() {}

    private static final Family FAMILY = new Family("SqueezeNet", 2016, "1602.07360");

    /** First convolution, and before which fire modules (2 to 9 in the paper's table 1) the image is halved. */
    static final List<Architecture> VARIANTS = List.of(
            variant("squeezenet1_0", 96, k(7).stride(2).pad(0), Set.of(2, 5, 9)),
            variant("squeezenet1_1", 64, k(3).stride(2).pad(0), Set.of(2, 4, 6)));

    private static Architecture variant(String name, int first, Window window, Set<Integer> pooled) {
        return FAMILY.variant(name, (image, classes) -> squeezenet(image, classes, first, window, pooled));
    }

    private static Value squeezenet(Value image, int classes, int first, Window window, Set<Integer> pooled) {
        Defaults start = Defaults.PYTORCH.conv(Rule.KAIMING_UNIFORM_FAN_IN, Rule.ZERO);
        Value features = image.with(start).in("features", x -> {
            x = x.conv(first, window.withBias()).relu();
            for (int i = 2; i <= 9; i++) {
                if (pooled.contains(i)) x = x.maxPool(Blocks.DOWN.ceilMode());
                int width = i / 2; // 1, 1, 2, 2, 3, 3, 4, 4
                x = x.in(fire(16 * width, 64 * width));
            }
            return x;
        });
        return features.with(start.conv(Rule.normal(0.01), Rule.ZERO))
                .in("classifier", x -> {
                    x = x.dropout(0.5).conv(classes, k(1).withBias()).relu();
                    return x.avgPoolTo(1);
                })
                .flatten();
    }

    /** Figure 1. */
    private static Layer fire(int squeeze, int expand) {
        return x -> {
            Value y = x.conv("squeeze", squeeze, k(1).withBias()).relu();
            return concat(
                    y.conv("expand1x1", expand, k(1).withBias()).relu(),
                    y.conv("expand3x3", expand, k(3).withBias()).relu());
        };
    }
}
