package org.convzoo.models;

import static org.convzoo.graph.Window.k;
import static org.convzoo.models.Blocks.DOWN;

import java.util.List;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;
import org.convzoo.graph.Window;

/**
 * AlexNet, Krizhevsky, Sutskever, Hinton 2012, "ImageNet classification with deep convolutional neural networks", in
 * one tower with the widths of section 3.5; the paper splits layers 2, 4 and 5 over two GPUs. The response
 * normalisation of section 3.3 is an option. {@code alexnet_owt} is the leaner tower of Krizhevsky 2014 in torchvision's
 * form, dropout before the fully connected layers, which take 6 x 6 whatever the image.
 */
final class AlexNet {
    private AlexNet() {}

    static final List<Architecture> VARIANTS = List.of(
            new Family("AlexNet", 2012, "Krizhevsky et al. 2012, NeurIPS")
                    .option("lrn", "true: local response normalisation after the first two ReLUs")
                    .variant("alexnet", AlexNet::alexnet),
            new Family("AlexNet", 2014, "1404.5997").variant("alexnet_owt", AlexNet::oneWeirdTrick));

    private static Value alexnet(Value image, int classes, Options options) {
        boolean lrn = options.flag("lrn");
        Layer pool = x -> (lrn ? x.localResponseNorm(5, 5 * 1e-4, 0.75, 2) : x).maxPool(DOWN);
        Defaults zero = start(0), one = start(1);
        Value features = image.in("features", features(pool, zero, one, 96, 256, 384, 384, 256));
        return features.flatten().in("classifier", x -> {
            x = x.with(one).linear(4096).relu().dropout(0.5);
            x = x.linear(4096).relu().dropout(0.5);
            return x.with(zero).linear(classes);
        });
    }

    /** Section 5: weights N(0, 0.01); the biases of layers 2, 4, 5 and of the hidden layers start at 1, others at 0. */
    private static Defaults start(double bias) {
        Rule weight = Rule.normal(0.01), constant = Rule.constant(bias);
        return Defaults.PYTORCH.conv(weight, constant).linear(weight, constant);
    }

    private static Value oneWeirdTrick(Value image, int classes) {
        Layer pool = x -> x.maxPool(DOWN);
        Defaults start = Defaults.PYTORCH;
        Value features = image.in("features", features(pool, start, start, 64, 192, 384, 256, 256));
        return features.avgPoolTo(6).flatten().in("classifier", x -> {
            x = x.dropout(0.5).linear(4096).relu();
            x = x.dropout(0.5).linear(4096).relu();
            return x.linear(classes);
        });
    }

    /**
     * Five convolutions, with overlapping pooling (section 3.4) after the first two and the last. Layers 2, 4 and 5 start
     * as {@code biased} says.
     */
    private static Layer features(Layer pool, Defaults start, Defaults biased, int... widths) {
        return x -> {
            x = conv(x, widths[0], k(11).stride(4).pad(2), start).in(pool);
            x = conv(x, widths[1], k(5), biased).in(pool);
            x = conv(x, widths[2], k(3), start);
            x = conv(x, widths[3], k(3), biased);
            x = conv(x, widths[4], k(3), biased);
            return x.maxPool(DOWN);
        };
    }

    private static Value conv(Value x, int out, Window window, Defaults start) {
        return x.with(start).conv(out, window.withBias()).relu();
    }
}
