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
 * Network in network, Lin, Chen, Yan 2013: each convolution is followed by a small perceptron over the channels (two
 * 1x1 convolutions), and the last block has one map a class, averaged into its score. In the form for ImageNet, with
 * AlexNet's windows. The paper sets its starting weights by hand; here they follow He et al. 2015, made for ReLUs.
 */
final class NiN {
    private NiN() {}

    static final List<Architecture> VARIANTS = List.of(new Family("NiN", 2013, "1312.4400").variant("nin", NiN::nin));

    private static Value nin(Value image, int classes) {
        Value x = image.with(Defaults.PYTORCH.conv(Rule.KAIMING_FAN_IN, Rule.ZERO));
        x = x.in("block1", perceptron(96, k(11).stride(4).pad(0))).maxPool(DOWN);
        x = x.in("block2", perceptron(256, k(5))).maxPool(DOWN);
        x = x.in("block3", perceptron(384, k(3))).maxPool(DOWN).dropout(0.5);
        return x.in("block4", perceptron(classes, k(3))).avgPoolTo(1).flatten();
    }

    private static Layer perceptron(int out, Window window) {
        return x -> {
            x = x.conv(out, window.withBias()).relu();
            x = x.conv(out, k(1).withBias()).relu();
            return x.conv(out, k(1).withBias()).relu();
        };
    }
}
