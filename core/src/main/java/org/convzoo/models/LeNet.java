package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import java.util.Map;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init;
import org.convzoo.graph.Layer;

/**
 * LeNet-5, LeCun et al. 1998, "Gradient-based learning applied to document recognition", section II.B, as commonly
 * taught: sigmoid, average pooling without weights, every map of C3 connected to all of S2, and a linear classifier in
 * place of radial basis functions.
 */
final class LeNet {
    private LeNet() {}

    static final List<Architecture> VARIANTS = List.of(new Architecture(
            "lenet",
            "LeNet",
            1989,
            "LeCun et al. 1998, Proc. IEEE 86(11)",
            Task.mnist(),
            Map.of(),
            (classes, options) -> lenet(classes)));

    private static Layer lenet(int classes) {
        return x -> x.with(Defaults.PYTORCH
                        .conv(Init.Rule.XAVIER_UNIFORM, Init.Rule.ZERO)
                        .linear(Init.Rule.XAVIER_UNIFORM, Init.Rule.ZERO))
                .conv(6, k(5).withBias())
                .flatten()
                .linear(classes);
    }
}
