package org.convzoo.models;

import static org.convzoo.models.Blocks.multipleOf;

import java.util.List;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Op.Activation;
import org.convzoo.graph.Value;

/**
 * EfficientNet, Tan, Le 2019: one small network found by search, scaled in width, depth and resolution together.
 * torchvision's form, whose published weights want the batch-norm epsilon and momentum of the table and symmetric
 * padding.
 */
final class EfficientNet {
    private EfficientNet() {}

    /** One row of table 1: expansion, kernel, stride, output channels, units. */
    record Stage(int expand, int kernel, int stride, int out, int units) {
        /** Section 3.3: width and depth grow together. */
        Stage scaled(double width, double depth) {
            return new Stage(expand, kernel, stride, multipleOf(8, out * width), (int) Math.ceil(units * depth));
        }
    }

    /** A unit of a stage: the first of one strides, and its branch is dropped with probability {@code dropPath}. */
    interface Unit {
        Value apply(Value x, Stage stage, int stride, double dropPath);
    }

    static final List<Stage> B0 = List.of(
            new Stage(1, 3, 1, 16, 1),
            new Stage(6, 3, 2, 24, 2),
            new Stage(6, 5, 2, 40, 2),
            new Stage(6, 3, 2, 80, 3),
            new Stage(6, 5, 1, 112, 3),
            new Stage(6, 5, 2, 192, 4),
            new Stage(6, 3, 1, 320, 1));

    /** The last row of table 1: channels before the classifier. */
    static final int HEAD = 1280;

    /** Squeeze-and-excitation has a quarter of a unit's input channels inside. */
    private static final int REDUCTION = 4;

    /** Stochastic depth: the rate at which branches are dropped grows in even steps from 0 towards this one. */
    private static final double DROP_PATH = 0.2;

    private static final Defaults TO_B4 =
            Defaults.PYTORCH.conv(Rule.KAIMING_FAN_OUT, Rule.ZERO).linear(Rule.UNIFORM_FAN_OUT, Rule.ZERO);
    private static final Defaults FROM_B5 = TO_B4.norm(1e-3, 0.01);

    static final Family FAMILY = new Family("EfficientNet", 2019, "1905.11946");

    /** Width and depth factors, image size, dropout. */
    static final List<Architecture> VARIANTS = List.of(
            variant("efficientnet_b0", 1.0, 1.0, 224, 0.2, TO_B4),
            variant("efficientnet_b1", 1.0, 1.1, 240, 0.2, TO_B4),
            variant("efficientnet_b2", 1.1, 1.2, 288, 0.3, TO_B4),
            variant("efficientnet_b3", 1.2, 1.4, 300, 0.3, TO_B4),
            variant("efficientnet_b4", 1.4, 1.8, 380, 0.4, TO_B4),
            variant("efficientnet_b5", 1.6, 2.2, 456, 0.4, FROM_B5),
            variant("efficientnet_b6", 1.8, 2.6, 528, 0.5, FROM_B5),
            variant("efficientnet_b7", 2.0, 3.1, 600, 0.5, FROM_B5));

    private static Architecture variant(
            String name, double width, double depth, int size, double dropout, Defaults defaults) {
        Family family = FAMILY.usual(Task.imagenet(size));
        return family.variant(
                name, (image, classes) -> efficientnet(image.with(defaults), classes, width, depth, dropout));
    }

    private static Value efficientnet(Value image, int classes, double width, double depth, double dropout) {
        List<Stage> stages = B0.stream().map(s -> s.scaled(width, depth)).toList();
        Value features = image.in("features", x -> {
            x = x.in(c -> c.conv(multipleOf(8, 32 * width), 3, 2).bn().silu());
            x = stages(x, stages, EfficientNet::mbconv);
            return x.in(c -> c.conv(multipleOf(8, HEAD * width), 1).bn().silu());
        });
        Value pooled = features.avgPoolTo(1).flatten();
        return pooled.in("classifier", x -> x.dropout(dropout).linear(classes));
    }

    /** Stages of units, each of which is dropped more often than the one before; the first never is. */
    static Value stages(Value x, List<Stage> stages, Unit unit) {
        int total = units(stages);
        for (int s = 0; s < stages.size(); s++) {
            Stage stage = stages.get(s);
            int earlier = units(stages.subList(0, s));
            x = x.repeat(stage.units, (y, i) -> {
                double dropPath = DROP_PATH * (earlier + i) / total;
                return unit.apply(y, stage, i == 0 ? stage.stride : 1, dropPath);
            });
        }
        return x;
    }

    private static int units(List<Stage> stages) {
        return stages.stream().mapToInt(Stage::units).sum();
    }

    /** Expand, depthwise, squeeze-and-excite, project; a residual, dropped at random, where the shape is kept. */
    private static Value mbconv(Value x, Stage s, int stride, double dropPath) {
        int in = x.channels();
        Value y = x.in("block", b -> {
            if (s.expand > 1) b = b.in(e -> e.conv(s.expand * in, 1).bn().silu());
            b = b.in(d -> d.depthwise(s.kernel, stride).bn().silu());
            b = b.in(Blocks.squeezeExcite(in / REDUCTION, Activation.SILU, Activation.SIGMOID));
            return b.in(p -> p.conv(s.out, 1).bn());
        });
        return stride == 1 && in == s.out ? y.dropPath(dropPath).add(x) : y;
    }
}
