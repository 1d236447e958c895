package org.convzoo.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.convzoo.cost.Guideline.G1;
import static org.convzoo.cost.Guideline.G2;
import static org.convzoo.cost.Guideline.G3;
import static org.convzoo.cost.Guideline.G4;
import static org.convzoo.graph.Window.k;

import java.util.List;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Value;
import org.convzoo.models.Models;
import org.junit.jupiter.api.Test;

class HintTest {
    private static List<Hint> hints(Layer body) {
        return Hint.of(Cost.of(Graph.of("net", new Shape(16, 8, 8), body)));
    }

    private static List<Guideline> broken(String network) {
        return Hint.of(Cost.of(Models.named(network).graph())).stream()
                .map(Hint::guideline)
                .distinct()
                .sorted()
                .toList();
    }

    @Test
    void unequalWidthsMoveMore() {
        // 64 places, 16 -> 64: 64 x 80 + 1024 = 6144 elements; equal widths of 32 do the same in 64 x 64 + 1024 = 5120
        assertThat(hints(x -> x.conv("conv", 64, 1)))
                .containsExactly(new Hint(G1, "conv", "16 -> 64 channels move 1.20 times the bytes of equal widths"));
        assertThat(hints(x -> x.conv("conv", 32, 1))).isEmpty();
        assertThat(hints(x -> x.conv("conv", 64, 3))).isEmpty();
    }

    @Test
    void groupsMoveMore() {
        // 4 groups: 64 x 16 in, 64 x 16 out, 16 x 4 weights = 2112; as much work whole: 4 channels out, 1344
        assertThat(hints(x -> x.conv("conv", 16, k(1).groups(4))))
                .containsExactly(new Hint(G2, "conv", "4 groups move 1.57 times the bytes of one with the same work"));
        assertThat(hints(x -> x.conv("conv", 16, 1))).isEmpty();
    }

    @Test
    void branchesAreFragments() {
        Layer three = x -> Value.concat(
                x.conv("a", 16, 1),
                x.conv("b", 16, 1).conv("b2", 16, 3),
                x.maxPool(3, 1).conv("c", 16, 1));
        assertThat(hints(three)).containsExactly(new Hint(G3, "1", "joins 3 branches of 5 convolutions and poolings"));

        // a shortcut does no work, and dense connections run one after another
        assertThat(hints(x -> x.conv("a", 16, 3).conv("b", 16, 3).add(x))).isEmpty();
        Layer dense = x -> {
            for (int i = 0; i < 4; i++) x = Value.concat(x, x.conv("conv" + i, 16, 3));
            return x;
        };
        assertThat(hints(dense)).isEmpty();
    }

    @Test
    void elementWiseOperationsMoveBytes() {
        assertThat(hints(x -> x.conv("conv", 16, 3).relu().add(x)))
                .extracting(Hint::guideline)
                .containsExactly(G4);
        assertThat(hints(x -> x.conv("conv", 16, 3).bn("bn").conv("conv2", 16, 3)))
                .isEmpty();
    }

    /**
     * Section 2, after G4: ShuffleNet V1's groups break G2 and its bottlenecks G1, MobileNet V2's inverted bottlenecks
     * G1 and its depthwise convolutions and ReLUs on wide maps G4; V2 of ShuffleNet was made to keep all.
     */
    @Test
    void thePapersOwnJudgements() {
        assertThat(broken("shufflenet_v1_g3")).contains(G1, G2);
        assertThat(broken("mobilenet_v2")).containsExactly(G1, G4);
        assertThat(broken("shufflenet_v2_x1_0")).doesNotContain(G2, G3, G4);
        assertThat(broken("inception_v3")).contains(G3);
        assertThat(broken("resnext50_32x4d")).contains(G2);
        assertThat(broken("resnet18")).isEmpty();
        assertThat(broken("vgg16")).isEmpty();
    }
}
