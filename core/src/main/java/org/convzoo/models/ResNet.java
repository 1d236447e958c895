package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Filters;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Op.Activation;
import org.convzoo.graph.Value;

/**
 * Deep residual networks, He et al. 2015, and their wide (Zagoruyko, Komodakis 2016) and grouped (Xie et al. 2016)
 * relatives, in torchvision's form: a bottleneck strides in its 3x3 convolution ("v1.5"), where the paper's strides in
 * the first 1x1. The networks for 32x32 images (section 4.2) and the plain ones, which only lack the shortcuts, keep
 * the names. Option {@code se} puts squeeze-and-excitation before the sum (Hu et al. 2017, figure 3).
 */
final class ResNet {
    private ResNet() {}

    /** A unit, or its branch F: from the input, the width of the stage (64, 128, 256, 512) and the stride. */
    interface Unit {
        Value apply(Value x, int width, int stride);
    }

    /** A unit's input as it is added to the branch: with {@code out} channels, at every {@code stride}th place. */
    interface Shortcut {
        Value apply(Value x, int out, int stride);
    }

    private static final String SE = "true: squeeze-and-excitation in every unit";
    private static final Family RESNET = new Family("ResNet", 2015, "1512.03385").option("se", SE);
    private static final Family RESNET_32 =
            RESNET.usual(Task.cifar10()).option("shortcut", "A: zeros for new channels; B: projections");
    private static final Family PLAIN = new Family("Plain", 2015, RESNET.paper());
    private static final Family PLAIN_32 = PLAIN.usual(Task.cifar10());
    private static final Family WIDE = new Family("Wide ResNet", 2016, "1605.07146").option("se", SE);
    private static final Family RESNEXT = new Family("ResNeXt", 2016, "1611.05431").option("se", SE);

    static final Layer STEM = x -> x.conv("conv1", 64, 7, 2).bn("bn1").relu().maxPool(3, 2);
    private static final Layer STEM_32 = x -> x.conv("conv1", 16, 3).bn("bn1").relu();
    private static final Unit BASIC = basic(Rule.ONE);

    /** Table 1 of the paper, and of ResNeXt's: units in each stage; section 4.2: n units in each, 6n + 2 layers. */
    static final List<Architecture> VARIANTS = List.of(
            residual(RESNET, "resnet18", BASIC, 2, 2, 2, 2),
            residual(RESNET, "resnet34", BASIC, 3, 4, 6, 3),
            residual(RESNET, "resnet50", bottleneck(1, 64, Rule.ONE), 3, 4, 6, 3),
            residual(RESNET, "resnet101", bottleneck(1, 64, Rule.ONE), 3, 4, 23, 3),
            residual(RESNET, "resnet152", bottleneck(1, 64, Rule.ONE), 3, 8, 36, 3),
            plain(PLAIN, "plain18", STEM, 64, 2, 2, 2, 2),
            plain(PLAIN, "plain34", STEM, 64, 3, 4, 6, 3),
            residual32("resnet20", 3),
            residual32("resnet32", 5),
            residual32("resnet44", 7),
            residual32("resnet56", 9),
            residual32("resnet110", 18),
            plain(PLAIN_32, "plain20", STEM_32, 16, 3, 3, 3),
            plain(PLAIN_32, "plain32", STEM_32, 16, 5, 5, 5),
            plain(PLAIN_32, "plain44", STEM_32, 16, 7, 7, 7),
            plain(PLAIN_32, "plain56", STEM_32, 16, 9, 9, 9),
            residual(WIDE, "wide_resnet50_2", bottleneck(1, 128, Rule.ONE), 3, 4, 6, 3),
            residual(WIDE, "wide_resnet101_2", bottleneck(1, 128, Rule.ONE), 3, 4, 23, 3),
            residual(RESNEXT, "resnext50_32x4d", bottleneck(32, 4, Rule.ONE), 3, 4, 6, 3),
            residual(RESNEXT, "resnext101_32x8d", bottleneck(32, 8, Rule.ONE), 3, 4, 23, 3),
            residual(RESNEXT, "resnext101_64x4d", bottleneck(64, 4, Rule.ONE), 3, 4, 23, 3));

    private static Architecture residual(Family family, String name, Unit f, int... depths) {
        return family.variant(name, (image, classes, options) -> {
            Unit unit = residual(options.flag("se") ? squeezeExcite(f) : f, ResNet::project);
            return network(image, classes, STEM, 64, unit, depths);
        });
    }

    private static Architecture residual32(String name, int n) {
        return RESNET_32.variant(name, (image, classes, options) -> {
            Shortcut shortcut = options.choice("shortcut", "A", "B").equals("A") ? ResNet::pad : ResNet::project;
            Unit unit = residual(options.flag("se") ? squeezeExcite(BASIC) : BASIC, shortcut);
            return network(image, classes, STEM_32, 16, unit, n, n, n);
        });
    }

    private static Architecture plain(Family family, String name, Layer stem, int width, int... depths) {
        Unit unit = (x, w, stride) -> BASIC.apply(x, w, stride).relu();
        return family.variant(name, (image, classes) -> network(image, classes, stem, width, unit, depths));
    }

    /** A stem, stages of units, and a linear classifier. */
    static Value network(Value image, int classes, Layer stem, int width, Unit unit, int... depths) {
        Value x = stem.apply(image.with(Defaults.PYTORCH.conv(Rule.KAIMING_FAN_OUT, Rule.UNIFORM_FAN_IN)));
        return stages(x, width, unit, depths).avgPoolTo(1).flatten().linear("fc", classes);
    }

    /** Stages of units, each after the first at half the size and twice the width. */
    static Value stages(Value x, int width, Unit unit, int... depths) {
        for (int i = 0; i < depths.length; i++) {
            int w = width << i, first = i == 0 ? 1 : 2;
            x = x.stage("layer" + (i + 1), depths[i], first, (y, stride) -> unit.apply(y, w, stride));
        }
        return x;
    }

    /** Figure 2 and equation 2: F(x) + x. */
    static Unit residual(Unit f, Shortcut shortcut) {
        return (x, width, stride) -> {
            Value y = f.apply(x, width, stride);
            return y.add(shortcut.apply(x, y.channels(), stride)).relu();
        };
    }

    /** F of figure 5, left; the scale of its last batch norm starts by {@code last}. */
    static Unit basic(Rule last) {
        return (x, width, stride) -> {
            x = x.conv("conv1", width, 3, stride).bn("bn1").relu();
            return x.conv("conv2", width, 3).bn("bn2", last);
        };
    }

    /** F of figure 5, right, with {@code groups} x {@code base} channels inside at the stage of width 64. */
    static Unit bottleneck(int groups, int base, Rule last) {
        return (x, width, stride) -> {
            int inner = groups * (base * width / 64);
            Filters grouped = k(3).stride(stride).groups(groups);
            x = x.conv("conv1", inner, 1).bn("bn1").relu();
            x = x.conv("conv2", inner, grouped).bn("bn2").relu();
            return x.conv("conv3", 4 * width, 1).bn("bn3", last);
        };
    }

    /** F with its channels weighed: a sixteenth of them inside, in timm's rounding to multiples of 8. */
    static Unit squeezeExcite(Unit f) {
        return (x, width, stride) -> {
            Value y = f.apply(x, width, stride);
            int squeeze = Math.max(8, (y.channels() / 16 + 4) / 8 * 8);
            return y.in("se", Blocks.squeezeExcite(squeeze, Activation.RELU, Activation.SIGMOID));
        };
    }

    /** The input as it is, or projected where the shape changes (option B of section 4.1). */
    static Value project(Value x, int out, int stride) {
        if (stride == 1 && x.channels() == out) return x;
        return x.in("downsample", d -> d.conv(out, 1, stride).bn());
    }

    /** The input at every second place where the size changes, with zeros as new channels (option A). */
    private static Value pad(Value x, int out, int stride) {
        if (stride != 1) x = x.maxPool(1, stride);
        return x.channels() == out ? x : x.padChannels(out);
    }
}
