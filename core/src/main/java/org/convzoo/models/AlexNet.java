package org.convzoo.models;

import static org.convzoo.graph.Window.k;
import static org.convzoo.models.Blocks.DOWN;

import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;

/**
 * AlexNet, Krizhevsky, Sutskever, Hinton 2012, "ImageNet classification with deep convolutional neural networks", in
 * one tower with the widths of section 3.5; the paper splits layers 2, 4 and 5 over two GPUs. The response
 * normalisation of section 3.3 is an option. {@code alexnet_owt} is the leaner tower of Krizhevsky 2014 in torchvision's
 * form, dropout before the fully connected layers, which take 6 x 6 whatever the image.
 */
final class AlexNet {
    private AlexNet() {}

    static final List<Architecture> VARIANTS = List.of(
            new Architecture(
                    "alexnet",
                    "AlexNet",
                    2012,
                    "Krizhevsky et al. 2012, NeurIPS",
                    Task.imagenet(224),
                    Map.of("lrn", "true: local response normalisation after the first two ReLUs"),
                    (classes, options) -> alexnet(classes, options.flag("lrn"))),
            new Architecture(
                    "alexnet_owt",
                    "AlexNet",
                    2014,
                    "1404.5997",
                    Task.imagenet(224),
                    Map.of(),
                    (classes, options) -> oneWeirdTrick(classes)));

    // spotless:off
    private static Layer alexnet(int classes, boolean lrn) {
        Layer pool = x -> (lrn ? x.localResponseNorm(5, 5 * 1e-4, 0.75, 2) : x).maxPool(DOWN);
        return image -> features(image, pool, layer -> start(layer == 1 || layer == 3 ? 0 : 1), 96, 256, 384, 384, 256)
                .flatten()
                .with(start(1))
                .in("classifier", x -> x.linear(4096).relu().dropout(0.5)
                        .linear(4096).relu().dropout(0.5)
                        .with(start(0)).linear(classes));
    }

    /** Section 5: weights N(0, 0.01); the biases of layers 2, 4, 5 and of the hidden layers start at 1, others at 0. */
    private static Defaults start(double bias) {
        Rule weight = Rule.normal(0.01), constant = Rule.constant(bias);
        return Defaults.PYTORCH.conv(weight, constant).linear(weight, constant);
    }

    private static Layer oneWeirdTrick(int classes) {
        Layer pool = x -> x.maxPool(DOWN);
        return image -> features(image, pool, layer -> Defaults.PYTORCH, 64, 192, 384, 256, 256)
                .avgPoolTo(6)
                .flatten()
                .in("classifier", x -> x.dropout(0.5).linear(4096).relu()
                        .dropout(0.5).linear(4096).relu()
                        .linear(classes));
    }

    /** Five convolutions, with overlapping pooling (section 3.4) after the first two and the last. */
    private static Value features(Value image, Layer pool, IntFunction<Defaults> start, int... widths) {
        return image.in("features", x -> x
                .with(start.apply(1)).conv(widths[0], k(11).stride(4).pad(2).withBias()).relu().in(pool)
                .with(start.apply(2)).conv(widths[1], k(5).withBias()).relu().in(pool)
                .with(start.apply(3)).conv(widths[2], k(3).withBias()).relu()
                .with(start.apply(4)).conv(widths[3], k(3).withBias()).relu()
                .with(start.apply(5)).conv(widths[4], k(3).withBias()).relu().maxPool(DOWN));
    }
    // spotless:on
}
