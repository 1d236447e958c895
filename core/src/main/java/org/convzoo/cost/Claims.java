package org.convzoo.cost;

import static org.convzoo.cost.Claim.Relation.ABOUT;
import static org.convzoo.cost.Claim.Relation.EQUAL;
import static org.convzoo.cost.Claim.Relation.LESS;
import static org.convzoo.cost.Claim.Relation.MORE;
import static org.convzoo.graph.Window.k;

import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;

/** What the papers say about the size and the work of their networks, a row a claim. */
public final class Claims {
    private Claims() {}

    private static final String STRIDE = "ours strides in the 3x3 convolution of a bottleneck, as torchvision does, the"
            + " paper's in the 1x1 before it, which saves 0.23 G; it rounds the rest, 3.86 and 7.57, to 3.8 and 7.6";
    private static final String HALVES = "the paper's network is in two halves for two GPUs, whose second, fourth and"
            + " fifth convolutions see one half only; with those ours would have 724 M";
    private static final String TORCHVISION =
            "torchvision's network of that name counts as many as ours; the paper does not say what it counts";

    // spotless:off
    public static final List<Claim> ALL = List.of(
        // NiN
        claim("1312.4400", "elsewhere", "NiN: fewer parameters than AlexNet, by", EQUAL, "12 x", () -> parameters("alexnet") / parameters("nin"),
            "often said of NiN, but its paper counts no parameters; 12 x is what 1409.4842, section 1, says of GoogLeNet"),
        // VGG
        claim("1409.1556", "section 2.3", "two 3x3 see what a 5x5 sees", EQUAL, "5 px", () -> sees(two(k(3), k(3)))),
        claim("1409.1556", "section 2.3", "three 3x3 see what a 7x7 sees", EQUAL, "7 px", () -> sees(x -> two(k(3), k(3)).apply(x).conv("c", 64, 3))),
        claim("1409.1556", "section 2.3", "a 7x7 has more parameters than three 3x3, by", EQUAL, "81 %", () -> weights(one(k(7))) / weights(x -> two(k(3), k(3)).apply(x).conv("c", 64, 3)) - 1),
        parameters("1409.1556", "table 2", "vgg11", "133 M"),
        parameters("1409.1556", "table 2", "vgg13", "133 M"),
        parameters("1409.1556", "table 2", "vgg16", "138 M"),
        parameters("1409.1556", "table 2", "vgg19", "144 M"),
        // GoogLeNet
        claim("1409.4842", "section 1", "GoogLeNet: fewer parameters than AlexNet, by", EQUAL, "12 x", () -> parameters("alexnet") / parameters("googlenet"),
            "AlexNet's 60 M are 12 times the 5 M that 1512.00567, section 1, gives GoogLeNet, which has 7 M; 1704.04861, table 8, has 6.8 M"),
        macs("1409.4842", "section 1", "googlenet", "1.5 G",
            "the sum of table 1, whose first convolution has 84 M too few"),
        claim("1409.4842", "table 1", "MACs of the first convolution", EQUAL, "34 M", () -> work("googlenet", n -> n.path().equals("conv1.conv")),
            "7x7 kernels over 3 channels for 64 maps of 112x112 are 118 M"),
        claim("1409.4842", "table 1", "MACs of module 3a", EQUAL, "128 M", () -> work("googlenet", n -> n.path().startsWith("inception3a."))),
        // Inception v3
        claim("1512.00567", "section 3.1", "two 3x3 cost less than a 5x5, by", EQUAL, "28 %", () -> 1 - macs(two(k(3), k(3))) / macs(one(k(5)))),
        claim("1512.00567", "section 3.2", "a 3x1 and a 1x3 cost less than a 3x3, by", EQUAL, "33 %", () -> 1 - macs(two(k(3, 1), k(1, 3))) / macs(one(k(3)))),
        claim("1512.00567", "section 3.2", "a 3x1 and a 1x3 see what a 3x3 sees", EQUAL, "3 px", () -> sees(two(k(3, 1), k(1, 3)))),
        claim("1512.00567", "abstract", "inception_v3: parameters, less than", LESS, "25 M", () -> parameters("inception_v3")),
        claim("1512.00567", "abstract", "inception_v3: MACs", EQUAL, "5 G", () -> macs("inception_v3"),
            "1903.06586, table 2, has 5.73 G for this network, and 5.7 is nearer to 6"),
        // ResNet
        macs("1512.03385", "table 1", "resnet18", "1.8 G"),
        macs("1512.03385", "table 1", "resnet34", "3.6 G"),
        macs("1512.03385", "table 1", "resnet50", "3.8 G", STRIDE),
        macs("1512.03385", "table 1", "resnet101", "7.6 G", STRIDE),
        macs("1512.03385", "table 1", "resnet152", "11.3 G"),
        macs("1512.03385", "section 3.3", "vgg19", "19.6 G"),
        claim("1512.03385", "section 3.3", "ResNet-34 costs a part of VGG-19", EQUAL, "18 %", () -> macs("resnet34") / macs("vgg19"),
            "3.6 of 19.6 is 18.4 %, 3.66 of 19.63 is 18.7 %: the paper rounds down twice"),
        claim("1512.03385", "section 4.1", "ResNet-152 costs less than VGG-16", LESS, "1.0 x", () -> macs("resnet152") / macs("vgg16")),
        claim("1512.03385", "section 4.1", "ResNet-152 costs less than VGG-19", LESS, "1.0 x", () -> macs("resnet152") / macs("vgg19")),
        parameters("1512.03385", "table 6", "resnet20", "0.27 M"),
        parameters("1512.03385", "table 6", "resnet32", "0.46 M"),
        parameters("1512.03385", "table 6", "resnet44", "0.66 M"),
        parameters("1512.03385", "table 6", "resnet56", "0.85 M"),
        parameters("1512.03385", "table 6", "resnet110", "1.7 M"),
        // Wide ResNet
        parameters("1605.07146", "table 8", "wide_resnet50_2", "68.9 M"),
        parameters("1605.07146", "table 8", "resnet101", "44.5 M"),
        parameters("1605.07146", "table 8", "resnet152", "60.2 M"),
        // ResNeXt
        parameters("1611.05431", "table 1", "resnet50", "25.5 M"),
        parameters("1611.05431", "table 1", "resnext50_32x4d", "25.0 M"),
        macs("1611.05431", "table 1", "resnet50", "4.1 G"),
        macs("1611.05431", "table 1", "resnext50_32x4d", "4.2 G"),
        claim("1611.05431", "table 1", "ResNeXt-50 costs what ResNet-50 costs", ABOUT, "1.0 x", () -> macs("resnext50_32x4d") / macs("resnet50")),
        // SqueezeNet
        claim("1602.07360", "title", "SqueezeNet: fewer parameters than AlexNet, by", EQUAL, "50 x", () -> parameters("alexnet") / parameters("squeezenet1_0")),
        // DenseNet
        parameters("1608.06993", "table 2", "densenet_bc_100_12", "0.8 M"),
        parameters("1608.06993", "section 4.4", "densenet201", "20 M"),
        claim("1608.06993", "section 4.4", "resnet101: parameters, more than", MORE, "40 M", () -> parameters("resnet101")),
        // Xception
        parameters("1610.02357", "table 3", "xception", "22,855,952"),
        parameters("1610.02357", "table 3", "inception_v3", "23,626,728"),
        // MobileNet
        claim("1704.04861", "section 3.1", "separable to full 3x3, 512 channels: 1/512 + 1/9", EQUAL, "11.3 %", () -> macs(separable(512), 512, 14) / macs(full(512), 512, 14)),
        claim("1704.04861", "section 3.1", "separable 3x3 costs less, by more than", MORE, "8 x", () -> macs(full(512), 512, 14) / macs(separable(512), 512, 14)),
        claim("1704.04861", "section 3.1", "separable 3x3 costs less, by less than", LESS, "9 x", () -> macs(full(512), 512, 14) / macs(separable(512), 512, 14)),
        claim("1704.04861", "table 3", "MACs of a full layer", EQUAL, "462 M", () -> macs(full(512), 512, 14)),
        claim("1704.04861", "table 3", "MACs of a separable layer", EQUAL, "52.3 M", () -> macs(separable(512), 512, 14)),
        claim("1704.04861", "table 3", "the same at width 0.75", EQUAL, "29.6 M", () -> macs(separable(384), 384, 14)),
        claim("1704.04861", "table 3", "the same at width 0.75 and resolution 0.714", EQUAL, "15.1 M", () -> macs(separable(384), 384, 10)),
        claim("1704.04861", "table 2", "part of the work in 1x1 convolutions", EQUAL, "94.86 %", () -> share(n -> kernel(n, 1, false))),
        claim("1704.04861", "table 2", "part of the work in depthwise convolutions", EQUAL, "3.06 %", () -> share(n -> kernel(n, 3, true))),
        claim("1704.04861", "table 2", "part of the work in the full 3x3 convolution", EQUAL, "1.19 %", () -> share(n -> kernel(n, 3, false)),
            "the table's four parts add up to 99.29 %; with 1.91 % they make 100 %"),
        claim("1704.04861", "table 2", "part of the work in the classifier", EQUAL, "0.18 %", () -> share(n -> n.op() instanceof Op.Linear)),
        macs("1704.04861", "table 6", "mobilenet_v1", "569 M"),
        macs("1704.04861", "table 6", "mobilenet_v1 width=0.75", "325 M"),
        macs("1704.04861", "table 6", "mobilenet_v1 width=0.5", "149 M"),
        macs("1704.04861", "table 6", "mobilenet_v1 width=0.25", "41 M"),
        parameters("1704.04861", "table 6", "mobilenet_v1", "4.2 M"),
        parameters("1704.04861", "table 6", "mobilenet_v1 width=0.75", "2.6 M"),
        parameters("1704.04861", "table 6", "mobilenet_v1 width=0.5", "1.3 M"),
        parameters("1704.04861", "table 6", "mobilenet_v1 width=0.25", "0.5 M"),
        macs("1704.04861", "table 7", "mobilenet_v1 192", "418 M"),
        macs("1704.04861", "table 7", "mobilenet_v1 160", "290 M"),
        macs("1704.04861", "table 7", "mobilenet_v1 128", "186 M"),
        macs("1704.04861", "table 9", "mobilenet_v1 160 width=0.5", "76 M"),
        macs("1704.04861", "table 9", "squeezenet1_0", "1700 M",
            "twice 833 M, which 1707.01083, table 6, has for it: as if additions were counted apart"),
        // ShuffleNet
        macs("1707.01083", "table 1", "shufflenet_v1_g1", "143 M"),
        macs("1707.01083", "table 1", "shufflenet_v1_g2", "140 M"),
        macs("1707.01083", "table 1", "shufflenet_v1_g3", "137 M"),
        macs("1707.01083", "table 1", "shufflenet_v1_g4", "133 M"),
        macs("1707.01083", "table 1", "shufflenet_v1_g8", "137 M"),
        macs("1707.01083", "table 2", "shufflenet_v1_g1 width=0.5", "38 M"),
        macs("1707.01083", "table 5", "shufflenet_v1_g8", "140 M"),
        macs("1707.01083", "table 5", "shufflenet_v1_g3 width=1.5", "292 M",
            "the authors' code leaves the first convolution at 24 channels there and scales it at 0.5 and 2; so ours would have 292 M"),
        macs("1707.01083", "table 8", "shufflenet_v1_g3 width=0.5", "38 M"),
        macs("1707.01083", "table 8", "shufflenet_v1_g3", "140 M"),
        macs("1707.01083", "table 8", "shufflenet_v1_g3 width=2", "524 M"),
        macs("1707.01083", "table 6", "squeezenet1_0", "833 M"),
        macs("1707.01083", "table 6", "vgg16", "15300 M"),
        macs("1707.01083", "table 6", "alexnet", "720 M", HALVES),
        // SENet
        claim("1709.01507", "section 4", "SE-ResNet-50 has more parameters, by", EQUAL, "2.5 M", () -> parameters("seresnet50") - parameters("resnet50")),
        claim("1709.01507", "section 4", "SE-ResNet-50 has more parameters, by a part of", EQUAL, "10 %", () -> parameters("seresnet50") / parameters("resnet50") - 1),
        claim("1709.01507", "section 4", "SE-ResNet-50 costs more, by a part of", EQUAL, "0.26 %", () -> macs("seresnet50") / macs("resnet50") - 1,
            "0.26 % is the quotient of 3.87 and 3.86, which are rounded; pooling and scaling are no multiply-accumulates of ours"),
        claim("1709.01507", "table 2", "SE-ResNet-50 costs more, by a part of", LESS, "1 %", () -> macs("seresnet50") / macs("resnet50") - 1),
        macs("1709.01507", "table 2", "seresnext50_32x4d", "4.25 G"),
        macs("1709.01507", "table 2", "vgg16", "15.47 G"),
        macs("1709.01507", "table 2", "bninception", "2.03 G"),
        macs("1709.01507", "table 2", "bninception se=true", "2.04 G"),
        // MobileNet V2
        macs("1801.04381", "table 4", "mobilenet_v2", "300 M"),
        parameters("1801.04381", "table 4", "mobilenet_v2", "3.4 M",
            "TensorFlow's release says 3.47 M, which is ours without the 34 k of batch norm"),
        macs("1801.04381", "table 4", "mobilenet_v2 width=1.4", "585 M"),
        parameters("1801.04381", "table 4", "mobilenet_v2 width=1.4", "6.9 M", "TensorFlow's release says 6.06 M"),
        // ShuffleNet V2
        macs("1807.11164", "table 5", "shufflenet_v2_x0_5", "41 M"),
        macs("1807.11164", "table 5", "shufflenet_v2_x1_0", "146 M"),
        macs("1807.11164", "table 5", "shufflenet_v2_x1_5", "299 M"),
        macs("1807.11164", "table 5", "shufflenet_v2_x2_0", "591 M"),
        parameters("1807.11164", "table 5", "shufflenet_v2_x0_5", "1.4 M"),
        parameters("1807.11164", "table 5", "shufflenet_v2_x1_0", "2.3 M"),
        parameters("1807.11164", "table 5", "shufflenet_v2_x1_5", "3.5 M"),
        parameters("1807.11164", "table 5", "shufflenet_v2_x2_0", "7.4 M"),
        // SKNet
        parameters("1903.06586", "table 2", "skresnext50_32x4d", "27.5 M"),
        macs("1903.06586", "table 2", "skresnext50_32x4d", "4.47 G"),
        parameters("1903.06586", "table 2", "seresnext50_32x4d", "27.7 M"),
        macs("1903.06586", "table 2", "seresnext50_32x4d", "4.25 G"),
        parameters("1903.06586", "table 2", "resnext50_32x4d", "25.0 M"),
        macs("1903.06586", "table 2", "resnext50_32x4d", "4.24 G"),
        parameters("1903.06586", "table 2", "seresnext101_32x4d", "49.2 M"),
        macs("1903.06586", "table 2", "seresnext101_32x4d", "8.00 G"),
        parameters("1903.06586", "table 2", "inception_v3 aux=true", "27.1 M"),
        parameters("1903.06586", "table 2", "inception_v4", "42.0 M"),
        parameters("1903.06586", "table 2", "inception_resnet_v2", "55.0 M"),
        macs("1903.06586", "table 2", "inception_v3", "5.73 G"),
        macs("1903.06586", "table 2", "inception_v4", "12.31 G"),
        macs("1903.06586", "table 2", "inception_resnet_v2", "13.22 G"),
        // Res2Net
        macs("1904.01169", "table 3", "res2net50_48w_2s", "4.2 G"),
        macs("1904.01169", "table 3", "res2net50_26w_4s", "4.2 G"),
        macs("1904.01169", "table 3", "res2net50_14w_8s", "4.2 G"),
        macs("1904.01169", "table 3", "res2net50_26w_6s", "6.3 G"),
        macs("1904.01169", "table 3", "res2net50_26w_8s", "8.3 G"),
        // MobileNet V3
        macs("1905.02244", "table 3", "mobilenet_v3_large", "219 M"),
        parameters("1905.02244", "table 3", "mobilenet_v3_large", "5.4 M"),
        macs("1905.02244", "table 3", "mobilenet_v3_small", "56 M"),
        parameters("1905.02244", "table 3", "mobilenet_v3_small", "2.5 M"),
        // EfficientNet; table 2's networks at the paper's own sizes of image
        claim("1905.11946", "section 4", "α β² γ² with α 1.2, β 1.1, γ 1.15", ABOUT, "2 x", () -> 1.2 * 1.1 * 1.1 * 1.15 * 1.15),
        parameters("1905.11946", "table 2", "efficientnet_b0", "5.3 M"),
        parameters("1905.11946", "table 2", "efficientnet_b1", "7.8 M"),
        parameters("1905.11946", "table 2", "efficientnet_b2", "9.2 M"),
        parameters("1905.11946", "table 2", "efficientnet_b3", "12 M"),
        parameters("1905.11946", "table 2", "efficientnet_b4", "19 M"),
        parameters("1905.11946", "table 2", "efficientnet_b5", "30 M"),
        parameters("1905.11946", "table 2", "efficientnet_b6", "43 M"),
        parameters("1905.11946", "table 2", "efficientnet_b7", "66 M"),
        macs("1905.11946", "table 2", "efficientnet_b0 224", "0.39 G"),
        macs("1905.11946", "table 2", "efficientnet_b1 240", "0.70 G"),
        macs("1905.11946", "table 2", "efficientnet_b2 260", "1.0 G"),
        macs("1905.11946", "table 2", "efficientnet_b3 300", "1.8 G"),
        macs("1905.11946", "table 2", "efficientnet_b4 380", "4.2 G", TORCHVISION),
        macs("1905.11946", "table 2", "efficientnet_b5 456", "9.9 G", TORCHVISION),
        macs("1905.11946", "table 2", "efficientnet_b6 528", "19 G"),
        macs("1905.11946", "table 2", "efficientnet_b7 600", "37 G", TORCHVISION));
    // spotless:on

    // -- rows -------------------------------------------------------------------------------------

    private static Claim claim(
            String paper, String place, String text, Claim.Relation relation, String stated, DoubleSupplier count) {
        return new Claim(paper, place, text, relation, stated, count, "");
    }

    private static Claim claim(
            String paper,
            String place,
            String text,
            Claim.Relation relation,
            String stated,
            DoubleSupplier count,
            String why) {
        return new Claim(paper, place, text, relation, stated, count, why);
    }

    private static Claim parameters(String paper, String place, String network, String stated) {
        return parameters(paper, place, network, stated, "");
    }

    private static Claim parameters(String paper, String place, String network, String stated, String why) {
        return claim(paper, place, network + ": parameters", EQUAL, stated, () -> parameters(network), why);
    }

    private static Claim macs(String paper, String place, String network, String stated) {
        return macs(paper, place, network, stated, "");
    }

    private static Claim macs(String paper, String place, String network, String stated, String why) {
        return claim(paper, place, network + ": MACs", EQUAL, stated, () -> macs(network), why);
    }

    // -- counting ---------------------------------------------------------------------------------

    /** A network of the catalogue; its name may be followed by the size of the image and an option. */
    private static Graph graph(String network) {
        String[] words = network.split(" ");
        Architecture a = Models.named(words[0]);
        var task = a.usual();
        var options = Options.NONE;
        for (int i = 1; i < words.length; i++) {
            int at = words[i].indexOf('=');
            if (at > 0) options = Options.of(words[i].substring(0, at), words[i].substring(at + 1));
            else task = task.image(new Shape(3, Integer.parseInt(words[i]), Integer.parseInt(words[i])));
        }
        return a.graph(task, options);
    }

    private static double parameters(String network) {
        return graph(network).parameterCount();
    }

    private static double macs(String network) {
        return graph(network).macs();
    }

    private static double work(String network, Predicate<Node> of) {
        return graph(network).inferenceNodes().stream()
                .filter(of)
                .mapToLong(Node::macs)
                .sum();
    }

    private static double share(Predicate<Node> of) {
        return work("mobilenet_v1", of) / macs("mobilenet_v1");
    }

    private static boolean kernel(Node n, int size, boolean depthwise) {
        return n.op() instanceof Op.Conv c
                && c.w().kh() == size
                && c.isDepthwise(n.input().shape()) == depthwise;
    }

    // -- pieces of network ------------------------------------------------------------------------

    private static Layer one(Window w) {
        return x -> x.conv("a", x.channels(), w);
    }

    private static Layer two(Window a, Window b) {
        return x -> x.conv("a", x.channels(), a).conv("b", x.channels(), b);
    }

    private static Layer full(int out) {
        return x -> x.conv("full", out, 3);
    }

    private static Layer separable(int out) {
        return x -> x.depthwise("depthwise", 3, 1).conv("pointwise", out, 1);
    }

    private static Graph piece(Layer body, int channels, int size) {
        return Graph.of("piece", new Shape(channels, size, size), body);
    }

    private static double macs(Layer body) {
        return macs(body, 64, 16);
    }

    private static double macs(Layer body, int channels, int size) {
        return piece(body, channels, size).macs();
    }

    private static double weights(Layer body) {
        return piece(body, 64, 16).parameterCount();
    }

    private static double sees(Layer body) {
        return Cost.of(piece(body, 64, 16)).field().height();
    }
}
