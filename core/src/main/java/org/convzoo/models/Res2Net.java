package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import java.util.Map;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Value;

/**
 * Res2Net, Gao et al. 2019: inside a bottleneck the channels are split into {@code scale} parts of {@code width}, each
 * convolved after the result of the one before is added. timm's form: the first unit of a stage adds nothing and
 * averages its last part, and a branch's last scale starts at 0.
 */
final class Res2Net {
    private Res2Net() {}

    /** Table 3 and figure 5: width, scale, units in each stage. */
    static final List<Architecture> VARIANTS = List.of(
            variant("res2net50_26w_4s", 26, 4, 3, 4, 6, 3),
            variant("res2net50_26w_6s", 26, 6, 3, 4, 6, 3),
            variant("res2net50_26w_8s", 26, 8, 3, 4, 6, 3),
            variant("res2net50_48w_2s", 48, 2, 3, 4, 6, 3),
            variant("res2net50_14w_8s", 14, 8, 3, 4, 6, 3),
            variant("res2net101_26w_4s", 26, 4, 3, 4, 23, 3));

    private static Architecture variant(String name, int width, int scale, int... depths) {
        ResNet.Unit unit = (x, stage, stride) -> unit(x, stage, stride, width * stage / 64, scale);
        return new Architecture(
                name,
                "Res2Net",
                2019,
                "1904.01169",
                Task.imagenet(224),
                Map.of(),
                (classes, options) -> ResNet.network(ResNet.STEM, 64, unit, classes, depths));
    }

    /** Figure 2b. */
    private static Value unit(Value x, int stage, int stride, int width, int scale) {
        boolean first = stride != 1 || x.channels() != 4 * stage;
        Value y = x.conv("conv1", width * scale, 1).bn("bn1").relu();
        Value[] parts = new Value[scale];
        for (int i = 0; i < scale; i++) {
            Value part = y.slice(i * width, (i + 1) * width);
            if (i == scale - 1) parts[i] = first ? part.avgPool(k(3).stride(stride)) : part;
            else {
                part = first || i == 0 ? part : parts[i - 1].add(part);
                parts[i] =
                        part.conv("convs." + i, width, 3, stride).bn("bns." + i).relu();
            }
        }
        y = Value.concat(parts).conv("conv3", 4 * stage, 1).bn("bn3", Rule.ZERO);
        return ResNet.project(y, x, stride).relu();
    }
}
