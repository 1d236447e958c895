package org.convzoo.view;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.convzoo.experiment.Experiment;
import org.convzoo.experiment.Experiment.Figure;
import org.convzoo.experiment.Judgement;
import org.convzoo.experiment.Measure;
import org.convzoo.experiment.Result;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.system.AtomicFile;
import org.convzoo.train.Spread;

/**
 * What an experiment has shown beside what the paper found, as one HTML page that loads nothing from elsewhere and runs no
 * script; only its links lead to the reports of the runs around it. {@code experiment.html} is its template.
 */
public final class ExperimentPage {
    /** The page's name in the directory of an experiment. */
    public static final String FILE = "index.html";

    private final ExperimentResults results;
    private final Experiment experiment;

    public ExperimentPage(ExperimentResults results) {
        this.results = results;
        experiment = results.experiment();
    }

    /** A word with a style. */
    record Named(String style, String name) {}

    /** A row of a table, the first cell apart. */
    record Row(String style, String name, List<String> cells) {}

    /** A claim. */
    record Claimed(String mood, String words, String verdict, String numbers) {}

    /** Curves with a title. */
    record Chart(String title, Svg svg) {}

    /** A run of an arm: where its report is, and what it came to. */
    record Run(String link, String text) {}

    /** The runs of an arm. */
    record Runs(String style, String name, List<Run> runs) {}

    public void write(Path directory) throws IOException {
        AtomicFile.write(directory.resolve(FILE), html());
    }

    public String html() {
        return Template.filled("experiment.html", this);
    }

    String css() {
        return Template.text("report.css");
    }

    String title() {
        return experiment.title();
    }

    String source() {
        return experiment.paper().source();
    }

    String says() {
        return experiment.paper().says();
    }

    String setting() {
        return results.setting();
    }

    /** That there are runs to come. */
    List<String> going() {
        int all = experiment.arms().size() * results.size().seeds();
        return results.results().size() == all
                ? List.of()
                : List.of(results.results().size() + " of " + all + " runs have ended.");
    }

    List<String> paperHeadings() {
        return experiment.paper().headings();
    }

    List<List<String>> paperRows() {
        return experiment.paper().rows();
    }

    List<String> departures() {
        return experiment.departures();
    }

    List<Claimed> claims() {
        return results.claims().stream()
                .map(s -> new Claimed(mood(s.outcome()), s.claim(), s.verdict(), s.numbers()))
                .toList();
    }

    private static String mood(Judgement.Outcome outcome) {
        return switch (outcome) {
            case SHOWS -> "fine";
            case DOES_NOT_SHOW -> "open";
            case OPPOSITE -> "diverging";
            case UNFINISHED -> "short";
        };
    }

    private String style(String arm) {
        List<String> names = experiment.arms().stream().map(a -> a.name()).toList();
        return "run" + names.indexOf(arm) % 10;
    }

    List<String> headings() {
        return results.headings().stream()
                .skip(1)
                .map(h -> h.replaceFirst(">$", ""))
                .toList();
    }

    List<Row> rows() {
        return results.rows().stream()
                .map(r -> new Row(style(r.get(0)), r.get(0), r.subList(1, r.size())))
                .toList();
    }

    List<Runs> runs() {
        return experiment.arms().stream()
                .map(a -> new Runs(
                        style(a.name()),
                        a.name(),
                        results.of(a.name()).stream().map(ExperimentPage::run).toList()))
                .filter(r -> !r.runs().isEmpty())
                .toList();
    }

    private static Run run(Result r) {
        // A run that has diverged leaves no report.
        return r.diverged()
                ? new Run(
                        "",
                        "seed " + r.seed() + ": diverged after epoch "
                                + r.history().size())
                : new Run(
                        r.arm().name() + "/seed-" + r.seed() + "/" + Report.FILE,
                        "seed " + r.seed() + ": " + Numbers.percent(r.top1()) + " of the test images right");
    }

    /** What the lines of the figure are called. */
    List<Named> key() {
        if (experiment.figure() instanceof Figure.Cost cost)
            return IntStream.range(0, cost.series().size())
                    .mapToObj(i -> new Named("run" + i, cost.series().get(i).name()))
                    .toList();
        return results.rows().stream()
                .map(r -> new Named(style(r.get(0)), r.get(0)))
                .toList();
    }

    List<Chart> charts() {
        if (experiment.figure() instanceof Figure.Cost cost)
            return List.of(
                    new Chart("Test images right, by millions of MACs", cost(cost, r -> 1 - error(r))),
                    new Chart("Training images right, by millions of MACs", cost(cost, ExperimentPage::trained)));
        return List.of(
                new Chart(
                        "Training images wrong, by epoch",
                        learning(
                                "Share of training images wrong by epoch",
                                e -> 1 - e.trainTop1(),
                                Numbers::shortPercent)),
                new Chart(
                        "Training loss, by epoch",
                        learning("Loss of the training images by epoch", EpochMetrics::trainLoss, Numbers::decimals)));
    }

    private static double error(Result r) {
        return Measure.TEST_ERROR.of().applyAsDouble(r);
    }

    private static double trained(Result r) {
        return 1 - Measure.TRAINING_ERROR.of().applyAsDouble(r);
    }

    /** A line a run, and the mean of an arm's over them. */
    private Svg learning(String title, ToDoubleFunction<EpochMetrics> of, DoubleFunction<String> tick) {
        List<Curves.Line> seeds = new ArrayList<>(), means = new ArrayList<>();
        int epochs = 1;
        for (var arm : experiment.arms()) {
            List<Result> runs = results.of(arm.name()).stream()
                    .filter(r -> !r.history().isEmpty())
                    .toList();
            int shortest = Integer.MAX_VALUE;
            for (Result r : runs) {
                double[] values = r.history().stream().mapToDouble(of).toArray();
                seeds.add(new Curves.Line(
                        style(arm.name()) + " seed",
                        arm.name() + ", seed " + r.seed(),
                        counted(values.length),
                        values));
                shortest = Math.min(shortest, values.length);
                epochs = Math.max(epochs, values.length);
            }
            if (runs.isEmpty()) continue;
            double[] mean = IntStream.range(0, shortest)
                    .mapToDouble(e -> new Spread(runs.stream()
                                    .map(r -> of.applyAsDouble(r.history().get(e)))
                                    .toList())
                            .mean())
                    .toArray();
            means.add(new Curves.Line(style(arm.name()), arm.name(), counted(shortest), mean));
        }
        seeds.addAll(means);
        return new Curves(
                        title, Curves.Axis.epochs(epochs), 0, tick, true, Double.NaN, seeds.toArray(Curves.Line[]::new))
                .svg();
    }

    private static double[] counted(int epochs) {
        return IntStream.rangeClosed(1, epochs).mapToDouble(e -> e).toArray();
    }

    /** A line for each series with the means, and one for each seed. */
    private Svg cost(Figure.Cost cost, ToDoubleFunction<Result> of) {
        List<Curves.Line> seeds = new ArrayList<>(), means = new ArrayList<>();
        double most =
                results.results().stream().mapToDouble(r -> millions(r)).max().orElse(1);
        for (int i = 0; i < cost.series().size(); i++) {
            String style = "run" + i;
            Figure.Series series = cost.series().get(i);
            List<List<Result>> arms = series.arms().stream()
                    .map(results::of)
                    .filter(r -> !r.isEmpty())
                    .toList();
            double[] x = arms.stream().mapToDouble(a -> millions(a.get(0))).toArray();
            means.add(new Curves.Line(
                    style,
                    series.name(),
                    x,
                    arms.stream()
                            .mapToDouble(a -> new Spread(a.stream()
                                            .map(r -> of.applyAsDouble(r))
                                            .toList())
                                    .mean())
                            .toArray()));
            for (int seed = 0; seed < results.size().seeds(); seed++) {
                int s = seed;
                List<List<Result>> with =
                        arms.stream().filter(a -> a.size() > s).toList();
                seeds.add(new Curves.Line(
                        style + " seed",
                        series.name() + ", seed " + (s + 1),
                        with.stream().mapToDouble(a -> millions(a.get(s))).toArray(),
                        with.stream()
                                .mapToDouble(a -> of.applyAsDouble(a.get(s)))
                                .toArray()));
            }
        }
        seeds.addAll(means);
        return new Curves(
                        "Share of images right by multiply-accumulates",
                        new Curves.Axis("M", most),
                        0,
                        Numbers::shortPercent,
                        false,
                        Double.NaN,
                        seeds.toArray(Curves.Line[]::new))
                .svg();
    }

    private static double millions(Result r) {
        return r.graph().macs() * 1e-6;
    }
}
