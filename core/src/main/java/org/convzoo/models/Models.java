package org.convzoo.models;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
            String word = name.toLowerCase(Locale.ROOT).replace('-', '_');
            String near = ALL.stream()
                    .map(Architecture::name)
                    .sorted(Comparator.comparing((String n) -> !n.startsWith(word))
                            .thenComparing(n -> distance(word, n)))
                    .limit(3)
                    .collect(Collectors.joining(", "));
            return new NoSuchElementException("no network is named '" + name + "'; near are " + near);
        });
    }

    /** Edits (insert, delete, replace) between two words. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
