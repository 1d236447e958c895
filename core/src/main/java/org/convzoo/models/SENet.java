package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
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

    private static final ResNet.End END = new ResNet.End(Rule.ZERO, ResNet::squeezeExcite, ResNet::project);

    static final List<Architecture> VARIANTS = List.of(
            variant("seresnet18", ResNet::basic, 2, 2, 2, 2),
            variant("seresnet34", ResNet::basic, 3, 4, 6, 3),
            variant("seresnet50", ResNet.bottleneck(1, 64), 3, 4, 6, 3),
            variant("seresnet101", ResNet.bottleneck(1, 64), 3, 4, 23, 3),
            variant("seresnet152", ResNet.bottleneck(1, 64), 3, 8, 36, 3),
            variant("seresnext50_32x4d", ResNet.bottleneck(32, 4), 3, 4, 6, 3),
            variant("seresnext101_32x4d", ResNet.bottleneck(32, 4), 3, 4, 23, 3),
            architecture("senet154", SENet::senet154));

    private static Architecture variant(String name, Function<ResNet.End, ResNet.Unit> unit, int... depths) {
        return architecture(name, classes -> ResNet.network(ResNet.STEM, 64, unit.apply(END), classes, depths));
    }

    private static Architecture architecture(String name, Function<Integer, Layer> body) {
        return new Architecture(
                name,
                "SENet",
                2017,
                "1709.01507",
                Task.imagenet(224),
                Map.of(),
                (classes, options) -> body.apply(classes));
    }

    // spotless:off
    private static Layer senet154(int classes) {
        return image -> {
            Value x = image.with(Defaults.PYTORCH.conv(Rule.KAIMING_FAN_OUT, Rule.UNIFORM_FAN_IN))
                    .in("layer0", s -> s.conv("conv1", 64, 3, 2).bn("bn1").relu()
                            .conv("conv2", 64, 3).bn("bn2").relu()
                            .conv("conv3", 128, 3).bn("bn3").relu())
                    .maxPool(Blocks.DOWN.ceilMode());
            int[] depths = {3, 8, 36, 3};
            for (int i = 0; i < 4; i++) {
                int width = 64 << i;
                x = x.stage("layer" + (i + 1), depths[i], i == 0 ? 1 : 2, (y, stride) -> unit(y, width, stride));
            }
            return x.avgPoolTo(1).flatten().dropout(0.2).linear("last_linear", classes);
        };
    }

    private static Value unit(Value x, int width, int stride) {
        Value y = x.conv("conv1", 2 * width, 1).bn("bn1").relu()
                .conv("conv2", 4 * width, k(3).stride(stride).groups(64)).bn("bn2").relu()
                .conv("conv3", 4 * width, 1).bn("bn3")
                .in("se_module", Blocks.squeezeExcite(width / 4, Activation.RELU, Activation.SIGMOID));
        boolean same = stride == 1 && x.channels() == y.channels();
        int kernel = stride == 1 ? 1 : 3;
        return y.add(same ? x : x.in("downsample", d -> d.conv(y.channels(), kernel, stride).bn())).relu();
    }
    // spotless:on
}
