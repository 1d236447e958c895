package org.convzoo.models;

import static java.util.Collections.nCopies;
import static org.convzoo.graph.Value.concat;
import static org.convzoo.graph.Window.k;
import static org.convzoo.models.Blocks.DOWN;
import static org.convzoo.models.Blocks.branches;
import static org.convzoo.models.Blocks.chain;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    static final List<Architecture> VARIANTS = List.of(new Architecture(
            "inception_v4",
            "Inception",
            2016,
            "1602.07261",
            Task.imagenet(299),
            Map.of(),
            (classes, options) -> inceptionV4(classes)));

    private static final Window ONE = k(1), THREE = k(3), VALID = k(3).pad(0);

    // spotless:off
    private static Layer inceptionV4(int classes) {
        List<Layer> features = new ArrayList<>(List.of(
                // figure 3
                conv(32, DOWN), conv(32, VALID), conv(64, THREE),
                x -> concat(x.maxPool(DOWN), x.in("conv", conv(96, DOWN))),
                branches(0,
                        chain(conv(64, ONE), conv(96, VALID)),
                        chain(conv(64, ONE), conv(64, k(1, 7)), conv(64, k(7, 1)), conv(96, VALID))),
                x -> concat(x.in("conv", conv(192, DOWN)), x.maxPool(DOWN))));
        features.addAll(nCopies(4, inceptionA()));
        features.add(branches(0,    // figure 7 with table 1's k, l, m, n = 192, 224, 256, 384
                conv(384, DOWN),
                chain(conv(192, ONE), conv(224, THREE), conv(256, DOWN)),
                x -> x.maxPool(DOWN)));
        features.addAll(nCopies(7, inceptionB()));
        features.add(branches(0,    // figure 8
                chain(conv(192, ONE), conv(192, DOWN)),
                chain(conv(256, ONE), conv(256, k(1, 7)), conv(320, k(7, 1)), conv(320, DOWN)),
                x -> x.maxPool(DOWN)));
        features.addAll(nCopies(3, InceptionV4::inceptionC));
        return image -> image.with(Defaults.PYTORCH.norm(1e-3, 0.1))
                .in("features", chain(features))
                .avgPoolTo(1).flatten().dropout(0.2).linear("last_linear", classes);
    }

    /** Figure 4. */
    private static Layer inceptionA() {
        return branches(0,
                conv(96, ONE),
                chain(conv(64, ONE), conv(96, THREE)),
                chain(conv(64, ONE), conv(96, THREE), conv(96, THREE)),
                pooled(96));
    }

    /** Figure 5. */
    private static Layer inceptionB() {
        return branches(0,
                conv(384, ONE),
                chain(conv(192, ONE), conv(224, k(1, 7)), conv(256, k(7, 1))),
                chain(conv(192, ONE), conv(192, k(7, 1)), conv(224, k(1, 7)), conv(224, k(7, 1)), conv(256, k(1, 7))),
                pooled(128));
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
    // spotless:on

    private static Layer pooled(int out) {
        return chain(x -> x.avgPoolInside(THREE), conv(out, ONE));
    }

    private static Layer conv(int out, Window window) {
        return Blocks.convBnRelu(out, window);
    }
}
