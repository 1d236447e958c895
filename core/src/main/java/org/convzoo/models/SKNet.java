package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import java.util.Map;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;

/**
 * Selective kernel networks, Li et al. 2019: a 3x3 and a wider kernel (3x3 with dilation 2) side by side, and a softmax
 * that weighs one against the other, channel by channel. timm's form: skresnext50_32x4d is the paper's SKNet-50; the
 * others give each kernel half of the channels that come in, which keeps their cost near ResNet's.
 */
final class SKNet {
    private SKNet() {}

    static final List<Architecture> VARIANTS = List.of(
            variant("skresnet18", basic(), 2, 2, 2, 2),
            variant("skresnet34", basic(), 3, 4, 6, 3),
            variant("skresnet50", bottleneck(1, 64, true, 8), 3, 4, 6, 3),
            variant("skresnext50_32x4d", bottleneck(32, 4, false, 32), 3, 4, 6, 3));

    private static Architecture variant(String name, ResNet.Unit unit, int... depths) {
        return new Architecture(
                name,
                "SKNet",
                2019,
                "1903.06586",
                Task.imagenet(224),
                Map.of(),
                (classes, options) -> ResNet.network(ResNet.STEM, 64, unit, classes, depths));
    }

    // spotless:off
    private static ResNet.Unit basic() {
        return (x, width, stride) -> {
            int inner = Blocks.multipleOf(16, width / 8.0);
            Value y = x.in("conv1", selectiveKernel(width, stride, 1, true, inner))
                    .in("conv2", c -> c.conv("conv", width, 3).bn("bn"));
            return ResNet.project(y, x, stride).relu();
        };
    }

    private static ResNet.Unit bottleneck(int groups, int base, boolean split, int divisor) {
        return (x, width, stride) -> {
            int inner = groups * (base * width / 64);
            int squeeze = Blocks.multipleOf(divisor, inner / 16.0);
            Value y = x.in("conv1", Blocks.convBnRelu(inner, 1, 1))
                    .in("conv2", selectiveKernel(inner, stride, groups, split, squeeze))
                    .in("conv3", c -> c.conv("conv", 4 * width, 1).bn("bn"));
            return ResNet.project(y, x, stride).relu();
        };
    }

    /** Section 3.1: split, fuse, select. */
    private static Layer selectiveKernel(int out, int stride, int groups, boolean split, int squeeze) {
        return x -> {
            int half = x.channels() / 2;
            Value narrow = split ? x.slice(0, half) : x, wide = split ? x.slice(half, 2 * half) : x;
            narrow = narrow.in("paths.0", Blocks.convBnRelu(out, k(3).stride(stride).groups(groups)));
            wide = wide.in("paths.1",
                    Blocks.convBnRelu(out, k(3).stride(stride).groups(groups).dilation(2, 2).pad(2)));
            Value gates = narrow.add(wide).in("attn", a -> a.avgPoolTo(1)
                    .conv("fc_reduce", squeeze, 1).bn("bn").relu()
                    .conv("fc_select", 2 * out, 1)
                    .softmax(2));
            return narrow.scale(gates.slice(0, out)).add(wide.scale(gates.slice(out, 2 * out)));
        };
    }
    // spotless:on
}
