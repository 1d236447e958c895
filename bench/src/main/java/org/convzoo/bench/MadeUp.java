package org.convzoo.bench;

import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.convzoo.engine.Batch;
import org.convzoo.graph.Shape;

/** Images of noise, always the same. */
final class MadeUp {
    private MadeUp() {}

    static Batch batch(Shape image, int size, int classes) {
        FloatBuffer images = Batch.buffer(size * image.elements());
        var random = new SplittableRandom(1);
        while (images.hasRemaining()) images.put((float) (2 * random.nextDouble() - 1));
        int[] labels = new int[size];
        for (int n = 0; n < size; n++) labels[n] = n % classes;
        return Batch.labelled(images.flip(), classes, labels);
    }
}
