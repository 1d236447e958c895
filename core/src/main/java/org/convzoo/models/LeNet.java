package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;

/**
 * LeNet-5, LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition", section
 * II.B, as commonly taught: plain average pooling, sigmoids, every map of C3 connected to all of S2, and a linear
 * classifier in place of radial basis functions. Xavier's weights keep its sigmoids from saturating.
 *
 * <p>The paper frames its 28 x 28 digits to 32 x 32 so that strokes near the edge reach the middle of a kernel; the
 * first convolution does so by padding, so that images of 28 (by 2) and of 32 (by 0) give the same network. Smaller
 * images are framed to 32 as well, larger ones taken as they are.
 */
final class LeNet {
    private LeNet() {}

    static final List<Architecture> VARIANTS = List.of(new Family("LeNet", 1998, "LeCun et al. 1998, Proc. IEEE 86(11)")
            .usual(Task.mnist())
            .option("modern", "true: ReLU for sigmoid and max pooling for average pooling")
            .variant("lenet", LeNet::lenet));

    private static Value lenet(Value image, int classes, Options options) {
        boolean modern = options.flag("modern");
        Rule weights = modern ? Rule.KAIMING_FAN_IN : Rule.XAVIER_UNIFORM;
        Layer act = modern ? Value::relu : Value::sigmoid;
        Layer pool = modern ? x -> x.maxPool(2, 2) : x -> x.avgPool(k(2).stride(2));
        Value features = image.with(Defaults.PYTORCH.conv(weights, Rule.ZERO).linear(weights, Rule.ZERO))
                .in("features", x -> {
                    int top = frame(x.shape().height()), left = frame(x.shape().width());
                    x = pool.apply(act.apply(x.conv(6, k(5).pad(top, left).withBias())));
                    return pool.apply(act.apply(x.conv(16, k(5).pad(0).withBias())));
                });
        return features.flatten().in("classifier", x -> {
            x = act.apply(x.linear(120));
            x = act.apply(x.linear(84));
            return x.linear(classes);
        });
    }

    private static int frame(int size) {
        return Math.max(0, (32 - size + 1) / 2);
    }
}
