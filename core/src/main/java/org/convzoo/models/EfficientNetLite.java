package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import java.util.Map;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;

/**
 * EfficientNet-Lite0, Google 2020: EfficientNet-B0 for phones, without squeeze-and-excitation, with ReLU6. Its published
 * weights are TensorFlow's: padding as SAME has it, batch norm with epsilon 1e-3. timm's names; dropout and stochastic
 * depth at TensorFlow's rates.
 */
final class EfficientNetLite {
    private EfficientNetLite() {}

    static final List<Architecture> VARIANTS = List.of(new Architecture(
            "efficientnet_lite0",
            "EfficientNet",
            2019,
            "1905.11946",
            Task.imagenet(224),
            Map.of(),
            (classes, options) -> lite0(classes)));

    // spotless:off
    private static Layer lite0(int classes) {
        return image -> image
                .with(Defaults.PYTORCH.norm(1e-3, 0.1)
                        .conv(Rule.KAIMING_FAN_OUT_OF_GROUP, Rule.ZERO).linear(Rule.UNIFORM_FAN_OUT, Rule.ZERO))
                .conv("conv_stem", 32, k(3).stride(2).padSame()).bn("bn1").relu6()
                .in("blocks", x -> {
                    int done = 0;
                    for (EfficientNet.Stage s : EfficientNet.B0) {
                        int before = done;
                        x = x.repeat(s.repeats(), (y, i) -> unit(y, s, i == 0 ? s.stride() : 1, 0.2 * (before + i) / 16));
                        done += s.repeats();
                    }
                    return x;
                })
                .conv("conv_head", 1280, 1).bn("bn2").relu6()
                .avgPoolTo(1).flatten().dropout(0.2).linear("classifier", classes);
    }

    private static Value unit(Value x, EfficientNet.Stage s, int stride, double dropPath) {
        int inner = s.expand() * x.channels();
        Value y = s.expand() == 1
                ? x.conv("conv_dw", inner, k(s.kernel()).stride(stride).padSame().groups(inner)).bn("bn1").relu6()
                        .conv("conv_pw", s.out(), 1).bn("bn2")
                : x.conv("conv_pw", inner, 1).bn("bn1").relu6()
                        .conv("conv_dw", inner, k(s.kernel()).stride(stride).padSame().groups(inner)).bn("bn2").relu6()
                        .conv("conv_pwl", s.out(), 1).bn("bn3");
        return stride == 1 && x.channels() == s.out() ? y.dropPath(dropPath).add(x) : y;
    }
    // spotless:on
}
