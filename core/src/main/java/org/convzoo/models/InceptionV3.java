package org.convzoo.models;

import static org.convzoo.graph.Value.concat;
import static org.convzoo.graph.Window.k;
import static org.convzoo.models.Blocks.DOWN;

import java.util.List;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;
import org.convzoo.graph.Window;

/**
 * Inception-v3, Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2015: large kernels factorised into nx1 and 1xn (section 3),
 * grids reduced by strided branches side by side (section 5), and an auxiliary head with batch norm (section 4) as an
 * option, weighted as GoogLeNet's. torchvision's form.
 */
final class InceptionV3 {
    private InceptionV3() {}

    static final List<Architecture> VARIANTS = List.of(new Family("Inception", 2015, "1512.00567")
            .usual(Task.imagenet(299))
            .option("aux", "true: an auxiliary head on the last 17x17 grid in training, weighted 0.3")
            .variant("inception_v3", InceptionV3::inceptionV3));

    private static final Window ONE = k(1), THREE = k(3), VALID = k(3).pad(0);
    private static final Defaults START = start(0.1);

    private static Defaults start(double std) {
        Rule normal = Rule.truncatedNormal(std, 2);
        return Defaults.PYTORCH.norm(1e-3, 0.1).conv(normal, Rule.ZERO).linear(normal, Rule.UNIFORM_FAN_IN);
    }

    /** Table 1. */
    private static Value inceptionV3(Value image, int classes, Options options) {
        boolean aux = options.flag("aux");
        Value x = image.with(START);
        x = x.in("Conv2d_1a_3x3", conv(32, DOWN));
        x = x.in("Conv2d_2a_3x3", conv(32, VALID));
        x = x.in("Conv2d_2b_3x3", conv(64, THREE)).maxPool(DOWN);
        x = x.in("Conv2d_3b_1x1", conv(80, ONE));
        x = x.in("Conv2d_4a_3x3", conv(192, VALID)).maxPool(DOWN);
        x = x.in("Mixed_5b", figure5(32));
        x = x.in("Mixed_5c", figure5(64));
        x = x.in("Mixed_5d", figure5(64));
        x = x.in("Mixed_6a", InceptionV3::reduce35);
        x = x.in("Mixed_6b", figure6(128));
        x = x.in("Mixed_6c", figure6(160));
        x = x.in("Mixed_6d", figure6(160));
        x = x.in("Mixed_6e", figure6(192));
        if (aux) x = x.aux("AuxLogits", 0.3, head(classes));
        x = x.in("Mixed_7a", InceptionV3::reduce17);
        x = x.in("Mixed_7b", InceptionV3::figure7);
        x = x.in("Mixed_7c", InceptionV3::figure7);
        return x.avgPoolTo(1).flatten().dropout(0.5).linear("fc", classes);
    }

    /** Two 3x3 for a 5x5; the published network keeps one 5x5. */
    private static Layer figure5(int pooled) {
        return x -> concat(
                x.in("branch1x1", conv(64, ONE)),
                path(x, "branch5x5_", conv(48, ONE), conv(64, k(5))),
                path(x, "branch3x3dbl_", conv(64, ONE), conv(96, THREE), conv(96, THREE)),
                x.avgPool(THREE).in("branch_pool", conv(pooled, ONE)));
    }

    private static Value reduce35(Value x) {
        return concat(
                x.in("branch3x3", conv(384, DOWN)),
                path(x, "branch3x3dbl_", conv(64, ONE), conv(96, THREE), conv(96, DOWN)),
                x.maxPool(DOWN));
    }

    /** 7x7 as 1x7 and 7x1, twice in one branch. */
    private static Layer figure6(int inner) {
        Layer row = conv(inner, k(1, 7)), column = conv(inner, k(7, 1));
        return x -> concat(
                x.in("branch1x1", conv(192, ONE)),
                path(x, "branch7x7_", conv(inner, ONE), row, conv(192, k(7, 1))),
                path(x, "branch7x7dbl_", conv(inner, ONE), column, row, column, conv(192, k(1, 7))),
                x.avgPool(THREE).in("branch_pool", conv(192, ONE)));
    }

    private static Value reduce17(Value x) {
        return concat(
                path(x, "branch3x3_", conv(192, ONE), conv(320, DOWN)),
                path(x, "branch7x7x3_", conv(192, ONE), conv(192, k(1, 7)), conv(192, k(7, 1)), conv(192, DOWN)),
                x.maxPool(DOWN));
    }

    /** On the coarsest grid the filter bank is widened: 1x3 and 3x1 side by side. */
    private static Value figure7(Value x) {
        Value one = x.in("branch1x1", conv(320, ONE));
        Value three = x.in("branch3x3_1", conv(384, ONE));
        three = concat(three.in("branch3x3_2a", conv(384, k(1, 3))), three.in("branch3x3_2b", conv(384, k(3, 1))));
        Value five = path(x, "branch3x3dbl_", conv(448, ONE), conv(384, THREE));
        five = concat(five.in("branch3x3dbl_3a", conv(384, k(1, 3))), five.in("branch3x3dbl_3b", conv(384, k(3, 1))));
        return concat(one, three, five, x.avgPool(THREE).in("branch_pool", conv(192, ONE)));
    }

    private static Layer head(int classes) {
        return x -> {
            x = x.avgPool(k(5).stride(3).pad(0));
            x = x.in("conv0", conv(128, ONE)).in("conv1", conv(768, k(5).pad(0)));
            return x.avgPoolTo(1).flatten().with(start(0.001)).linear("fc", classes);
        };
    }

    private static Value path(Value x, String stem, Layer... layers) {
        for (int i = 0; i < layers.length; i++) x = x.in(stem + (i + 1), layers[i]);
        return x;
    }

    private static Layer conv(int out, Window window) {
        return Blocks.convBnRelu(out, window);
    }
}
