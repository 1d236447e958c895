package org.convzoo.models;

import static org.convzoo.graph.Window.k;
import static org.convzoo.models.Blocks.DOWN;

import java.util.List;
import java.util.Map;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;

/**
 * Xception, Chollet 2016: Inception taken to the extreme, depthwise and pointwise convolutions in residual units. timm's
 * form, whose strided convolutions are not padded; dropout is the paper's (section 4.3).
 */
final class Xception {
    private Xception() {}

    static final List<Architecture> VARIANTS = List.of(new Architecture(
            "xception",
            "Inception",
            2016,
            "1610.02357",
            Task.imagenet(299),
            Map.of(),
            (classes, options) -> xception(classes)));

    // spotless:off
    /** Figure 5: entry flow, middle flow (eight times the same), exit flow. */
    private static Layer xception(int classes) {
        return image -> {
            Value x = image.with(Defaults.PYTORCH.conv(Rule.KAIMING_FAN_OUT, Rule.ZERO))
                    .conv("conv1", 32, DOWN).bn("bn1").relu()
                    .conv("conv2", 64, k(3).pad(0)).bn("bn2").relu()
                    .in("block1", y -> down(y, false, 128, 128))
                    .in("block2", y -> down(y, true, 256, 256))
                    .in("block3", y -> down(y, true, 728, 728));
            for (int i = 4; i <= 11; i++)
                x = x.in("block" + i, y -> y.in("rep", r -> r
                        .relu().in(separable(728)).bn()
                        .relu().in(separable(728)).bn()
                        .relu().in(separable(728)).bn()).add(y));
            return x.in("block12", y -> down(y, true, 728, 1024))
                    .in("conv3", separable(1536)).bn("bn3").relu()
                    .in("conv4", separable(2048)).bn("bn4").relu()
                    .avgPoolTo(1).flatten().dropout(0.5).linear("fc", classes);
        };
    }

    private static Value down(Value x, boolean relu, int inner, int out) {
        Value skip = x.conv("skip", out, 1, 2).bn("skipbn");
        return x.in("rep", r -> (relu ? r.relu() : r).in(separable(inner)).bn()
                .relu().in(separable(out)).bn()
                .maxPool(3, 2)).add(skip);
    }

    private static Layer separable(int out) {
        return x -> x.conv("conv1", x.channels(), k(3).groups(x.channels())).conv("pointwise", out, 1);
    }
    // spotless:on
}
