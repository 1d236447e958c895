package org.convzoo.models;

import static org.convzoo.graph.Value.concat;
import static org.convzoo.graph.Window.k;
import static org.convzoo.models.Blocks.units;

import java.util.List;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Filters;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;

/**
 * ShuffleNet, Zhang et al. 2017: grouped 1x1 convolutions, and a shuffle of the channels so that groups hear of each
 * other. pytorchcv's form. The paper's scale factor (table 2) is the option {@code width}.
 */
final class ShuffleNetV1 {
    private ShuffleNetV1() {}

    private static final Family FAMILY = new Family("ShuffleNet", 2017, "1707.01083")
            .option("width", "a factor for the channels of every layer, 1 if absent");
    private static final int[] REPEATS = {4, 8, 4};

    /** Table 1: groups, and channels of stage 2; each later stage has twice as many. */
    static final List<Architecture> VARIANTS = List.of(
            variant("shufflenet_v1_g1", 1, 144),
            variant("shufflenet_v1_g2", 2, 200),
            variant("shufflenet_v1_g3", 3, 240),
            variant("shufflenet_v1_g4", 4, 272),
            variant("shufflenet_v1_g8", 8, 384));

    private static Architecture variant(String name, int groups, int channels) {
        return FAMILY.variant(
                name,
                (image, classes, options) -> shufflenet(image, classes, groups, channels, options.number("width", 1)));
    }

    private static Value shufflenet(Value image, int classes, int groups, int channels, double width) {
        Defaults start = Defaults.PYTORCH.conv(Rule.KAIMING_UNIFORM_FAN_IN, Rule.ZERO);
        Layer stem = Blocks.convBnRelu((int) (24 * width), 3, 2);
        Value features = image.with(start).in("features", x -> {
            x = x.in("init_block", s -> stem.apply(s).maxPool(3, 2));
            for (int i = 0; i < REPEATS.length; i++) {
                int out = (int) ((channels << i) * width), narrow = out / 4, added = out - x.channels();
                if (out % groups + narrow % groups + added % groups != 0)
                    throw new IllegalArgumentException("option width=" + width + ": " + out + ", " + narrow + " or "
                            + added + " channels do not split into " + groups + " groups; they do at whole widths");
                x = x.in("stage" + (i + 1), stage(REPEATS[i], out, i == 0 ? 1 : groups, groups));
            }
            return x;
        });
        return features.avgPoolTo(1).flatten().linear("output", classes);
    }

    /** Table 1: the first unit strides. The network's first 1x1 is not grouped, since its input is narrow. */
    private static Layer stage(int repeats, int out, int firstGroups, int groups) {
        return units(
                repeats, (x, i) -> i == 0 ? unit(x, out, 2, firstGroups, groups) : unit(x, out, 1, groups, groups));
    }

    /** Figure 2b, and with stride 2 figure 2c. */
    private static Value unit(Value x, int out, int stride, int firstGroups, int groups) {
        int added = stride == 1 ? out : out - x.channels();
        Filters compress = k(1).groups(firstGroups), expand = k(1).groups(groups);
        Value y = x.conv("compress_conv1", out / 4, compress).bn("compress_bn1").relu();
        if (groups > 1) y = y.shuffle(groups);
        y = y.depthwise("dw_conv2", 3, stride).bn("dw_bn2");
        y = y.conv("expand_conv3", added, expand).bn("expand_bn3");
        return (stride == 1 ? y.add(x) : concat(y, x.avgPool(k(3).stride(2)))).relu();
    }
}
