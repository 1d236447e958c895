package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.convzoo.graph.Defaults;
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

    /** A unit: from its input, the width of the stage (64, 128, 256, 512) and the stride. */
    @FunctionalInterface
    interface Unit {
        Value apply(Value x, int width, int stride);
    }

    /** The sum of a branch and its unit's input, which may have another width and size. */
    @FunctionalInterface
    interface Sum {
        Value apply(Value branch, Value x, int stride);
    }

    /** The end of a unit: how the scale of the branch's last batch norm starts, what follows it, and the sum. */
    record End(Rule scale, Layer attention, Sum sum) {
        Value apply(Value branch, Value x, int stride) {
            return sum.apply(attention.apply(branch), x, stride).relu();
        }
    }

    private static final String HE = "1512.03385", SE = "true: squeeze-and-excitation in every unit";
    static final Layer STEM = x -> x.conv("conv1", 64, 7, 2).bn("bn1").relu().maxPool(3, 2);
    // spotless:off
    private static final Layer SMALL_STEM = x -> x.conv("conv1", 16, 3).bn("bn1").relu();

    /** Table 1 of the paper, and of ResNeXt's: units in each stage. */
    static final List<Architecture> VARIANTS = List.of(
            residual("resnet18", "ResNet", 2015, HE, ResNet::basic, 2, 2, 2, 2),
            residual("resnet34", "ResNet", 2015, HE, ResNet::basic, 3, 4, 6, 3),
            residual("resnet50", "ResNet", 2015, HE, bottleneck(1, 64), 3, 4, 6, 3),
            residual("resnet101", "ResNet", 2015, HE, bottleneck(1, 64), 3, 4, 23, 3),
            residual("resnet152", "ResNet", 2015, HE, bottleneck(1, 64), 3, 8, 36, 3),
            plain("plain18", Task.imagenet(224), STEM, 64, 2, 2, 2, 2),
            plain("plain34", Task.imagenet(224), STEM, 64, 3, 4, 6, 3),
            // 6n + 2 layers
            small("resnet20", 3), small("resnet32", 5), small("resnet44", 7), small("resnet56", 9), small("resnet110", 18),
            plain("plain20", Task.cifar10(), SMALL_STEM, 16, 3, 3, 3),
            plain("plain32", Task.cifar10(), SMALL_STEM, 16, 5, 5, 5),
            plain("plain44", Task.cifar10(), SMALL_STEM, 16, 7, 7, 7),
            plain("plain56", Task.cifar10(), SMALL_STEM, 16, 9, 9, 9),
            residual("wide_resnet50_2", "Wide ResNet", 2016, "1605.07146", bottleneck(1, 128), 3, 4, 6, 3),
            residual("wide_resnet101_2", "Wide ResNet", 2016, "1605.07146", bottleneck(1, 128), 3, 4, 23, 3),
            residual("resnext50_32x4d", "ResNeXt", 2016, "1611.05431", bottleneck(32, 4), 3, 4, 6, 3),
            residual("resnext101_32x8d", "ResNeXt", 2016, "1611.05431", bottleneck(32, 8), 3, 4, 23, 3),
            residual("resnext101_64x4d", "ResNeXt", 2016, "1611.05431", bottleneck(64, 4), 3, 4, 23, 3));

    private static Architecture residual(
            String name, String family, int year, String paper, Function<End, Unit> unit, int... depths) {
        return new Architecture(name, family, year, paper, Task.imagenet(224), Map.of("se", SE), (classes, options) ->
                network(STEM, 64, unit.apply(end(options, ResNet::project)), classes, depths));
    }

    private static Architecture small(String name, int n) {
        Map<String, String> help = Map.of("se", SE, "shortcut", "A: zeros for new channels; B: projections");
        return new Architecture(name, "ResNet", 2015, HE, Task.cifar10(), help, (classes, options) -> {
            Sum sum = options.choice("shortcut", "A", "B").equals("A") ? ResNet::pad : ResNet::project;
            return network(SMALL_STEM, 16, basic(end(options, sum)), classes, n, n, n);
        });
    }

    private static Architecture plain(String name, Task task, Layer stem, int width, int... depths) {
        Unit unit = basic(new End(Rule.ONE, x -> x, (branch, x, stride) -> branch));
        return new Architecture(name, "Plain", 2015, HE, task, Map.of(), (classes, options) ->
                network(stem, width, unit, classes, depths));
    }
    // spotless:on

    private static End end(Options options, Sum sum) {
        return new End(Rule.ONE, options.flag("se") ? ResNet::squeezeExcite : x -> x, sum);
    }

    /** Stages of units, each after the first at half the size and twice the width, and a linear classifier. */
    static Layer network(Layer stem, int width, Unit unit, int classes, int... depths) {
        return image -> {
            Value x = stem.apply(image.with(Defaults.PYTORCH.conv(Rule.KAIMING_FAN_OUT, Rule.UNIFORM_FAN_IN)));
            for (int i = 0; i < depths.length; i++) {
                int stageWidth = width << i;
                x = x.stage(
                        "layer" + (i + 1), depths[i], i == 0 ? 1 : 2, (y, stride) -> unit.apply(y, stageWidth, stride));
            }
            return x.avgPoolTo(1).flatten().linear("fc", classes);
        };
    }

    // spotless:off
    /** Figure 5, left. */
    static Unit basic(End end) {
        return (x, width, stride) -> end.apply(
                x.conv("conv1", width, 3, stride).bn("bn1").relu()
                        .conv("conv2", width, 3).bn("bn2", end.scale),
                x, stride);
    }

    /** Figure 5, right, with {@code groups} x {@code base} channels inside at the stage of width 64. */
    static Function<End, Unit> bottleneck(int groups, int base) {
        return end -> (x, width, stride) -> {
            int inner = groups * (base * width / 64);
            return end.apply(
                    x.conv("conv1", inner, 1).bn("bn1").relu()
                            .conv("conv2", inner, k(3).stride(stride).groups(groups)).bn("bn2").relu()
                            .conv("conv3", 4 * width, 1).bn("bn3", end.scale),
                    x, stride);
        };
    }
    // spotless:on

    /** A sixteenth of the channels inside, in timm's rounding to multiples of 8. */
    static Value squeezeExcite(Value x) {
        int squeeze = Math.max(8, (x.channels() / 16 + 4) / 8 * 8);
        return x.in("se", Blocks.squeezeExcite(squeeze, Activation.RELU, Activation.SIGMOID));
    }

    /** Shortcuts that change the shape are projections (option B of section 4.1). */
    static Value project(Value branch, Value x, int stride) {
        boolean same = stride == 1 && x.channels() == branch.channels();
        return branch.add(
                same
                        ? x
                        : x.in("downsample", d -> d.conv(branch.channels(), 1, stride)
                                .bn()));
    }

    /** Shortcuts take every second place and new channels are zero (option A). */
    private static Value pad(Value branch, Value x, int stride) {
        Value y = stride == 1 ? x : x.maxPool(1, stride);
        return branch.add(branch.channels() == x.channels() ? y : y.padChannels(branch.channels()));
    }
}
