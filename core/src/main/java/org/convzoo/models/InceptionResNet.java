package org.convzoo.models;

import static org.convzoo.graph.Window.k;
import static org.convzoo.models.Blocks.DOWN;
import static org.convzoo.models.Blocks.chain;

import java.util.List;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;
import org.convzoo.graph.Window;

/**
 * Inception-ResNet, Szegedy, Ioffe, Vanhoucke, Alemi 2016: residual units whose branches are Inception modules, scaled
 * down before they are added (section 3.3: by 0.1 to 0.3; the released code by 0.17, 0.10 and 0.20 in the three
 * stages). {@code inception_resnet_v2} is timm's form of the released network, which has more units than figure 15 and
 * a last one that is not scaled; {@code inception_resnet_v1} follows figures 10 to 15 with the same kind of last unit,
 * as its published weights have it, and version 2's names. Dropout is the paper's.
 */
final class InceptionResNet {
    private InceptionResNet() {}

    private static final Family FAMILY = new Family("Inception", 2016, "1602.07261")
            .usual(Task.imagenet(299))
            .option("scale", "a factor for every residual branch; 0.17, 0.10 and 0.20 in the three stages if absent");

    static final List<Architecture> VARIANTS = List.of(
            FAMILY.variant("inception_resnet_v1", InceptionResNet::version1),
            FAMILY.variant("inception_resnet_v2", InceptionResNet::version2));

    private static final Window ONE = k(1), THREE = k(3), VALID = k(3).pad(0);

    private static Value version1(Value image, int classes, Options options) {
        Value x = stem(image).in("conv2d_4b", conv(256, DOWN));
        x = repeat(x, "repeat", 5, inceptionA(options.number("scale", 0.17), 32, 32));
        x = x.in("mixed_6a", reductionA(192, 192, 256));
        x = repeat(x, "repeat_1", 10, inceptionB(options.number("scale", 0.10), 128, 128, 128));
        x = x.in("mixed_7a", reductionB(256, 256, 256));
        x = repeat(x, "repeat_2", 5, inceptionC(options.number("scale", 0.20), 192, 192));
        return head(x.in("block8", inceptionC(1, 192, 192)), classes);
    }

    private static Value version2(Value image, int classes, Options options) {
        Value x = stem(image).maxPool(DOWN);
        x = x.in("mixed_5b", mixed5b());
        x = repeat(x, "repeat", 10, inceptionA(options.number("scale", 0.17), 48, 64));
        x = x.in("mixed_6a", reductionA(256, 256, 384));
        x = repeat(x, "repeat_1", 20, inceptionB(options.number("scale", 0.10), 192, 160, 192));
        x = x.in("mixed_7a", reductionB(288, 288, 320));
        x = repeat(x, "repeat_2", 9, inceptionC(options.number("scale", 0.20), 224, 256));
        x = x.in("block8", inceptionC(1, 224, 256));
        return head(x.in("conv2d_7b", conv(1536, ONE)), classes);
    }

    private static Value stem(Value image) {
        Value x = image.with(Defaults.PYTORCH.norm(1e-3, 0.1));
        x = x.in("conv2d_1a", conv(32, DOWN));
        x = x.in("conv2d_2a", conv(32, VALID));
        x = x.in("conv2d_2b", conv(64, THREE)).maxPool(DOWN);
        x = x.in("conv2d_3b", conv(80, ONE));
        return x.in("conv2d_4a", conv(192, VALID));
    }

    private static Layer mixed5b() {
        return branches(
                conv(96, ONE),
                chain(conv(48, ONE), conv(64, k(5))),
                chain(conv(64, ONE), conv(96, THREE), conv(96, THREE)),
                chain(x -> x.avgPoolInside(THREE), conv(64, ONE)));
    }

    private static Value head(Value x, int classes) {
        return x.avgPoolTo(1).flatten().dropout(0.2).linear("classif", classes);
    }

    /** Figures 10 and 16. */
    private static Layer inceptionA(double scale, int second, int third) {
        return residual(
                scale,
                conv(32, ONE),
                chain(conv(32, ONE), conv(32, THREE)),
                chain(conv(32, ONE), conv(second, THREE), conv(third, THREE)));
    }

    /** Figure 7, with k, l and m of table 1; n is 384 in both versions. */
    private static Layer reductionA(int k, int l, int m) {
        return branches(conv(384, DOWN), chain(conv(k, ONE), conv(l, THREE), conv(m, DOWN)), x -> x.maxPool(DOWN));
    }

    /** Figures 11 and 17. */
    private static Layer inceptionB(double scale, int one, int row, int column) {
        return residual(scale, conv(one, ONE), chain(conv(128, ONE), conv(row, k(1, 7)), conv(column, k(7, 1))));
    }

    /** Figures 12 and 18. */
    private static Layer reductionB(int single, int first, int second) {
        return branches(
                chain(conv(256, ONE), conv(384, DOWN)),
                chain(conv(256, ONE), conv(single, DOWN)),
                chain(conv(256, ONE), conv(first, THREE), conv(second, DOWN)),
                x -> x.maxPool(DOWN));
    }

    /** Figures 13 and 19. */
    private static Layer inceptionC(double scale, int row, int column) {
        return residual(scale, conv(192, ONE), chain(conv(192, ONE), conv(row, k(1, 3)), conv(column, k(3, 1))));
    }

    private static Value repeat(Value x, String name, int n, Layer unit) {
        return x.repeat(name, n, (y, i) -> unit.apply(y).relu());
    }

    /** Branches, a linear convolution to the width of the input, a factor, and the sum. */
    private static Layer residual(double scale, Layer... layers) {
        return x -> {
            Value y = branches(layers).apply(x).conv("conv2d", x.channels(), ONE.withBias());
            return (scale == 1 ? y : y.multiply(scale)).add(x);
        };
    }

    private static Layer branches(Layer... layers) {
        return Blocks.branches(0, layers);
    }

    private static Layer conv(int out, Window window) {
        return Blocks.convBnRelu(out, window);
    }
}
