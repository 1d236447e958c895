package org.convzoo.cli;

import java.util.Locale;
import org.convzoo.classify.Model;
import org.convzoo.images.Transform;
import org.convzoo.train.Csv;
import org.convzoo.train.Evaluation;

/**
 * A line of the tables of results that timm publishes: shares in percent, parameters in millions.
 *
 * @param cropPct how much of the shorter side is left by the crop of the middle
 */
record TimmRow(
        String model,
        int imgSize,
        String top1,
        String top1Err,
        String top5,
        String top5Err,
        String paramCount,
        String cropPct,
        String interpolation) {
    static TimmRow of(Model model, Evaluation result) {
        Transform transform = model.transform();
        int side = Math.max(model.task().image().width(), model.task().image().height());
        return new TimmRow(
                model.graph().name(),
                side,
                percent(result.top1()),
                percent(1 - result.top1()),
                percent(result.top5()),
                percent(1 - result.top5()),
                String.format(Locale.ROOT, "%.2f", model.graph().parameterCount() / 1e6),
                String.format(Locale.ROOT, "%.3f", cropped(transform, side)),
                transform.filter().name().toLowerCase(Locale.ROOT));
    }

    private static double cropped(Transform transform, int side) {
        return transform.steps().stream()
                .filter(Transform.ShorterSide.class::isInstance)
                .mapToDouble(s -> side / (double) ((Transform.ShorterSide) s).size())
                .findFirst()
                .orElse(1);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.3f", 100 * share);
    }

    /** The names of the columns and the line. */
    String csv() {
        Csv<TimmRow> csv = Csv.of(TimmRow.class);
        return csv.header() + "\n" + csv.line(this) + "\n";
    }
}
