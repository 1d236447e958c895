package org.convzoo.models;

import static org.convzoo.graph.Value.concat;

import java.util.List;
import org.convzoo.graph.Value;

/** ShuffleNet V2, Ma et al. 2018, in torchvision's form. */
final class ShuffleNetV2 {
    private ShuffleNetV2() {}

    private static final Family FAMILY = new Family("ShuffleNetV2", 2018, "1807.11164");

    /** Table 5: output channels of stages 2 to 4 and of conv5. */
    static final List<Architecture> VARIANTS = List.of(
            variant("shufflenet_v2_x0_5", 48, 96, 192, 1024),
            variant("shufflenet_v2_x1_0", 116, 232, 464, 1024),
            variant("shufflenet_v2_x1_5", 176, 352, 704, 1024),
            variant("shufflenet_v2_x2_0", 244, 488, 976, 2048));

    private static Architecture variant(String name, int... widths) {
        return FAMILY.variant(name, (image, classes) -> shufflenet(image, classes, widths));
    }

    private static Value shufflenet(Value image, int classes, int... widths) {
        Value x = image.in("conv1", c -> c.conv(24, 3, 2).bn().relu()).maxPool(3, 2);
        x = x.stage("stage2", 4, 2, (y, stride) -> unit(y, widths[0], stride));
        x = x.stage("stage3", 8, 2, (y, stride) -> unit(y, widths[1], stride));
        x = x.stage("stage4", 4, 2, (y, stride) -> unit(y, widths[2], stride));
        x = x.in("conv5", c -> c.conv(widths[3], 1).bn().relu());
        return x.avgPoolTo(1).flatten().linear("fc", classes);
    }

    /** Figure 3c, and with stride 2 figure 3d: half the channels pass by, or both halves are made from all of them. */
    private static Value unit(Value x, int out, int stride) {
        int half = out / 2;
        Value left = stride == 1
                ? x.slice(0, half)
                : x.in("branch1", b -> {
                    b = b.depthwise(3, stride).bn();
                    return b.conv(half, 1).bn().relu();
                });
        Value right = stride == 1 ? x.slice(half, out) : x;
        right = right.in("branch2", b -> {
            b = b.conv(half, 1).bn().relu();
            b = b.depthwise(3, stride).bn();
            return b.conv(half, 1).bn().relu();
        });
        return concat(left, right).shuffle(2);
    }
}
