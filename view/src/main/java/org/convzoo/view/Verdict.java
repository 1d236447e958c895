package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.train.Evaluation;
import org.convzoo.train.Kept;

/**
 * What the curves of a run say, in a word. The first of these rules that holds decides:
 *
 * <ol>
 *   <li>diverging: the last epoch's training loss is by 5 % above the first's, or more than twice the least and 0.1
 *       above it;
 *   <li>overfitting: of the last epoch's training images at least 10 points more are right than of the images that it is judged by, and
 *       more than two standard errors of the latter; or the loss of those is by a fifth and by 0.05 above the least;
 *   <li>too short to judge: there is only one epoch;
 *   <li>still improving: the last epoch's loss of the images that it is judged by is by 2 % under the least of the epochs before the last tenth of
 *       the run, which is one epoch at least;
 *   <li>underfitting: of neither kind of images are more right than half way from guessing to all;
 *   <li>fine.
 * </ol>
 *
 * A run is judged by its validation images; where none were held out, its last epoch by the test images.
 *
 * <p>The epoch of fine-tuning that fits the head alone is compared with no other, nor are its training images with those:
 * they are not augmented. A run of that epoch alone is too short to judge.
 *
 * <p>Training images are counted as augmented, which makes them harder: the true distance is larger than the one judged.
 *
 * @param training share of the last epoch's training images that was right, 0 to 1
 * @param judge the images that it is judged by, in a word
 * @param judged share of them that was right after it
 * @param kept which weights the run keeps
 */
record Verdict(Kind kind, double training, String judge, double judged, Kept kept) {
    /** How a run went. */
    enum Kind {
        DIVERGING(
                "diverging", "The loss rises: a lower learning rate, a longer warm-up or clipped gradients may help."),
        OVERFITTING(
                "overfitting",
                "It knows its training images by heart: more of them, stronger augmentation, more weight decay, a"
                        + " smaller network or fewer epochs may help."),
        SHORT("too short to judge", "One epoch shows no trend."),
        IMPROVING("still improving", "The loss was still falling at the end: more epochs may help."),
        UNDERFITTING(
                "underfitting",
                "Even its training images are not learnt: a larger network, a higher learning rate, larger images, less"
                        + " augmentation or more epochs may help."),
        FINE(
                "fine",
                "What it was not trained on keeps up with the training, and longer training would not change much.");
        private final String word, advice;

        Kind(String word, String advice) {
            this.word = word;
            this.advice = advice;
        }

        String word() {
            return word;
        }

        String advice() {
            return advice;
        }
    }

    /**
     * Judges a run.
     *
     * @param epochs in order; at least one
     * @param validated how many validation images there are
     */
    static Verdict of(List<EpochMetrics> epochs, int classes, int validated, Evaluation test, Kept kept) {
        EpochMetrics last = epochs.get(epochs.size() - 1);
        boolean held = last.validated();
        List<EpochMetrics> stepped = new ArrayList<>(epochs);
        if (!held) {
            last = last.withLoss(test.loss()).withTop1(test.top1());
            stepped.set(stepped.size() - 1, last);
        }
        stepped.removeIf(e -> e.step() == 0);
        return new Verdict(
                stepped.isEmpty() ? Kind.SHORT : kind(stepped, classes, held ? validated : test.images()),
                last.trainTop1(),
                held ? "validation" : "test",
                last.top1(),
                kept);
    }

    private static Kind kind(List<EpochMetrics> epochs, int classes, int images) {
        EpochMetrics first = epochs.get(0), last = epochs.get(epochs.size() - 1);
        double least = least(epochs.stream().mapToDouble(EpochMetrics::trainLoss));
        if (!(last.trainLoss() <= 1.05 * first.trainLoss() && last.trainLoss() <= Math.max(2 * least, least + 0.1)))
            return Kind.DIVERGING;

        double error = Math.sqrt(last.top1() * (1 - last.top1()) / images);
        double leastLoss = least(epochs.stream().mapToDouble(EpochMetrics::loss));
        if (last.trainTop1() - last.top1() >= Math.max(0.1, 2 * error)
                || last.loss() > Math.max(1.2 * leastLoss, leastLoss + 0.05)) return Kind.OVERFITTING;

        if (epochs.size() == 1) return Kind.SHORT;
        int end = Math.min(epochs.size() - 1, (int) Math.round(0.9 * epochs.size()));
        double before = least(epochs.subList(0, end).stream().mapToDouble(EpochMetrics::loss));
        if (last.loss() < 0.98 * before) return Kind.IMPROVING;

        double halfWay = 0.5 + 0.5 / classes;
        return Math.max(last.trainTop1(), last.top1()) <= halfWay ? Kind.UNDERFITTING : Kind.FINE;
    }

    private static double least(DoubleStream values) {
        return values.filter(v -> !Double.isNaN(v)).min().orElse(Double.NaN);
    }

    /** {@code training 90 %, validation 67 %: overfitting; kept epoch 33 of 40: validation 69.8 %}. */
    String line() {
        return "training " + Numbers.shortPercent(training) + ", " + judge + " " + Numbers.shortPercent(judged) + ": "
                + kind.word() + (kept.planned() == 1 ? "" : "; " + kept);
    }
}
