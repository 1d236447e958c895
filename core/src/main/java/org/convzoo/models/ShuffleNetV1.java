package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import java.util.Map;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;

/**
 * ShuffleNet, Zhang et al. 2017: grouped 1x1 convolutions, and a shuffle of the channels so that groups hear of each
 * other. pytorchcv's form. The paper's scale factor (table 2) is the option {@code width}.
 */
final class ShuffleNetV1 {
    private ShuffleNetV1() {}

    private static final int[] REPEATS = {4, 8, 4};

    /** Table 1: groups, and channels of stage 2; each later stage has twice as many. */
    static final List<Architecture> VARIANTS = List.of(
            variant("shufflenet_v1_g1", 1, 144),
            variant("shufflenet_v1_g2", 2, 200),
            variant("shufflenet_v1_g3", 3, 240),
            variant("shufflenet_v1_g4", 4, 272),
            variant("shufflenet_v1_g8", 8, 384));

    private static Architecture variant(String name, int groups, int channels) {
        return new Architecture(
                name,
                "ShuffleNet",
                2017,
                "1707.01083",
                Task.imagenet(224),
                Map.of("width", "a factor for the channels of every layer, 1 if absent"),
                (classes, options) -> shufflenet(groups, channels, classes, options.number("width", 1)));
    }

    // spotless:off
    private static Layer shufflenet(int groups, int channels, int classes, double width) {
        return image -> image.with(Defaults.PYTORCH.conv(Rule.KAIMING_UNIFORM_FAN_IN, Rule.ZERO))
                .in("features", x -> {
                    x = x.in("init_block", s -> s.conv("conv", (int) (24 * width), 3, 2).bn("bn").relu().maxPool(3, 2));
                    for (int i = 0; i < REPEATS.length; i++) {
                        int out = (int) ((channels << i) * width), narrow = out / 4, added = out - x.channels();
                        if (out % groups + narrow % groups + added % groups != 0)
                            throw new IllegalArgumentException("option width=" + width + ": " + out + ", " + narrow
                                    + " or " + added + " channels do not split into " + groups
                                    + " groups; they do at whole widths");
                        boolean first = i == 0;
                        x = x.in("stage" + (i + 1), Blocks.units(REPEATS[i], (y, j) ->
                                unit(y, out, j == 0 ? 2 : 1, first && j == 0 ? 1 : groups, groups)));
                    }
                    return x;
                })
                .avgPoolTo(1).flatten().linear("output", classes);
    }

    /** Figure 2b, and with stride 2 figure 2c; the network's first 1x1 is not grouped, since its input is narrow. */
    private static Value unit(Value x, int out, int stride, int firstGroups, int groups) {
        Value y = x.conv("compress_conv1", out / 4, k(1).groups(firstGroups)).bn("compress_bn1").relu();
        y = (groups == 1 ? y : y.shuffle(groups))
                .depthwise("dw_conv2", 3, stride).bn("dw_bn2")
                .conv("expand_conv3", stride == 1 ? out : out - x.channels(), k(1).groups(groups)).bn("expand_bn3");
        return (stride == 1 ? y.add(x) : Value.concat(y, x.avgPool(k(3).stride(2)))).relu();
    }
    // spotless:on
}
