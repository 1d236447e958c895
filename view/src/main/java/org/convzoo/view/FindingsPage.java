package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convzoo.images.Dataset;
import org.convzoo.images.Splits;
import org.convzoo.images.Survey;
import org.convzoo.images.Transform;

/**
 * What was found in a data set as one HTML page that loads nothing from elsewhere and runs no script, with the pictures
 * that are meant. {@code findings.html} is its template.
 */
public final class FindingsPage {
    /** The most groups of a kind that are shown, pictures of a group, odd pictures, classes and pictures of each. */
    private static final int GROUPS = 24, EACH = 6, ODD = 36, CLASSES = 40, OF_CLASS = 8;

    private static final int NAMED = 100;

    private final Findings findings;
    private final Splits splits;
    private final Survey survey;
    private final Thumbnails training, test;

    public FindingsPage(Findings findings) {
        this.findings = findings;
        splits = findings.splits();
        survey = findings.survey();
        training = new Thumbnails(splits.train());
        test = new Thumbnails(splits.test());
    }

    /** A number with its name. */
    record Figure(String name, String value, String more, boolean chief) {}

    /** Pictures by their names, a line each. */
    record Named(String title, List<String> lines) {}

    /** A picture with what is said of it. */
    record Sample(Thumbnails.Framed picture, String first, String then) {}

    /**
     * Pictures that belong together.
     *
     * @param more what is said of those that are not shown; empty for nothing
     */
    record Group(List<Sample> samples, String more) {}

    /** Groups of one kind. */
    record Finding(String title, String why, List<Group> groups, String more) {}

    /**
     * A class with some of its training pictures.
     *
     * @param training the length of the bar of its training pictures, from 0 to 1
     */
    record Row(String label, String training, String bar, String test, List<Thumbnails.Framed> pictures) {}

    /** Pictures whose shorter side is of some length. */
    record Size(String pixels, String pictures, String bar) {}

    /** A channel's mean and deviation, and what it is normalised with. */
    record Channel(String name, String mean, String deviation, String normMean, String normDeviation) {}

    public String html() {
        return Template.filled("findings.html", this);
    }

    String style() {
        return Template.text("report.css");
    }

    String title() {
        return ReportPage.lastName(splits.spec());
    }

    String about() {
        return splits.summary();
    }

    List<Figure> numbers() {
        int pictures = survey.pictures().size(),
                broken = survey.inventory().broken().size();
        long leaking = survey.duplicates().stream().filter(Survey.Group::leaks).count(),
                mixed =
                        survey.duplicates().stream()
                                .filter(Survey.Group::mixesClasses)
                                .count();
        return List.of(
                new Figure(
                        "pictures",
                        Numbers.grouped(pictures),
                        broken == 0 ? "all can be read" : Numbers.grouped(broken) + " more cannot be read",
                        true),
                new Figure("classes", Numbers.grouped(survey.classes().size()), "", false),
                new Figure("in training and in test", Numbers.grouped(leaking), "leakage", false),
                new Figure("in two classes", Numbers.grouped(mixed), "", false),
                new Figure(
                        "odd",
                        Numbers.grouped(survey.odd().size()),
                        "very small, long and thin, of one colour",
                        false));
    }

    /** Pictures that are only named: those that cannot be read, and those whose names mislead. */
    List<Named> named() {
        return Stream.of(
                        named(
                                "Cannot be read",
                                survey.inventory().broken().stream()
                                        .map(Object::toString)
                                        .toList()),
                        named("Read in spite of their names", survey.inventory().misnamed()))
                .filter(n -> !n.lines.isEmpty())
                .toList();
    }

    private static Named named(String title, List<String> all) {
        List<String> lines = new ArrayList<>(all.subList(0, Math.min(NAMED, all.size())));
        if (all.size() > NAMED) lines.add(more(all.size(), NAMED));
        return new Named(title, lines);
    }

    private static String more(int all, int shown) {
        return all > shown ? "and " + Numbers.grouped(all - shown) + " more" : "";
    }

    private Sample sample(Survey.Seen p, String then) {
        Thumbnails part = p.test() ? test : training;
        return new Sample(part.framed(p.number(), p.label()), p.label() + (p.test() ? ", test" : ", training"), then);
    }

    List<Finding> copies() {
        return findings.copies().stream()
                .map(c -> new Finding(
                        c.name(),
                        c.why(),
                        c.groups().stream().limit(GROUPS).map(this::group).toList(),
                        more(c.groups().size(), GROUPS)))
                .toList();
    }

    private Group group(Survey.Group group) {
        return new Group(
                group.pictures().stream()
                        .limit(EACH)
                        .map(p -> sample(p, p.width() + "x" + p.height() + ", " + p.name()))
                        .toList(),
                more(group.pictures().size(), EACH));
    }

    /** What there is to say where no copies are shown, and of copies that were not looked for; empty for nothing. */
    String aside() {
        return (survey.duplicates().isEmpty() ? "No picture is there twice. " : "") + findings.compared();
    }

    List<Group> odd() {
        if (survey.odd().isEmpty()) return List.of();
        return List.of(new Group(
                survey.odd().stream()
                        .limit(ODD)
                        .map(o -> sample(
                                o.picture(),
                                o.picture().width() + "x" + o.picture().height() + ", " + o.oddity() + ": "
                                        + o.picture().name()))
                        .toList(),
                more(survey.odd().size(), ODD)));
    }

    String balance() {
        return findings.balance();
    }

    List<Row> classes() {
        int most = survey.classes().stream()
                .mapToInt(Survey.ClassCount::training)
                .max()
                .orElse(1);
        List<List<Integer>> members = members();
        return IntStream.range(0, Math.min(CLASSES, survey.classes().size()))
                .mapToObj(k -> {
                    Survey.ClassCount c = survey.classes().get(k);
                    return new Row(
                            c.label(),
                            Numbers.grouped(c.training()),
                            share(c.training(), most),
                            Numbers.grouped(c.test()),
                            Some.of(members.get(k), OF_CLASS).stream()
                                    .map(i -> training.framed(i, c.label()))
                                    .toList());
                })
                .toList();
    }

    String otherClasses() {
        return more(survey.classes().size(), CLASSES);
    }

    /** The training pictures of each class that can be read. */
    private List<List<Integer>> members() {
        List<List<Integer>> members = new ArrayList<>();
        splits.labels().forEach(l -> members.add(new ArrayList<>()));
        Dataset train = splits.train();
        for (Survey.Seen p : survey.pictures())
            if (!p.test()) members.get(train.label(p.number())).add(p.number());
        return members;
    }

    private static String share(int part, int whole) {
        return String.format(Locale.ROOT, "%.3f", part / (double) Math.max(1, whole));
    }

    /** In steps of a doubling. */
    List<Size> sizes() {
        int[] counts = new int[32];
        for (Survey.Seen p : survey.pictures()) counts[31 - Integer.numberOfLeadingZeros(p.shorter())]++;
        int most = IntStream.of(counts).max().orElse(1);
        return IntStream.range(0, counts.length)
                .filter(i -> counts[i] > 0)
                .mapToObj(i -> new Size(
                        i == 0 ? "1" : (1L << i) + " to " + ((1L << i + 1) - 1),
                        Numbers.grouped(counts[i]),
                        share(counts[i], most)))
                .toList();
    }

    String extents() {
        return "Widths " + Findings.range(survey.widths()) + "; heights " + Findings.range(survey.heights()) + "; "
                + findings.colours() + ".";
    }

    String norm() {
        return findings.norm();
    }

    List<Channel> channels() {
        Transform.Normalise norm = splits.form().normalise();
        int channels = survey.mean().size();
        List<String> names = channels == 1 ? List.of("grey") : List.of("red", "green", "blue");
        return IntStream.range(0, channels)
                .mapToObj(c -> new Channel(
                        names.get(c),
                        value(survey.mean().get(c)),
                        value(survey.deviation().get(c)),
                        value(norm.mean().get(Math.min(c, norm.mean().size() - 1))),
                        value(norm.std().get(Math.min(c, norm.std().size() - 1)))))
                .toList();
    }

    private static String value(double v) {
        return String.format(Locale.ROOT, "%.3f", v);
    }
}
