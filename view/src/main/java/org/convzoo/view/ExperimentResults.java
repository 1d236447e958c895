package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.convzoo.experiment.Arm;
import org.convzoo.experiment.Claim;
import org.convzoo.experiment.Experiment;
import org.convzoo.experiment.Judgement;
import org.convzoo.experiment.Measure;
import org.convzoo.experiment.Result;
import org.convzoo.train.Spread;

/**
 * The results of an experiment in words and numbers, which need not have ended.
 *
 * @param data what it was begun with
 * @param results of all runs so far
 */
public record ExperimentResults(Experiment experiment, Experiment.Size size, String data, List<Result> results) {
    public ExperimentResults {
        results = List.copyOf(results);
    }

    /** A claim with what the results say of it: a word or two, and the numbers. */
    record Said(String claim, Judgement.Outcome outcome, String verdict, String numbers) {}

    /** The runs of an arm so far. */
    List<Result> of(String arm) {
        return results.stream().filter(r -> r.arm().name().equals(arm)).toList();
    }

    /** On what, and how much of it. */
    String setting() {
        return String.format(
                Locale.ROOT,
                "On %s, at most %,d images to learn from and %,d for the test; %d epochs; %d runs of each, which differ in"
                        + " their seed alone.",
                data,
                size.images(),
                size.tests(),
                size.epochs(),
                size.seeds());
    }

    /** The headings of {@link #rows}; one that ends in {@code >} is flush right. */
    List<String> headings() {
        List<String> headings = new ArrayList<>(List.of("", "parameters>", "MACs>"));
        experiment.measures().forEach(m -> headings.add(m.name() + ">"));
        headings.add("runs>");
        return headings;
    }

    /** One row an arm, of arms with a run. */
    List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (Arm arm : experiment.arms()) {
            List<Result> runs = of(arm.name());
            if (runs.isEmpty()) continue;
            List<String> row = new ArrayList<>(List.of(
                    arm.name(),
                    Numbers.counted(runs.get(0).graph().parameterCount()),
                    Numbers.counted(runs.get(0).graph().macs())));
            for (Measure m : experiment.measures()) row.add(written(m, m.values(runs)));
            long diverged = runs.stream().filter(Result::diverged).count();
            row.add(runs.size() + (diverged == 0 ? "" : ", " + diverged + " diverged"));
            rows.add(row);
        }
        return rows;
    }

    /** The mean and the standard deviation: {@code 21.3 ± 0.4 %}. */
    static String written(Measure measure, List<Double> values) {
        List<Double> finite = values.stream().filter(Double::isFinite).toList();
        if (finite.isEmpty()) return values.isEmpty() ? "-" : "never";
        Spread spread = new Spread(finite);
        double scale = measure.unit() == Measure.Unit.SHARE ? 100 : 1;
        String text = String.format(Locale.ROOT, "%.1f", scale * spread.mean());
        if (finite.size() > 1) text += String.format(Locale.ROOT, " ± %.1f", scale * spread.deviation());
        if (measure.unit() == Measure.Unit.SHARE) text += " %";
        int never = values.size() - finite.size();
        return never == 0 ? text : text + ", never in " + never + " of " + values.size();
    }

    /** What the results say of each claim. */
    List<Said> claims() {
        return experiment.claims().stream()
                .map(c -> Judgement.of(c, results, size.seeds()))
                .map(j -> new Said(j.claim().words(), j.outcome(), verdict(j.outcome()), numbers(j)))
                .toList();
    }

    private static String verdict(Judgement.Outcome outcome) {
        return switch (outcome) {
            case SHOWS -> "shows";
            case DOES_NOT_SHOW -> "does not show at this size";
            case OPPOSITE -> "the opposite shows here";
            case UNFINISHED -> "not yet known";
        };
    }

    private static String numbers(Judgement j) {
        Claim claim = j.claim();
        String values = claim.measure().name() + ": " + claim.more() + " " + written(claim.measure(), j.more()) + ", "
                + claim.less() + " " + written(claim.measure(), j.less());
        return values
                + switch (j.outcome()) {
                    case SHOWS -> apart(j, claim.more(), claim.less(), j.more(), j.less());
                    case OPPOSITE -> apart(j, claim.less(), claim.more(), j.less(), j.more());
                    case DOES_NOT_SHOW ->
                        Stream.concat(j.more().stream(), j.less().stream()).noneMatch(Double::isFinite)
                                ? "; neither gets there"
                                : "; the runs overlap";
                    case UNFINISHED -> "; there are runs to come";
                };
    }

    private static String apart(Judgement j, String above, String below, List<Double> high, List<Double> low) {
        double times = new Spread(high).mean() / new Spread(low).mean();
        String ratio = j.claim().measure().unit() == Measure.Unit.EPOCHS && Double.isFinite(times)
                ? String.format(Locale.ROOT, ", %.1f times as many with %s", times, above)
                : "";
        return ratio + "; every run of " + above + " lies above every run of " + below
                + ", which chance alone does in one of " + j.oneOf();
    }

    public String text() {
        var table = new TextTable(headings().toArray(String[]::new));
        for (List<String> row : rows()) table.row(row.toArray(String[]::new));
        StringBuilder text =
                new StringBuilder(experiment.title() + ": does it show here?\n" + setting() + "\n\n").append(table);
        for (Said s : claims())
            text.append("\n")
                    .append(s.claim())
                    .append("\n   ")
                    .append(s.verdict())
                    .append(". ")
                    .append(s.numbers())
                    .append('\n');
        return text.toString();
    }
}
