package org.convzoo.models;

import static org.convzoo.graph.Window.k;
import static org.convzoo.models.Blocks.DOWN;

import java.util.List;
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

    static final List<Architecture> VARIANTS = List.of(new Family("Inception", 2016, "1610.02357")
            .usual(Task.imagenet(299))
            .variant("xception", Xception::xception));

    /** Figure 5: entry flow, middle flow (eight times the same), exit flow. */
    private static Value xception(Value image, int classes) {
        Value x = image.with(Defaults.PYTORCH.conv(Rule.KAIMING_FAN_OUT, Rule.ZERO));
        x = x.conv("conv1", 32, DOWN).bn("bn1").relu();
        x = x.conv("conv2", 64, k(3).pad(0)).bn("bn2").relu();
        x = x.in("block1", y -> down(y, false, 128, 128));
        x = x.in("block2", y -> down(y, true, 256, 256));
        x = x.in("block3", y -> down(y, true, 728, 728));
        for (int i = 4; i <= 11; i++) x = x.in("block" + i, Xception::middle);
        x = x.in("block12", y -> down(y, true, 728, 1024));
        x = x.in("conv3", separable(1536)).bn("bn3").relu();
        x = x.in("conv4", separable(2048)).bn("bn4").relu();
        return x.avgPoolTo(1).flatten().dropout(0.5).linear("fc", classes);
    }

    private static Value middle(Value x) {
        Value y = x.in("rep", r -> {
            for (int i = 0; i < 3; i++) r = r.relu().in(separable(728)).bn();
            return r;
        });
        return y.add(x);
    }

    private static Value down(Value x, boolean relu, int inner, int out) {
        Value skip = x.conv("skip", out, 1, 2).bn("skipbn");
        Value y = x.in("rep", r -> {
            r = (relu ? r.relu() : r).in(separable(inner)).bn();
            r = r.relu().in(separable(out)).bn();
            return r.maxPool(3, 2);
        });
        return y.add(skip);
    }

    private static Layer separable(int out) {
        return x -> x.depthwise("conv1", 3, 1).conv("pointwise", out, 1);
    }
}
