package org.convzoo.models;

import static org.convzoo.graph.Value.concat;

import java.util.List;
import java.util.Map;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;

/** ShuffleNet V2, Ma et al. 2018, in torchvision's form. */
final class ShuffleNetV2 {
    private ShuffleNetV2() {}

    /** Table 5: output channels of stages 2 to 4 and of conv5. */
    static final List<Architecture> VARIANTS = List.of(
            variant("shufflenet_v2_x0_5", 48, 96, 192, 1024),
            variant("shufflenet_v2_x1_0", 116, 232, 464, 1024),
            variant("shufflenet_v2_x1_5", 176, 352, 704, 1024),
            variant("shufflenet_v2_x2_0", 244, 488, 976, 2048));

    private static Architecture variant(String name, int... widths) {
        return new Architecture(
                name,
                "ShuffleNetV2",
                2018,
                "1807.11164",
                Task.imagenet(224),
                Map.of(),
                (classes, options) -> shufflenet(classes, widths));
    }

    // spotless:off
    private static Layer shufflenet(int classes, int... widths) {
        return image -> image
                .in("conv1", x -> x.conv(24, 3, 2).bn().relu()).maxPool(3, 2)
                .stage("stage2", 4, 2, (x, stride) -> unit(x, widths[0], stride))
                .stage("stage3", 8, 2, (x, stride) -> unit(x, widths[1], stride))
                .stage("stage4", 4, 2, (x, stride) -> unit(x, widths[2], stride))
                .in("conv5", x -> x.conv(widths[3], 1).bn().relu())
                .avgPoolTo(1).flatten().linear("fc", classes);
    }

    /** Figure 3c, and with stride 2 figure 3d: half the channels pass by, or both halves are made from all of them. */
    private static Value unit(Value x, int out, int stride) {
        int half = out / 2;
        Value left = stride == 1
                ? x.slice(0, half)
                : x.in("branch1", b -> b.depthwise(3, stride).bn().conv(half, 1).bn().relu());
        Value right = (stride == 1 ? x.slice(half, out) : x)
                .in("branch2", b -> b.conv(half, 1).bn().relu()
                        .depthwise(3, stride).bn()
                        .conv(half, 1).bn().relu());
        return concat(left, right).shuffle(2);
    }
    // spotless:on
}
