package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.convzoo.classify.Model;
import org.convzoo.graph.Graph;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.train.Evaluation;
import org.convzoo.train.RunReport;

/** A run in a few lines: what was trained, how it went, the numbers that are asked for first. */
record ReportSummary(RunReport.Ended ended, Verdict judged) {
    /**
     * A number with its name.
     *
     * @param more what it means, in smaller letters
     * @param chief whether it is the one that all is about
     */
    record Figure(String name, String value, String more, boolean chief) {
        Figure(String name, String value, String more) {
            this(name, value, more, false);
        }
    }

    /** The paper, the images, the date. */
    String about() {
        Model model = ended.model();
        String paper = model.provenance()
                .catalogued()
                .map(a -> a.family() + " (" + a.paper() + "), ")
                .orElse("");
        return paper + "images of " + model.graph().input().shape() + ", "
                + model.labels().size() + " classes, " + ReportPage.date(last().time());
    }

    /** The weights that it started from; empty where they were drawn. */
    String origin() {
        return ended.model().provenance().origin();
    }

    private EpochMetrics last() {
        return ended.history().get(ended.history().size() - 1);
    }

    /** The style of the verdict. */
    String mood() {
        return judged.kind().name().toLowerCase(Locale.ROOT);
    }

    String verdict() {
        return judged.line();
    }

    String advice() {
        return judged.kind().advice();
    }

    List<Figure> numbers() {
        Evaluation evaluation = ended.evaluation();
        Graph graph = ended.model().graph();
        List<EpochMetrics> epochs = ended.history();
        long right = Math.round(evaluation.top1() * evaluation.images());
        List<Figure> numbers = new ArrayList<>();
        numbers.add(new Figure(
                "test images right",
                Numbers.percent(evaluation.top1()),
                Numbers.grouped(right) + " of " + Numbers.grouped(evaluation.images()) + "; of all such images "
                        + (Numbers.percents(evaluation.top1Interval()) + " (95 %)").replace(" %", "\u00a0%"),
                true));
        if (evaluation.labels().size() > 5)
            numbers.add(new Figure("among the first five", Numbers.percent(evaluation.top5()), "top-5"));
        numbers.add(new Figure(
                "test loss",
                Numbers.decimals(evaluation.loss()),
                "calibration error " + Numbers.percent(evaluation.calibrationError())));
        numbers.add(new Figure(
                "training took",
                Numbers.duration(EpochMetrics.seconds(epochs)),
                epochs.size() + (epochs.size() == 1 ? " epoch, " : " epochs, ")
                        + Numbers.grouped(Math.round(last().imagesPerSecond())) + " images/s"));
        numbers.add(new Figure(
                "parameters",
                Numbers.counted(graph.parameterCount()),
                Numbers.counted(graph.macs()) + " MACs an image"));
        return numbers;
    }
}
