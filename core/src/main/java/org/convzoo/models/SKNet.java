package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;
import org.convzoo.graph.Window;

/**
 * Selective kernel networks, Li et al. 2019: a 3x3 and a wider kernel (3x3 with dilation 2) side by side, and a softmax
 * that weighs one against the other, channel by channel. timm's form: skresnext50_32x4d is the paper's SKNet-50; the
 * others give each kernel half of the channels that come in, which keeps their cost near ResNet's.
 */
final class SKNet {
    private SKNet() {}

    private static final Family FAMILY = new Family("SKNet", 2019, "1903.06586");

    static final List<Architecture> VARIANTS = List.of(
            variant("skresnet18", SKNet::basic, 2, 2, 2, 2),
            variant("skresnet34", SKNet::basic, 3, 4, 6, 3),
            variant("skresnet50", bottleneck(1, 64, true, 8), 3, 4, 6, 3),
            variant("skresnext50_32x4d", bottleneck(32, 4, false, 32), 3, 4, 6, 3));

    private static Architecture variant(String name, ResNet.Unit f, int... depths) {
        ResNet.Unit unit = ResNet.residual(f, ResNet::project);
        return FAMILY.variant(name, (image, classes) -> ResNet.network(image, classes, ResNet.STEM, 64, unit, depths));
    }

    private static Value basic(Value x, int width, int stride) {
        int inner = Blocks.multipleOf(16, width / 8.0);
        x = x.in("conv1", selectiveKernel(width, stride, 1, true, inner));
        return x.in("conv2", c -> c.conv("conv", width, 3).bn("bn"));
    }

    private static ResNet.Unit bottleneck(int groups, int base, boolean split, int divisor) {
        return (x, width, stride) -> {
            int inner = groups * (base * width / 64);
            int squeeze = Blocks.multipleOf(divisor, inner / 16.0);
            x = x.in("conv1", Blocks.convBnRelu(inner, 1, 1));
            x = x.in("conv2", selectiveKernel(inner, stride, groups, split, squeeze));
            return x.in("conv3", c -> c.conv("conv", 4 * width, 1).bn("bn"));
        };
    }

    /** Section 3.1: split, fuse, select. */
    private static Layer selectiveKernel(int out, int stride, int groups, boolean split, int squeeze) {
        Window small = k(3).stride(stride), dilated = small.dilation(2, 2).pad(2);
        return x -> {
            int half = x.channels() / 2;
            Value narrow = split ? x.slice(0, half) : x, wide = split ? x.slice(half, 2 * half) : x;
            narrow = narrow.in("paths.0", Blocks.convBnRelu(out, small.groups(groups)));
            wide = wide.in("paths.1", Blocks.convBnRelu(out, dilated.groups(groups)));
            Value gates = narrow.add(wide).in("attn", a -> {
                a = a.avgPoolTo(1).conv("fc_reduce", squeeze, 1).bn("bn").relu();
                return a.conv("fc_select", 2 * out, 1).softmax(2);
            });
            return narrow.scale(gates.slice(0, out)).add(wide.scale(gates.slice(out, 2 * out)));
        };
    }
}
