package org.convzoo.models;

import static org.convzoo.graph.Value.concat;
import static org.convzoo.graph.Window.k;
import static org.convzoo.models.Blocks.DOWN;
import static org.convzoo.models.Blocks.chain;

import java.util.List;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;
import org.convzoo.graph.Window;

/**
 * Inception-v4, Szegedy, Ioffe, Vanhoucke, Alemi 2016, figures 3 to 9, in timm's form, with the paper's dropout before
 * the classifier.
 */
final class InceptionV4 {
    private InceptionV4() {}

    static final List<Architecture> VARIANTS = List.of(new Family("Inception", 2016, "1602.07261")
            .usual(Task.imagenet(299))
            .variant("inception_v4", InceptionV4::inceptionV4));

    private static final Window ONE = k(1), THREE = k(3), VALID = k(3).pad(0);

    /** Figure 9. */
    private static Value inceptionV4(Value image, int classes) {
        Value features = image.with(Defaults.PYTORCH.norm(1e-3, 0.1)).in("features", x -> {
            x = stem(x);
            for (int i = 0; i < 4; i++) x = x.in(inceptionA());
            x = x.in(reductionA());
            for (int i = 0; i < 7; i++) x = x.in(inceptionB());
            x = x.in(reductionB());
            for (int i = 0; i < 3; i++) x = x.in(InceptionV4::inceptionC);
            return x;
        });
        return features.avgPoolTo(1).flatten().dropout(0.2).linear("last_linear", classes);
    }

    /** Figure 3. */
    private static Value stem(Value x) {
        x = x.in(conv(32, DOWN)).in(conv(32, VALID)).in(conv(64, THREE));
        x = x.in(y -> concat(y.maxPool(DOWN), y.in("conv", conv(96, DOWN))));
        x = x.in(branches(
                chain(conv(64, ONE), conv(96, VALID)),
                chain(conv(64, ONE), conv(64, k(1, 7)), conv(64, k(7, 1)), conv(96, VALID))));
        return x.in(y -> concat(y.in("conv", conv(192, DOWN)), y.maxPool(DOWN)));
    }

    /** Figure 4. */
    private static Layer inceptionA() {
        return branches(
                conv(96, ONE),
                chain(conv(64, ONE), conv(96, THREE)),
                chain(conv(64, ONE), conv(96, THREE), conv(96, THREE)),
                pooled(96));
    }

    /** Figure 7 with table 1's k, l, m, n = 192, 224, 256, 384. */
    private static Layer reductionA() {
        return branches(
                conv(384, DOWN), chain(conv(192, ONE), conv(224, THREE), conv(256, DOWN)), x -> x.maxPool(DOWN));
    }

    /** Figure 5. */
    private static Layer inceptionB() {
        return branches(
                conv(384, ONE),
                chain(conv(192, ONE), conv(224, k(1, 7)), conv(256, k(7, 1))),
                chain(conv(192, ONE), conv(192, k(7, 1)), conv(224, k(1, 7)), conv(224, k(7, 1)), conv(256, k(1, 7))),
                pooled(128));
    }

    /** Figure 8. */
    private static Layer reductionB() {
        return branches(
                chain(conv(192, ONE), conv(192, DOWN)),
                chain(conv(256, ONE), conv(256, k(1, 7)), conv(320, k(7, 1)), conv(320, DOWN)),
                x -> x.maxPool(DOWN));
    }

    /** Figure 6. */
    private static Value inceptionC(Value x) {
        Value one = x.in("branch0", conv(256, ONE));
        Value two = x.in("branch1_0", conv(384, ONE));
        two = concat(two.in("branch1_1a", conv(256, k(1, 3))), two.in("branch1_1b", conv(256, k(3, 1))));
        Value three = x.in("branch2_0", conv(384, ONE))
                .in("branch2_1", conv(448, k(3, 1)))
                .in("branch2_2", conv(512, k(1, 3)));
        three = concat(three.in("branch2_3a", conv(256, k(1, 3))), three.in("branch2_3b", conv(256, k(3, 1))));
        return concat(one, two, three, x.in("branch3", pooled(256)));
    }

    private static Layer pooled(int out) {
        return chain(x -> x.avgPoolInside(THREE), conv(out, ONE));
    }

    private static Layer branches(Layer... layers) {
        return Blocks.branches(0, layers);
    }

    private static Layer conv(int out, Window window) {
        return Blocks.convBnRelu(out, window);
    }
}
