package org.convzoo.models;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.convzoo.failure.Near;

/** The catalogue of networks, in the order of their papers. A new family adds its list here. */
public final class Models {
    private static final List<Architecture> ALL = Stream.of(
                    LeNet.VARIANTS,
                    AlexNet.VARIANTS,
                    NiN.VARIANTS,
                    VGG.VARIANTS,
                    GoogLeNet.VARIANTS,
                    BNInception.VARIANTS,
                    InceptionV3.VARIANTS,
                    ResNet.VARIANTS,
                    InceptionV4.VARIANTS,
                    InceptionResNet.VARIANTS,
                    SqueezeNet.VARIANTS,
                    DenseNet.VARIANTS,
                    Xception.VARIANTS,
                    MobileNetV1.VARIANTS,
                    ShuffleNetV1.VARIANTS,
                    SENet.VARIANTS,
                    MobileNetV2.VARIANTS,
                    ShuffleNetV2.VARIANTS,
                    SKNet.VARIANTS,
                    Res2Net.VARIANTS,
                    MobileNetV3.VARIANTS,
                    EfficientNet.VARIANTS,
                    EfficientNetLite.VARIANTS,
                    ResNeSt.VARIANTS)
            .flatMap(List::stream)
            .toList();

    private Models() {}

    public static List<Architecture> all() {
        return ALL;
    }

    /** The network of that name. Throws {@link NoSuchElementException} that suggests the nearest names. */
    public static Architecture named(String name) {
        return ALL.stream().filter(a -> a.name().equals(name)).findFirst().orElseThrow(() -> {
            List<String> near =
                    Near.names(name, ALL.stream().map(Architecture::name).toList());
            return new NoSuchElementException(
                    "no network is named '" + name + "'; near are " + String.join(", ", near));
        });
    }
}
