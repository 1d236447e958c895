package org.convzoo.pretrained;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;

/** Where published weights are kept on this machine. */
public final class WeightsStore {
    private WeightsStore() {}

    public static WeightsStore usual() {
        return new WeightsStore();
    }

    /** The weights with all that goes with them. */
    public Pretrained open(Published published) {
        return new Pretrained(
                published.network(),
                embedded(published.file()),
                published.transform(),
                ImageNet.LABELS,
                published.origin(),
                published.licence());
    }

    private static Weights embedded(String file) {
        try (InputStream in = Objects.requireNonNull(WeightsStore.class.getResourceAsStream("squeezenet/" + file))) {
            return SafeTensors.read(in.readAllBytes(), file).weights();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
