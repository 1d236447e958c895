package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Filters;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Value;
import org.convzoo.models.EfficientNet.Stage;

/**
 * EfficientNet-Lite0, Google 2020: EfficientNet-B0 for phones, without squeeze-and-excitation, with ReLU6. Its published
 * weights are TensorFlow's: padding as SAME has it, batch norm with epsilon 1e-3. timm's names; dropout and stochastic
 * depth at TensorFlow's rates.
 */
final class EfficientNetLite {
    private EfficientNetLite() {}

    static final List<Architecture> VARIANTS =
            List.of(EfficientNet.FAMILY.variant("efficientnet_lite0", EfficientNetLite::lite0));

    private static Value lite0(Value image, int classes) {
        Value x = image.with(Defaults.PYTORCH
                .norm(1e-3, 0.1)
                .conv(Rule.KAIMING_FAN_OUT_OF_GROUP, Rule.ZERO)
                .linear(Rule.UNIFORM_FAN_OUT, Rule.ZERO));
        x = x.conv("conv_stem", 32, k(3).stride(2).padSame()).bn("bn1").relu6();
        x = x.in("blocks", y -> EfficientNet.stages(y, EfficientNet.B0, EfficientNetLite::unit));
        x = x.conv("conv_head", EfficientNet.HEAD, 1).bn("bn2").relu6();
        return x.avgPoolTo(1).flatten().dropout(0.2).linear("classifier", classes);
    }

    private static Value unit(Value x, Stage s, int stride, double dropPath) {
        int inner = s.expand() * x.channels();
        Filters depthwise = k(s.kernel()).stride(stride).padSame().groups(inner);
        Value y;
        if (s.expand() == 1) {
            y = x.conv("conv_dw", inner, depthwise).bn("bn1").relu6();
            y = y.conv("conv_pw", s.out(), 1).bn("bn2");
        } else {
            y = x.conv("conv_pw", inner, 1).bn("bn1").relu6();
            y = y.conv("conv_dw", inner, depthwise).bn("bn2").relu6();
            y = y.conv("conv_pwl", s.out(), 1).bn("bn3");
        }
        return stride == 1 && x.channels() == s.out() ? y.dropPath(dropPath).add(x) : y;
    }
}
