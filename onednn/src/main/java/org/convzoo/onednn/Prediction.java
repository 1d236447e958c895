package org.convzoo.onednn;

import java.nio.FloatBuffer;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.tuning.Race;

/** A network ready for predictions of so many images of one shape at once. */
interface Prediction extends Race.Trial {
    int images();

    /** Of each image. */
    Shape image();

    /** Writes the logits of {@code images}, at most so many, to {@code into}, from place {@code from} on. */
    void logits(FloatBuffer images, float[] into, int from);
}
