package org.convzoo.view;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.convzoo.train.EventFile;
import org.convzoo.train.RunReport;

/** Adds the confusion matrix of the test, and pictures that were mistaken, to what TensorBoard shows of a run. */
public final class BoardReport implements RunReport {
    /** Throws {@link IOException} also where Java finds no fonts to write with. */
    @Override
    public void write(Ended run) throws IOException {
        new EventFile(run.run().path(), run.history()).add(pictures(run));
    }

    private static Map<String, BufferedImage> pictures(Ended run) throws IOException {
        Map<String, BufferedImage> pictures = new LinkedHashMap<>();
        var mistakes = new MistakesImage(run.evaluation(), run.splits().test());
        try {
            pictures.put("test/confusion", new ConfusionImage(run.evaluation()).image());
            if (!mistakes.isEmpty()) pictures.put("test/mistakes", mistakes.image());
        } catch (RuntimeException | Error e) {
            Throwable root = e;
            for (Throwable cause = e; cause != null; cause = cause.getCause()) root = cause;
            throw new IOException(
                    "pictures for TensorBoard cannot be drawn, which takes fonts: " + root.getMessage(), e);
        }
        return pictures;
    }
}
