package org.convzoo.models;

import static org.convzoo.models.Blocks.multipleOf;

import java.util.List;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Value;

/**
 * MobileNet, Howard et al. 2017: depthwise and pointwise convolutions in turn. timm's form, with ReLU6. The paper's
 * width multiplier is an option, its resolution multiplier the size of the image.
 */
final class MobileNetV1 {
    private MobileNetV1() {}

    static final List<Architecture> VARIANTS = List.of(new Family("MobileNet", 2017, "1704.04861")
            .option("width", "a factor for the channels of every layer, 1 if absent")
            .variant("mobilenet_v1", MobileNetV1::mobilenet));

    /** Table 1: convolutions of one width, the first of which strides. */
    private record Stage(int stride, int out, int repeats) {}

    private static final List<Stage> STAGES = List.of(
            new Stage(1, 64, 1),
            new Stage(2, 128, 2),
            new Stage(2, 256, 2),
            new Stage(2, 512, 6),
            new Stage(2, 1024, 2));

    private static Value mobilenet(Value image, int classes, Options options) {
        double width = options.number("width", 1);
        Value x = image.with(Defaults.PYTORCH
                .conv(Rule.KAIMING_FAN_OUT_OF_GROUP, Rule.ZERO)
                .linear(Rule.UNIFORM_FAN_OUT, Rule.ZERO));
        x = x.conv("conv_stem", multipleOf(8, 32 * width), 3, 2).bn("bn1").relu6();
        x = x.in("blocks", y -> {
            for (Stage s : STAGES) {
                int out = multipleOf(8, s.out * width);
                y = y.repeat(s.repeats, (z, i) -> unit(z, out, i == 0 ? s.stride : 1));
            }
            return y;
        });
        return x.avgPoolTo(1).flatten().linear("classifier", classes);
    }

    private static Value unit(Value x, int out, int stride) {
        x = x.depthwise("conv_dw", 3, stride).bn("bn1").relu6();
        return x.conv("conv_pw", out, 1).bn("bn2").relu6();
    }
}
