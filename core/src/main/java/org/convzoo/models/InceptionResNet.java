package org.convzoo.models;

import static org.convzoo.graph.Window.k;
import static org.convzoo.models.Blocks.DOWN;
import static org.convzoo.models.Blocks.branches;
import static org.convzoo.models.Blocks.chain;

import java.util.List;
import java.util.Map;
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

    private static final Window ONE = k(1), THREE = k(3), VALID = k(3).pad(0);

    static final List<Architecture> VARIANTS = List.of(
            variant("inception_resnet_v1", InceptionResNet::version1),
            variant("inception_resnet_v2", InceptionResNet::version2));

    /** A version: from the image and the factor for all residual branches, or 0 for the usual ones, to features. */
    private interface Version {
        Value apply(Value image, double scale);
    }

    private static Architecture variant(String name, Version version) {
        return new Architecture(
                name,
                "Inception",
                2016,
                "1602.07261",
                Task.imagenet(299),
                Map.of(
                        "scale",
                        "a factor for every residual branch; 0.17, 0.10 and 0.20 in the three stages if absent"),
                (classes, options) ->
                        image -> version.apply(image.with(Defaults.PYTORCH.norm(1e-3, 0.1)), options.number("scale", 0))
                                .avgPoolTo(1)
                                .flatten()
                                .dropout(0.2)
                                .linear("classif", classes));
    }

    // spotless:off
    private static Value version1(Value image, double scale) {
        Layer c = chain(conv(192, ONE), conv(192, k(1, 3)), conv(192, k(3, 1)));
        return stem(image)
                .in("conv2d_4b", conv(256, DOWN))
                .repeat("repeat", 5, (x, i) -> residual(x, scale(scale, 0.17),
                        conv(32, ONE),
                        chain(conv(32, ONE), conv(32, THREE)),
                        chain(conv(32, ONE), conv(32, THREE), conv(32, THREE))).relu())
                .in("mixed_6a", branches(0,
                        conv(384, DOWN),
                        chain(conv(192, ONE), conv(192, THREE), conv(256, DOWN)),
                        x -> x.maxPool(DOWN)))
                .repeat("repeat_1", 10, (x, i) -> residual(x, scale(scale, 0.10),
                        conv(128, ONE),
                        chain(conv(128, ONE), conv(128, k(1, 7)), conv(128, k(7, 1)))).relu())
                .in("mixed_7a", branches(0,
                        chain(conv(256, ONE), conv(384, DOWN)),
                        chain(conv(256, ONE), conv(256, DOWN)),
                        chain(conv(256, ONE), conv(256, THREE), conv(256, DOWN)),
                        x -> x.maxPool(DOWN)))
                .repeat("repeat_2", 5, (x, i) -> residual(x, scale(scale, 0.20), conv(192, ONE), c).relu())
                .in("block8", x -> residual(x, 1, conv(192, ONE), c));
    }

    private static Value version2(Value image, double scale) {
        Layer c = chain(conv(192, ONE), conv(224, k(1, 3)), conv(256, k(3, 1)));
        return stem(image).maxPool(DOWN)
                .in("mixed_5b", branches(0,
                        conv(96, ONE),
                        chain(conv(48, ONE), conv(64, k(5))),
                        chain(conv(64, ONE), conv(96, THREE), conv(96, THREE)),
                        chain(x -> x.avgPoolInside(THREE), conv(64, ONE))))
                .repeat("repeat", 10, (x, i) -> residual(x, scale(scale, 0.17),
                        conv(32, ONE),
                        chain(conv(32, ONE), conv(32, THREE)),
                        chain(conv(32, ONE), conv(48, THREE), conv(64, THREE))).relu())
                .in("mixed_6a", branches(0,
                        conv(384, DOWN),
                        chain(conv(256, ONE), conv(256, THREE), conv(384, DOWN)),
                        x -> x.maxPool(DOWN)))
                .repeat("repeat_1", 20, (x, i) -> residual(x, scale(scale, 0.10),
                        conv(192, ONE),
                        chain(conv(128, ONE), conv(160, k(1, 7)), conv(192, k(7, 1)))).relu())
                .in("mixed_7a", branches(0,
                        chain(conv(256, ONE), conv(384, DOWN)),
                        chain(conv(256, ONE), conv(288, DOWN)),
                        chain(conv(256, ONE), conv(288, THREE), conv(320, DOWN)),
                        x -> x.maxPool(DOWN)))
                .repeat("repeat_2", 9, (x, i) -> residual(x, scale(scale, 0.20), conv(192, ONE), c).relu())
                .in("block8", x -> residual(x, 1, conv(192, ONE), c))
                .in("conv2d_7b", conv(1536, ONE));
    }

    private static Value stem(Value image) {
        return image.in("conv2d_1a", conv(32, DOWN))
                .in("conv2d_2a", conv(32, VALID))
                .in("conv2d_2b", conv(64, THREE))
                .maxPool(DOWN)
                .in("conv2d_3b", conv(80, ONE))
                .in("conv2d_4a", conv(192, VALID));
    }
    // spotless:on

    private static double scale(double given, double usual) {
        return given == 0 ? usual : given;
    }

    /** Branches, a linear convolution to the width of the input, a factor, the sum (figures 10 to 19). */
    private static Value residual(Value x, double scale, Layer... layers) {
        Value y = branches(0, layers).apply(x).conv("conv2d", x.channels(), ONE.withBias());
        return (scale == 1 ? y : y.multiply(scale)).add(x);
    }

    private static Layer conv(int out, Window window) {
        return Blocks.convBnRelu(out, window);
    }
}
