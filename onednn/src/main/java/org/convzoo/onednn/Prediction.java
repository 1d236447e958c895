package org.convzoo.onednn;

import java.nio.FloatBuffer;

/** A network ready for predictions of so many images at once. */
interface Prediction extends Race.Trial {
    int images();

    /** Writes the logits of {@code images}, at most so many, to {@code into}, from place {@code from} on. */
    void logits(FloatBuffer images, float[] into, int from);
}
