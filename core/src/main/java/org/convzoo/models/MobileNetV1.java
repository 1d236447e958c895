package org.convzoo.models;

import java.util.List;
import java.util.Map;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;

/**
 * MobileNet, Howard et al. 2017: depthwise and pointwise convolutions in turn. timm's form, with ReLU6. The paper's
 * width multiplier is an option, its resolution multiplier the size of the image.
 */
final class MobileNetV1 {
    private MobileNetV1() {}

    static final List<Architecture> VARIANTS = List.of(new Architecture(
            "mobilenet_v1",
            "MobileNet",
            2017,
            "1704.04861",
            Task.imagenet(224),
            Map.of("width", "a factor for the channels of every layer, 1 if absent"),
            (classes, options) -> mobilenet(classes, options.number("width", 1))));

    /** Table 1: convolutions of one width, the first of which strides. */
    private record Stage(int stride, int out, int repeats) {}

    private static final List<Stage> STAGES = List.of(
            new Stage(1, 64, 1),
            new Stage(2, 128, 2),
            new Stage(2, 256, 2),
            new Stage(2, 512, 6),
            new Stage(2, 1024, 2));

    // spotless:off
    private static Layer mobilenet(int classes, double width) {
        return image -> image
                .with(Defaults.PYTORCH.conv(Rule.KAIMING_FAN_OUT_OF_GROUP, Rule.ZERO)
                        .linear(Rule.UNIFORM_FAN_OUT, Rule.ZERO))
                .conv("conv_stem", Blocks.multipleOf(8, 32 * width), 3, 2).bn("bn1").relu6()
                .in("blocks", x -> {
                    for (Stage s : STAGES) {
                        int out = Blocks.multipleOf(8, s.out * width);
                        x = x.repeat(s.repeats, (y, i) -> y
                                .depthwise("conv_dw", 3, i == 0 ? s.stride : 1).bn("bn1").relu6()
                                .conv("conv_pw", out, 1).bn("bn2").relu6());
                    }
                    return x;
                })
                .avgPoolTo(1).flatten().linear("classifier", classes);
    }
    // spotless:on
}
