package org.convzoo.recipe;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.convzoo.json.Json;

/**
 * One epoch of a run: a line of {@code metrics.jsonl}.
 *
 * @param epoch from 1
 * @param step updates made since the start of the run
 * @param learningRate of the epoch's last step
 * @param trainLoss mean loss of the training images as the steps saw them: augmented, with smoothed targets
 * @param trainTop1 share of them that was right, 0 to 1
 * @param loss mean cross-entropy of the validation images, labels not smoothed; no number, null in JSON, as the two
 *     that follow, where none are held out
 * @param top1 share of the validation images that is right, 0 to 1
 * @param top5 share of them whose label is among the five most probable classes
 * @param imagesPerSecond training images by the time of the epoch's steps, waiting included, evaluation left out
 * @param seconds of the epoch, evaluation included
 * @param waitingSeconds of these, how long the steps waited for data
 * @param time when the epoch ended, in milliseconds since 1970
 */
@RecordBuilder
public record EpochMetrics(
        int epoch,
        long step,
        double learningRate,
        double trainLoss,
        double trainTop1,
        @JsonDeserialize(using = Json.OrNone.class) double loss,

        @JsonDeserialize(using = Json.OrNone.class) double top1,

        @JsonDeserialize(using = Json.OrNone.class) double top5,

        double imagesPerSecond,
        double seconds,
        double waitingSeconds,
        long time)
        implements EpochMetricsBuilder.With {
    /** Whether validation images were classified after it. */
    public boolean validated() {
        return !Double.isNaN(top1);
    }

    /** How long some epochs took in all. */
    public static double seconds(List<EpochMetrics> epochs) {
        return epochs.stream().mapToDouble(EpochMetrics::seconds).sum();
    }

    /** How long of that the steps waited for data. */
    public static double waitingSeconds(List<EpochMetrics> epochs) {
        return epochs.stream().mapToDouble(EpochMetrics::waitingSeconds).sum();
    }
}
