package org.convzoo.models;

import static org.convzoo.graph.Value.concat;
import static org.convzoo.graph.Window.k;

import java.util.List;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Value;

/**
 * Res2Net, Gao et al. 2019: inside a bottleneck the channels are split into {@code scale} parts of {@code width}, each
 * convolved after the result of the one before is added. timm's form: the first unit of a stage adds nothing and
 * averages its last part, and a branch's last scale starts at 0.
 */
final class Res2Net {
    private Res2Net() {}

    private static final Family FAMILY = new Family("Res2Net", 2019, "1904.01169");

    /** Table 3 and figure 5: width, scale, units in each stage. */
    static final List<Architecture> VARIANTS = List.of(
            variant("res2net50_26w_4s", 26, 4, 3, 4, 6, 3),
            variant("res2net50_26w_6s", 26, 6, 3, 4, 6, 3),
            variant("res2net50_26w_8s", 26, 8, 3, 4, 6, 3),
            variant("res2net50_48w_2s", 48, 2, 3, 4, 6, 3),
            variant("res2net50_14w_8s", 14, 8, 3, 4, 6, 3),
            variant("res2net101_26w_4s", 26, 4, 3, 4, 23, 3));

    private static Architecture variant(String name, int width, int scale, int... depths) {
        ResNet.Unit unit = ResNet.residual(branch(width, scale), ResNet::project);
        return FAMILY.variant(name, (image, classes) -> ResNet.network(image, classes, ResNet.STEM, 64, unit, depths));
    }

    /** Figure 2b. */
    private static ResNet.Unit branch(int base, int scale) {
        return (x, stage, stride) -> {
            int width = base * stage / 64;
            boolean first = stride != 1 || x.channels() != 4 * stage;
            Value y = x.conv("conv1", width * scale, 1).bn("bn1").relu();
            Value[] parts = new Value[scale];
            for (int i = 0; i < scale - 1; i++) {
                Value part = y.slice(i * width, (i + 1) * width);
                if (i > 0 && !first) part = parts[i - 1].add(part);
                part = part.conv("convs." + i, width, 3, stride);
                parts[i] = part.bn("bns." + i).relu();
            }
            Value part = y.slice((scale - 1) * width, scale * width);
            parts[scale - 1] = first ? part.avgPool(k(3).stride(stride)) : part;
            return concat(parts).conv("conv3", 4 * stage, 1).bn("bn3", Rule.ZERO);
        };
    }
}
