package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Filters;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Op.Activation;
import org.convzoo.graph.Value;

/**
 * Squeeze-and-excitation networks, Hu et al. 2017: residual networks that weigh the channels of each branch before the
 * sum. timm's form, in which a branch's last scale starts at 0, so that a unit starts as its shortcut. senet154 is the
 * challenge's network with the changes that the paper's appendix lists: three 3x3 convolutions as the stem, half the
 * inner width in the first 1x1, and 3x3 projections.
 */
final class SENet {
    private SENet() {}

    private static final Family FAMILY = new Family("SENet", 2017, "1709.01507");
    private static final ResNet.Unit BASIC = ResNet.basic(Rule.ZERO);

    static final List<Architecture> VARIANTS = List.of(
            variant("seresnet18", BASIC, 2, 2, 2, 2),
            variant("seresnet34", BASIC, 3, 4, 6, 3),
            variant("seresnet50", bottleneck(1, 64), 3, 4, 6, 3),
            variant("seresnet101", bottleneck(1, 64), 3, 4, 23, 3),
            variant("seresnet152", bottleneck(1, 64), 3, 8, 36, 3),
            variant("seresnext50_32x4d", bottleneck(32, 4), 3, 4, 6, 3),
            variant("seresnext101_32x4d", bottleneck(32, 4), 3, 4, 23, 3),
            FAMILY.variant("senet154", SENet::senet154));

    private static ResNet.Unit bottleneck(int groups, int base) {
        return ResNet.bottleneck(groups, base, Rule.ZERO);
    }

    /** Figure 3. */
    private static Architecture variant(String name, ResNet.Unit f, int... depths) {
        ResNet.Unit unit = ResNet.residual(ResNet.squeezeExcite(f), ResNet::project);
        return FAMILY.variant(name, (image, classes) -> ResNet.network(image, classes, ResNet.STEM, 64, unit, depths));
    }

    private static Value senet154(Value image, int classes) {
        Value x = image.with(Defaults.PYTORCH.conv(Rule.KAIMING_FAN_OUT, Rule.UNIFORM_FAN_IN));
        x = x.in("layer0", s -> {
            s = s.conv("conv1", 64, 3, 2).bn("bn1").relu();
            s = s.conv("conv2", 64, 3).bn("bn2").relu();
            return s.conv("conv3", 128, 3).bn("bn3").relu();
        });
        x = x.maxPool(Blocks.DOWN.ceilMode());
        x = ResNet.stages(x, 64, ResNet.residual(SENet::branch, SENet::shortcut), 3, 8, 36, 3);
        return x.avgPoolTo(1).flatten().dropout(0.2).linear("last_linear", classes);
    }

    private static Value branch(Value x, int width, int stride) {
        Filters grouped = k(3).stride(stride).groups(64);
        x = x.conv("conv1", 2 * width, 1).bn("bn1").relu();
        x = x.conv("conv2", 4 * width, grouped).bn("bn2").relu();
        x = x.conv("conv3", 4 * width, 1).bn("bn3");
        return x.in("se_module", Blocks.squeezeExcite(width / 4, Activation.RELU, Activation.SIGMOID));
    }

    private static Value shortcut(Value x, int out, int stride) {
        if (stride == 1 && x.channels() == out) return x;
        return x.in("downsample", d -> d.conv(out, stride == 1 ? 1 : 3, stride).bn());
    }
}
