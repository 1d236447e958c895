package org.convzoo.models;

import static org.convzoo.graph.Window.k;
import static org.convzoo.models.Blocks.DOWN;
import static org.convzoo.models.Blocks.branches;
import static org.convzoo.models.Blocks.units;

import java.util.List;
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

    static final List<Architecture> VARIANTS = List.of(new Family("Inception", 2015, "1502.03167")
            .option("se", "true: squeeze-and-excitation behind every module")
            .variant("bninception", BNInception::bninception));

    /**
     * A row of figure 5: #1x1, #3x3 reduce, #3x3, double #3x3 reduce, double #3x3, pool, its projection. Rows without
     * #1x1 halve the image and pass the pool on as it is.
     */
    private record Module(int one, int reduce3, int three, int reduceDouble, int two, Layer pool, int projection) {}

    private static final Layer AVG = x -> x.avgPool(k(3)), MAX = x -> x.maxPool(3, 1);
    private static final Layer HALVE = x -> x.maxPool(DOWN.ceilMode());

    private static final List<List<Module>> STAGES = List.of(
            List.of(
                    new Module(64, 64, 64, 64, 96, AVG, 32), // 3a
                    new Module(64, 64, 96, 64, 96, AVG, 64)), // 3b
            List.of(
                    new Module(0, 128, 160, 64, 96, HALVE, 0), // 3c
                    new Module(224, 64, 96, 96, 128, AVG, 128), // 4a
                    new Module(192, 96, 128, 96, 128, AVG, 128), // 4b
                    new Module(160, 128, 160, 128, 160, AVG, 128), // 4c
                    new Module(96, 128, 192, 160, 192, AVG, 128)), // 4d
            List.of(
                    new Module(0, 128, 192, 192, 256, HALVE, 0), // 4e
                    new Module(352, 192, 320, 160, 224, AVG, 128), // 5a
                    new Module(352, 192, 320, 192, 224, MAX, 128))); // 5b

    private static Value bninception(Value image, int classes, Options options) {
        boolean se = options.flag("se");
        Value features = image.with(Defaults.PYTORCH.conv(Rule.KAIMING_UNIFORM_FAN_IN, Rule.ZERO))
                .in("features", x -> {
                    x = x.in("init_block", BNInception::stem);
                    for (int i = 0; i < STAGES.size(); i++) {
                        List<Module> stage = STAGES.get(i);
                        x = x.in("stage" + (i + 1), units(stage.size(), (y, j) -> unit(y, stage.get(j), se)));
                    }
                    return x;
                });
        return features.avgPoolTo(1).flatten().linear("output", classes);
    }

    private static Value stem(Value x) {
        x = x.in("conv1", conv(64, 7, 2)).maxPool(DOWN.ceilMode());
        return x.in("conv2", convs(64, 192, 1, 1)).maxPool(DOWN.ceilMode());
    }

    private static Value unit(Value x, Module m, boolean se) {
        Value y = x.in("branches", module(m));
        if (!se) return y;
        return y.in("se", Blocks.squeezeExcite(y.channels() / 16, Activation.RELU, Activation.SIGMOID));
    }

    private static Layer module(Module m) {
        if (m.one == 0) return branches(1, convs(m.reduce3, m.three, 1, 2), convs(m.reduceDouble, m.two, 2, 2), m.pool);
        return branches(
                1,
                conv(m.one, 1, 1),
                convs(m.reduce3, m.three, 1, 1),
                convs(m.reduceDouble, m.two, 2, 1),
                x -> m.pool.apply(x).in("conv", conv(m.projection, 1, 1)));
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
