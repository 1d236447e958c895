package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import java.util.stream.Stream;
import org.convzoo.graph.Filters;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;

/**
 * ResNeSt, Zhang et al. 2020: in each of {@code cardinality} groups, {@code radix} splits of the channels are weighed
 * against each other. timm's form, with three 3x3 convolutions as the stem, average pooling where a unit strides, and a
 * branch's last scale that starts at 0.
 *
 * @param radix splits in a group
 * @param cardinality groups
 * @param base channels of a group at the stage of width 64
 * @param poolFirst whether a strided unit pools before its 3x3 convolution instead of after
 */
record ResNeSt(int radix, int cardinality, int base, boolean poolFirst) {
    private static final Family FAMILY = new Family("ResNeSt", 2020, "2004.08955");
    private static final ResNeSt USUAL = new ResNeSt(2, 1, 64, false);

    /** Image size, width of the stem, units in each stage. */
    static final List<Architecture> VARIANTS = List.of(
            variant("resnest14d", USUAL, 224, 32, 1, 1, 1, 1),
            variant("resnest26d", USUAL, 224, 32, 2, 2, 2, 2),
            variant("resnest50d", USUAL, 224, 32, 3, 4, 6, 3),
            variant("resnest101e", USUAL, 256, 64, 3, 4, 23, 3),
            variant("resnest200e", USUAL, 320, 64, 3, 24, 36, 3),
            variant("resnest269e", USUAL, 416, 64, 3, 30, 48, 8),
            variant("resnest50d_1s4x24d", new ResNeSt(1, 4, 24, true), 224, 32, 3, 4, 6, 3),
            variant("resnest50d_4s2x40d", new ResNeSt(4, 2, 40, true), 224, 32, 3, 4, 6, 3));

    private static Architecture variant(String name, ResNeSt form, int size, int stem, int... depths) {
        ResNet.Unit unit = ResNet.residual(form::branch, ResNeSt::shortcut);
        Family family = FAMILY.usual(Task.imagenet(size));
        return family.variant(name, (image, classes) -> ResNet.network(image, classes, stem(stem), 64, unit, depths));
    }

    private static Layer stem(int width) {
        return image -> {
            Value x = image.in("conv1", s -> {
                s = s.conv(width, 3, 2).bn().relu();
                s = s.conv(width, 3).bn().relu();
                return s.conv(2 * width, 3);
            });
            return x.bn("bn1").relu().maxPool(3, 2);
        };
    }

    private Value branch(Value x, int width, int stride) {
        int inner = cardinality * (base * width / 64);
        Layer pool = y -> stride == 1 ? y : y.avgPool(k(3).stride(stride));
        Value y = x.conv("conv1", inner, 1).bn("bn1").relu();
        y = (poolFirst ? pool.apply(y) : y).in("conv2", this::splitAttention);
        return (poolFirst ? y : pool.apply(y)).conv("conv3", 4 * width, 1).bn("bn3", Rule.ZERO);
    }

    private static Value shortcut(Value x, int out, int stride) {
        if (stride == 1 && x.channels() == out) return x;
        Layer pool = d -> stride == 1 ? d : d.avgPoolInside(k(2).stride(stride).ceilMode());
        return x.in("downsample", d -> d.in(pool).conv(out, 1).bn());
    }

    /** Figure 2: the splits' sum squeezed into gates, and the splits' sum as the gates weigh them. */
    private Value splitAttention(Value x) {
        int c = x.channels(), inner = Math.max(32, Blocks.multipleOf(8, c * radix / 4.0));
        Filters split = k(3).groups(cardinality * radix);
        Value y = x.conv("conv", c * radix, split).bn("bn0").relu();
        Value[] splits = new Value[radix];
        for (int r = 0; r < radix; r++) splits[r] = radix == 1 ? y : y.slice(r * c, (r + 1) * c);
        Filters grouped = k(1).groups(cardinality).withBias();
        Value gates = sum(splits).avgPoolTo(1);
        gates = gates.conv("fc1", inner, grouped).bn("bn1").relu();
        gates = gates.conv("fc2", c * radix, grouped);
        if (radix == 1) return y.scale(gates.sigmoid());

        // The gates are ordered by group, then by split; the splits hold a part of every group.
        int part = c / cardinality;
        Value[][] gate = new Value[radix][cardinality];
        for (int g = 0; g < cardinality; g++) {
            Value group = cardinality == 1 ? gates : gates.slice(g * radix * part, (g + 1) * radix * part);
            group = group.softmax(radix);
            for (int r = 0; r < radix; r++) gate[r][g] = group.slice(r * part, (r + 1) * part);
        }
        for (int r = 0; r < radix; r++) splits[r] = splits[r].scale(Value.concat(gate[r]));
        return sum(splits);
    }

    private static Value sum(Value... values) {
        return Stream.of(values).reduce(Value::add).orElseThrow();
    }
}
