package org.convzoo.onednn;

import java.nio.FloatBuffer;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.tuning.Race;

/** A network ready for predictions of some number of images of one shape at once. */
interface Prediction extends Race.Trial {
    /** How many images it predicts at once, at most. */
    int images();

    /** The shape of each image. */
    Shape image();

    /**
     * Writes the logits of {@code images}, at most {@link #images()} of them, to {@code into} from place {@code from}
     * on.
     */
    void logits(FloatBuffer images, float[] into, int from);
}
