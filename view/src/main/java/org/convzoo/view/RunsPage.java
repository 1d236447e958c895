package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Recipe;
import org.convzoo.train.Evaluation;

/**
 * Runs side by side as one HTML page that loads nothing from elsewhere and runs no script: the table, the curves over each
 * other, in what they differ, and what each class is found by. {@code runs.html} is its template.
 */
public final class RunsPage {
    /** The most classes of which each is told. */
    private static final int CLASSES = 60;

    private final RunsComparison comparison;
    private final List<ComparedRun> runs;

    public RunsPage(RunsComparison comparison) {
        this.comparison = comparison;
        runs = comparison.runs();
    }

    /** A word with the style of a line in the curves. */
    record Named(String style, String name) {}

    /** A cell of a table and its style. */
    record Cell(String text, String style) {}

    /** A row of the table. */
    record Row(String style, String name, List<Cell> cells, String recipe) {}

    /** Something with a value for each run. */
    record Values(String name, List<String> values) {}

    /** A share of each run, with bars. */
    record Shares(String name, List<Share> values) {}

    record Share(String text, String bar) {}

    /** Curves with a title. */
    record Chart(String title, Svg svg) {}

    public String html() {
        return Template.filled("runs.html", this);
    }

    String css() {
        return Template.text("report.css");
    }

    List<Named> names() {
        List<String> names = comparison.names();
        return IntStream.range(0, names.size())
                .mapToObj(i -> new Named(style(i), names.get(i)))
                .toList();
    }

    /** Ten colours, then the same once more with other lines. */
    private static String style(int run) {
        return "run" + run % 10 + (run < 10 ? "" : " dashed");
    }

    List<Named> headings() {
        return RunsComparison.headings().stream()
                .skip(1)
                .map(h -> new Named(h.endsWith(">") ? "n" : "", h.replaceFirst(">$", "")))
                .toList();
    }

    List<Row> rows() {
        List<List<String>> rows = comparison.rows();
        List<String> heads = RunsComparison.headings();
        return IntStream.range(0, rows.size())
                .mapToObj(i -> new Row(
                        style(i),
                        rows.get(i).get(0),
                        IntStream.range(1, heads.size())
                                .mapToObj(k -> new Cell(
                                        rows.get(i).get(k), heads.get(k).endsWith(">") ? "n" : ""))
                                .toList(),
                        runs.get(i).recipe().map(Recipe::toString).orElse("")))
                .toList();
    }

    List<Named> going() {
        return names().stream()
                .filter(n -> !runs.get(names().indexOf(n)).ended())
                .toList();
    }

    List<Chart> charts() {
        double minutes = runs.stream().mapToDouble(ComparedRun::seconds).max().orElse(0) / 60;
        int epochs = Math.max(
                1, runs.stream().mapToInt(r -> r.history().size()).max().orElse(1));
        Curves.Axis byEpoch = Curves.Axis.epochs(epochs), byTime = new Curves.Axis("min", Math.max(minutes, 1e-3));
        return List.of(
                new Chart("Test images right", top1("Share of test images right by epoch", byEpoch, RunsPage::epochs)),
                new Chart(
                        "Test images right by time",
                        top1("Share of test images right by minutes", byTime, RunsPage::minutes)),
                new Chart("Test loss", loss("Loss of the test images by epoch", byEpoch, EpochMetrics::loss)),
                new Chart(
                        "Training loss",
                        loss("Loss of the training images by epoch", byEpoch, EpochMetrics::trainLoss)));
    }

    private Svg top1(String title, Curves.Axis axis, Function<ComparedRun, double[]> x) {
        return new Curves(title, axis, 0, Numbers::shortPercent, false, 1, lines(x, EpochMetrics::top1)).svg();
    }

    private Svg loss(String title, Curves.Axis axis, ToDoubleFunction<EpochMetrics> of) {
        return new Curves(title, axis, 0, Numbers::decimals, true, Double.NaN, lines(RunsPage::epochs, of)).svg();
    }

    private Curves.Line[] lines(Function<ComparedRun, double[]> x, ToDoubleFunction<EpochMetrics> of) {
        List<String> names = comparison.names();
        return IntStream.range(0, runs.size())
                .filter(i -> !runs.get(i).history().isEmpty())
                .mapToObj(i -> new Curves.Line(
                        style(i),
                        names.get(i),
                        x.apply(runs.get(i)),
                        runs.get(i).history().stream().mapToDouble(of).toArray()))
                .toArray(Curves.Line[]::new);
    }

    private static double[] epochs(ComparedRun run) {
        return run.history().stream().mapToDouble(EpochMetrics::epoch).toArray();
    }

    private static double[] minutes(ComparedRun run) {
        double[] minutes = new double[run.history().size()];
        double sum = 0;
        for (int i = 0; i < minutes.length; i++)
            minutes[i] = (sum += run.history().get(i).seconds()) / 60;
        return minutes;
    }

    List<Values> differences() {
        List<Values> all = new ArrayList<>();
        comparison.differences().forEach((key, values) -> all.add(new Values(key, values)));
        return all;
    }

    /** The share found of each class by each run, where two or more have ended and have the same classes. */
    List<Recalls> recalls() {
        List<Integer> ended = IntStream.range(0, runs.size())
                .filter(i -> runs.get(i).evaluation().isPresent())
                .boxed()
                .toList();
        List<Evaluation> evaluations =
                ended.stream().flatMap(i -> runs.get(i).evaluation().stream()).toList();
        if (ended.size() < 2
                || evaluations.stream().map(Evaluation::labels).distinct().count() > 1) return List.of();
        List<List<Evaluation.PerClass>> classes =
                evaluations.stream().map(Evaluation::perClass).toList();
        List<String> labels = evaluations.get(0).labels();
        List<Shares> rows = IntStream.range(0, Math.min(CLASSES, labels.size()))
                .mapToObj(k -> new Shares(
                        labels.get(k),
                        classes.stream().map(c -> share(c.get(k))).toList()))
                .toList();
        return List.of(new Recalls(
                ended.stream().map(i -> names().get(i)).toList(),
                rows,
                labels.size() > CLASSES ? Numbers.grouped(labels.size() - CLASSES) + " classes more" : ""));
    }

    /** A table of shares: a column a run, a row a class. */
    record Recalls(List<Named> names, List<Shares> rows, String more) {}

    private static Share share(Evaluation.PerClass c) {
        return c.support() == 0
                ? new Share("–", "0")
                : new Share(Numbers.percent(c.recall()), String.format(Locale.ROOT, "%.3f", c.recall()));
    }
}
