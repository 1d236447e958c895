package org.convzoo.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.convzoo.classify.Model;
import org.convzoo.train.Evaluation;
import org.convzoo.train.Scores;
import org.convzoo.view.Numbers;
import org.convzoo.view.TextTable;

/**
 * An evaluation for people.
 *
 * @param scores of all classes, or of those that occur
 */
record EvaluationText(Scores scores, Model model) {
    /** Classes of which all are told; of more those that occur. They fit a matrix, too. */
    static final int MANY = 30;

    @Override
    public String toString() {
        Evaluation result = scores.evaluation();
        String all = String.format(
                Locale.ROOT,
                "top-1 %s (%s of %s), top-5 %s, loss %.4f, calibration error %s\n"
                        + "top-1 of all such images: %s (95 %% interval); AUC, mean of the classes: %s\n%s\n",
                Numbers.percent(result.top1()),
                Numbers.grouped(Math.round(result.top1() * result.images())),
                Numbers.grouped(result.images()),
                Numbers.percent(result.top5()),
                result.loss(),
                Numbers.percent(result.calibrationError()),
                Numbers.percents(result.top1Interval()),
                decimals(scores.meanAuc()),
                Origin.line(model));
        int others = model.labels().size() - result.labels().size();
        String rest =
                others == 0 ? "" : Numbers.grouped(others) + " other classes: no images, and none said to be of them\n";
        return all + classes() + rest + "\n"
                + (result.labels().size() <= MANY ? matrix(result) : "The confusion matrix is in --json.\n")
                + "\n" + calibration() + thresholds();
    }

    private TextTable classes() {
        var table = new TextTable("class", "images>", "recall>", "95 % interval>", "precision>", "F1>", "AUC>");
        List<Evaluation.PerClass> classes = scores.evaluation().perClass();
        for (int k = 0; k < classes.size(); k++) {
            Evaluation.PerClass c = classes.get(k);
            boolean any = c.support() > 0;
            table.row(
                    c.label(),
                    Numbers.grouped(c.support()),
                    any ? Numbers.percent(c.recall()) : "-",
                    any ? Numbers.percents(c.recallInterval()) : "-",
                    Numbers.percent(c.precision()),
                    decimals(c.f1()),
                    decimals(scores.auc(k)));
        }
        return table;
    }

    private static String decimals(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f", value) : "-";
    }

    private static String matrix(Evaluation result) {
        List<String> labels = result.labels(), heads = new ArrayList<>(List.of("is \\ said"));
        labels.forEach(label -> heads.add(label + ">"));
        var table = new TextTable(heads.toArray(String[]::new));
        int[][] counts = result.confusion();
        for (int k = 0; k < counts.length; k++) {
            List<String> row = new ArrayList<>(List.of(labels.get(k)));
            for (int count : counts[k]) row.add(count == 0 ? "." : "" + count);
            table.row(row.toArray(String[]::new));
        }
        return table.toString();
    }

    private TextTable calibration() {
        var table = new TextTable("how sure", "images>", "sure on average>", "right>");
        for (Evaluation.Bin b : scores.evaluation().calibration())
            if (b.images() > 0)
                table.row(
                        Math.round(100 * b.from()) + " to " + Math.round(100 * b.to()) + " %",
                        Numbers.grouped(b.images()),
                        Numbers.percent(b.probability()),
                        Numbers.percent(b.right()));
        return table;
    }

    private String thresholds() {
        List<Scores.Threshold> thresholds = scores.thresholds();
        if (thresholds.isEmpty()) return "";
        var table = new TextTable("from>", "precision>", "recall>", "F1>", "specificity>");
        for (Scores.Threshold t : thresholds)
            table.row(
                    String.format(Locale.ROOT, "%.2f", t.threshold()),
                    Numbers.percent(t.precision()),
                    Numbers.percent(t.recall()),
                    decimals(t.f1()),
                    Numbers.percent(t.specificity()));
        return "\nSaid to be of '" + scores.evaluation().labels().get(1) + "' from which probability on:\n" + table;
    }
}
