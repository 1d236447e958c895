package org.convzoo.models;

import static org.convzoo.graph.Window.k;
import static org.convzoo.models.Blocks.DOWN;
import static org.convzoo.models.Blocks.branches;
import static org.convzoo.models.Blocks.units;

import java.util.List;
import java.util.Map;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Op.Activation;
import org.convzoo.graph.Value;

/**
 * Inception-v2, the network of the batch-norm paper, Ioffe, Szegedy 2015: GoogLeNet with batch norm and two 3x3 in
 * place of a 5x5. pytorchcv's form, which keeps the convolutions' biases. Option {@code se} puts squeeze-and-excitation
 * behind every module, as section 6.1 of Hu et al. 2017 does.
 */
final class BNInception {
    private BNInception() {}

    static final List<Architecture> VARIANTS = List.of(new Architecture(
            "bninception",
            "Inception",
            2015,
            "1502.03167",
            Task.imagenet(224),
            Map.of("se", "true: squeeze-and-excitation behind every module"),
            (classes, options) -> bninception(classes, options.flag("se"))));

    /**
     * A row of figure 5: #1x1, #3x3 reduce, #3x3, double #3x3 reduce, double #3x3, pool projection. Rows without #1x1
     * halve the image and pass the pool on as it is.
     */
    private record Module(int one, int reduce3, int three, int reduceDouble, int two, int pool) {}

    // spotless:off
    private static final List<List<Module>> STAGES = List.of(
            List.of(new Module(64, 64, 64, 64, 96, 32),         // 3a
                    new Module(64, 64, 96, 64, 96, 64)),
            List.of(new Module(0, 128, 160, 64, 96, 0),         // 3c
                    new Module(224, 64, 96, 96, 128, 128),      // 4a
                    new Module(192, 96, 128, 96, 128, 128),
                    new Module(160, 128, 160, 128, 160, 128),
                    new Module(96, 128, 192, 160, 192, 128)),
            List.of(new Module(0, 128, 192, 192, 256, 0),       // 4e
                    new Module(352, 192, 320, 160, 224, 128),   // 5a
                    new Module(352, 192, 320, 192, 224, 128)));
    // spotless:on

    private static Layer bninception(int classes, boolean se) {
        Module last = STAGES.get(2).get(2);
        return image -> image.with(Defaults.PYTORCH.conv(Rule.KAIMING_UNIFORM_FAN_IN, Rule.ZERO))
                .in("features", x -> {
                    x = x.in("init_block", s -> s.in("conv1", conv(64, 7, 2))
                            .maxPool(DOWN.ceilMode())
                            .in("conv2", convs(64, 192, 1, 1))
                            .maxPool(DOWN.ceilMode()));
                    for (int i = 0; i < STAGES.size(); i++) {
                        List<Module> stage = STAGES.get(i);
                        x = x.in("stage" + (i + 1), units(stage.size(), (y, j) -> {
                            y = y.in("branches", module(stage.get(j), stage.get(j) == last));
                            int squeeze = y.channels() / 16;
                            return se
                                    ? y.in("se", Blocks.squeezeExcite(squeeze, Activation.RELU, Activation.SIGMOID))
                                    : y;
                        }));
                    }
                    return x;
                })
                .avgPoolTo(1)
                .flatten()
                .linear("output", classes);
    }

    /** Modules pool by the average, the last by the maximum. */
    private static Layer module(Module m, boolean last) {
        if (m.one == 0) {
            return branches(
                    1,
                    convs(m.reduce3, m.three, 1, 2),
                    convs(m.reduceDouble, m.two, 2, 2),
                    x -> x.maxPool(DOWN.ceilMode()));
        }
        Layer pool = last ? x -> x.maxPool(3, 1) : x -> x.avgPool(k(3));
        return branches(
                1,
                conv(m.one, 1, 1),
                convs(m.reduce3, m.three, 1, 1),
                convs(m.reduceDouble, m.two, 2, 1),
                x -> pool.apply(x).in("conv", conv(m.pool, 1, 1)));
    }

    /** A 1x1 convolution and {@code n} of 3x3, the last with the stride. */
    private static Layer convs(int reduce, int out, int n, int stride) {
        return x -> {
            Value y = x.in("conv1", conv(reduce, 1, 1));
            for (int i = 1; i <= n; i++) y = y.in("conv" + (i + 1), conv(out, 3, i == n ? stride : 1));
            return y;
        };
    }

    private static Layer conv(int out, int kernel, int stride) {
        return Blocks.convBnRelu(out, k(kernel).stride(stride).withBias());
    }
}
