package org.convzoo.train;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.classify.Model;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.tensorboard.EventLog;

/**
 * What TensorBoard shows of a run: its network, what it was trained with, its scalars and pictures. The file's name is the
 * time of the run's first epoch.
 */
public final class EventFile {
    static final String PREFIX = "events.out.tfevents.";

    private final Path file;
    private final EpochMetrics first, last;

    /**
     * @param run the directory
     * @param history the epochs so far; at least one
     */
    public EventFile(Path run, List<EpochMetrics> history) {
        first = history.get(0);
        last = history.get(history.size() - 1);
        file = run.resolve(PREFIX + first.time() / 1000 + ".convzoo");
    }

    String name() {
        return String.valueOf(file.getFileName());
    }

    /** Adds the last epoch, the first one after what the run is. */
    void epoch(Model model) throws IOException {
        if (first == last) {
            double began = seconds(first) - first.seconds();
            append(EventLog.version(began), EventLog.graph(began, model.graph()), EventLog.began(began, model));
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss/train", last.trainLoss());
        values.put("top1/train", last.trainTop1());
        if (last.validated()) {
            values.put("loss/validation", last.loss());
            values.put("top1/validation", last.top1());
            values.put("top5/validation", last.top5());
        }
        values.put("learning_rate", last.learningRate());
        values.put("images_per_second", last.imagesPerSecond());
        append(EventLog.scalars(seconds(last), last.epoch(), values));
    }

    /** Adds the end of the run. */
    void ended(Evaluation test) throws IOException {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss/test", test.loss());
        values.put("top1/test", test.top1());
        values.put("top5/test", test.top5());
        append(EventLog.scalars(seconds(last), last.epoch(), values), EventLog.ended(seconds(last), last.epoch()));
    }

    /** Adds pictures by their tags, at the last epoch. Throws {@link IOException} where the file cannot be written. */
    public void add(Map<String, BufferedImage> pictures) throws IOException {
        append(EventLog.pictures(seconds(last), last.epoch(), pictures));
    }

    private static double seconds(EpochMetrics epoch) {
        return epoch.time() / 1e3;
    }

    private void append(byte[]... records) throws IOException {
        for (byte[] r : records) Files.write(file, r, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
