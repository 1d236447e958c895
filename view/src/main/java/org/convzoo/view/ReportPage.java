package org.convzoo.view;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.convzoo.classify.Model;
import org.convzoo.engine.Machine;
import org.convzoo.graph.Graph;
import org.convzoo.images.Augmentation;
import org.convzoo.images.Dataset;
import org.convzoo.images.Loader;
import org.convzoo.images.Picture;
import org.convzoo.images.Transform;
import org.convzoo.train.EpochMetrics;
import org.convzoo.train.Evaluation;
import org.convzoo.train.Evaluation.Prediction;
import org.convzoo.train.Recipe;
import org.convzoo.train.RunReport;

/**
 * A training run as one HTML page that loads nothing from elsewhere and runs no script: the verdict and the result, the
 * curves, the confusion matrix with the pictures behind it, each class, what is mistaken, doubtful and right, how sure
 * the network may be, training pictures as it saw them, the network as a figure and layer by layer, how it was made,
 * and how to go on. It follows the reader's choice of light or dark.
 */
final class ReportPage {
    private static final int MISTAKES = 24, DOUBTFUL = 12, RIGHT = 12, SHEET = 24;
    /** So many points make a learning rate's curve. */
    private static final int POINTS = 240;
    /** So many classes are told in their order; of more, those that are found least often come first. */
    private static final int IN_ORDER = 20;

    private final RunReport.Ended ended;
    private final Model model;
    private final Graph graph;
    private final List<EpochMetrics> epochs;
    private final Evaluation evaluation;
    private final Optional<Recipe> recipe;
    private final Verdict verdict;
    private final Thumbnails pictures;

    ReportPage(RunReport.Ended ended) {
        this.ended = ended;
        model = ended.model();
        graph = model.graph();
        epochs = ended.history();
        evaluation = ended.evaluation();
        recipe = model.provenance().recipe().isEmpty()
                ? Optional.empty()
                : Optional.of(Recipe.of(model.provenance().recipe()));
        verdict = Verdict.of(epochs, model.labels().size(), evaluation.images());
        pictures = new Thumbnails(ended.splits().test());
    }

    String html() {
        String title =
                model.graph().name() + " on " + lastName(model.provenance().data());
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
                <title>%s</title>
                <style>
                %s</style>
                </head>
                <body>
                <main>
                %s
                </main>
                </body>
                </html>
                """.formatted(
                        Html.escape(title),
                        style(),
                        String.join(
                                "\n",
                                header(title),
                                curves(),
                                "<div class=\"two\">",
                                new Confusion(evaluation, pictures).section(),
                                classes(),
                                "</div>",
                                samples(),
                                "<div class=\"two\">",
                                reliability(),
                                contactSheet(),
                                "</div>",
                                diagram(),
                                layers(),
                                facts(),
                                goOn(),
                                "<footer>Written by convzoo. This page is whole in itself: it loads nothing and runs no"
                                        + " script.</footer>"));
    }

    /** {@code digits} of digits, {@code clothing} of a folder with that name. */
    private static String lastName(String data) {
        return data.replaceAll("[/\\\\]+$", "").replaceAll(".*[/\\\\:]", "");
    }

    private static String style() {
        try (InputStream css = ReportPage.class.getResourceAsStream("report.css")) {
            if (css == null) throw new IllegalStateException("report.css is missing from the jar of view");
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("report.css cannot be read from the jar of view", e);
        }
    }

    // -- the result -------------------------------------------------------------------------------

    private String header(String title) {
        EpochMetrics last = epochs.get(epochs.size() - 1);
        double seconds = epochs.stream().mapToDouble(EpochMetrics::seconds).sum();
        long right = Math.round(evaluation.top1() * evaluation.images());
        List<String> numbers = new ArrayList<>();
        numbers.add(number(
                " class=\"chief\"",
                "test images right",
                Numbers.percent(evaluation.top1()),
                Numbers.grouped(right) + " of " + Numbers.grouped(evaluation.images())));
        if (model.labels().size() > 5)
            numbers.add(number("", "among the first five", Numbers.percent(evaluation.top5()), "top-5"));
        numbers.add(number(
                "",
                "test loss",
                Numbers.decimals(evaluation.loss()),
                "calibration error " + Numbers.percent(evaluation.calibrationError())));
        numbers.add(number(
                "",
                "training took",
                Numbers.duration(seconds),
                epochs.size() + (epochs.size() == 1 ? " epoch, " : " epochs, ")
                        + Numbers.grouped(Math.round(last.imagesPerSecond())) + " images/s"));
        numbers.add(number(
                "",
                "parameters",
                Numbers.counted(graph.parameterCount()),
                Numbers.counted(graph.macs()) + " MACs an image"));
        String paper = model.provenance()
                .catalogued()
                .map(a -> a.family() + " (" + a.paper() + "), ")
                .orElse("");
        return "<header><h1>" + Html.escape(title) + "</h1>\n<p>"
                + Html.escape(paper + "images of " + graph.input().shape() + ", "
                        + model.labels().size() + " classes, " + date(last.time()))
                + "</p>\n<p class=\"verdict " + verdict.kind().name().toLowerCase(Locale.ROOT) + "\"><strong>"
                + Html.escape(verdict.line()) + "</strong> "
                + Html.escape(verdict.kind().advice())
                + "</p></header>\n<dl class=\"numbers\">\n" + String.join("\n", numbers) + "\n</dl>";
    }

    private static String number(String style, String name, String value, String more) {
        return "<div" + style + "><dt>" + name + "</dt><dd>" + Html.escape(value) + "<small>" + Html.escape(more)
                + "</small></dd></div>";
    }

    private static String date(long milliseconds) {
        return DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm z", Locale.ENGLISH)
                .format(Instant.ofEpochMilli(milliseconds).atZone(ZoneId.systemDefault()));
    }

    // -- the curves -------------------------------------------------------------------------------

    private String curves() {
        int count = epochs.size(), best = count == 1 ? 0 : verdict.best();
        var top1 = new Curves(
                "Share of images right by epoch",
                count,
                best,
                Numbers::shortPercent,
                false,
                1,
                line("training", EpochMetrics::trainTop1),
                line("test", EpochMetrics::top1));
        var loss = new Curves(
                "Loss by epoch",
                count,
                best,
                Numbers::decimals,
                true,
                Double.NaN,
                line("training", EpochMetrics::trainLoss),
                line("test", EpochMetrics::loss));
        var rate = new Curves("Learning rate by step", count, 0, Numbers::decimals, true, Double.NaN, rate());
        return """
                <section><h2>How it learned</h2>
                <div class="key"><span>test images</span><span class="training">training images, as augmented</span></div>
                <div class="row">
                <div><h3>Images right</h3>%s</div>
                <div><h3>Loss</h3>%s</div>
                <div><h3>Learning rate</h3>%s</div>
                </div>
                <p class="soft">%s</p></section>""".formatted(top1.svg(), loss.svg(), rate.svg(), Html.escape(comparison()));
    }

    private Curves.Line line(String style, ToDoubleFunction<EpochMetrics> of) {
        return new Curves.Line(
                style, style, ended(), epochs.stream().mapToDouble(of).toArray());
    }

    private double[] ended() {
        return epochs.stream().mapToDouble(EpochMetrics::epoch).toArray();
    }

    /**
     * The learning rate step by step, so that a warm-up shows that is shorter than an epoch; the ends of epochs where
     * the recipe does not lead to the rates that were used, as in a run that was lengthened.
     */
    private Curves.Line rate() {
        double[] used = epochs.stream().mapToDouble(EpochMetrics::learningRate).toArray();
        EpochMetrics last = epochs.get(epochs.size() - 1);
        if (recipe.isEmpty() || recipe.get().epochs() != last.epoch())
            return new Curves.Line("rate", "rate", ended(), used);
        Recipe r = recipe.get();
        for (EpochMetrics e : epochs) {
            double planned = r.learningRate() * r.schedule().factor(e.step() - 1, last.step());
            if (Math.abs(planned - e.learningRate()) > 1e-6 * r.learningRate())
                return new Curves.Line("rate", "rate", ended(), used);
        }
        int points = (int) Math.min(POINTS, last.step());
        double[] x = new double[points], y = new double[points];
        for (int i = 0; i < points; i++) {
            long step = points == 1 ? 0 : Math.round(i * (last.step() - 1.0) / (points - 1));
            x[i] = (step + 1.0) / last.step() * last.epoch();
            y[i] = r.learningRate() * r.schedule().factor(step, last.step());
        }
        return new Curves.Line("rate", "rate", x, y);
    }

    /** Why the two lines of a picture are not of the same thing. */
    private String comparison() {
        StringJoiner text = new StringJoiner(" ");
        boolean augmented =
                recipe.isPresent() && !recipe.get().augmentation().steps().isEmpty();
        text.add("Training images are counted while they are learnt from, by the network as it was at each step"
                + (augmented ? ", and changed at random" : "")
                + "; test images are counted at the end of the epoch"
                + (augmented ? ", as they are" : "")
                + ". So the test may do better than the training.");
        if (recipe.isEmpty()) return text.toString();
        double s = recipe.get().smoothing();
        if (s > 0) {
            int k = model.labels().size();
            double other = s / k, own = 1 - s + other;
            double floor = -own * Math.log(own) - (k - 1) * other * Math.log(other);
            text.add(String.format(
                    Locale.ROOT,
                    "The training loss is of labels smoothed by %s, of which no network gets under %.2f; the test loss is"
                            + " of the labels as they are.",
                    Numbers.decimals(s),
                    floor));
        }
        if (recipe.get().optimizer().ema() > 0) text.add("The test is of the averaged weights.");
        return text.toString();
    }

    // -- the classes ------------------------------------------------------------------------------

    private String classes() {
        int[] training = counts(ended.splits().train(), model.labels().size());
        int[] predicted = new int[training.length];
        evaluation.predictions().forEach(p -> predicted[p.predicted()]++);
        List<Evaluation.PerClass> all = evaluation.perClass();
        int most = Math.max(1, IntStream.of(training).max().orElse(1)),
                fewest = IntStream.of(training).min().orElse(0);
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, all.size()).boxed().toList());
        boolean sorted = all.size() > IN_ORDER;
        // A class without images comes last.
        if (sorted)
            order.sort(Comparator.comparingDouble(
                    (Integer k) -> all.get(k).support() == 0 ? 2 : all.get(k).recall()));
        StringBuilder html =
                new StringBuilder("<section><h2>Class by class</h2>\n<p class=\"soft\">" + balance(most, fewest)
                        + " Recall: of its test images, how many were found. Precision: of what was said to be of the class, how"
                        + " much was." + (sorted ? " The least found first." : "") + "</p>\n"
                        + "<div class=\"scroll\"><table class=\"wide classes\"><thead><tr><th>class</th>"
                        + "<th title=\"training images\">training</th><th class=\"n\" title=\"test images\">test</th>"
                        + "<th>recall</th><th>precision</th><th class=\"n\" title=\"harmonic mean of both\">F1</th></tr></thead>\n"
                        + "<tbody>\n");
        for (int k : order) {
            Evaluation.PerClass c = all.get(k);
            html.append("<tr><td class=\"name\"><div>" + Html.escape(c.label()) + "</div></td>"
                    + bar(training[k] / (double) most, Numbers.grouped(training[k]), "bar training")
                    + "<td class=\"n\">"
                    + Numbers.grouped(c.support()) + "</td>"
                    + (c.support() == 0 ? none() : bar(c.recall(), Numbers.percent(c.recall()), "bar"))
                    + (predicted[k] == 0 ? none() : bar(c.precision(), Numbers.percent(c.precision()), "bar"))
                    + (c.support() == 0 ? none() : String.format(Locale.ROOT, "<td class=\"n\">%.3f</td>", c.f1()))
                    + "</tr>\n");
        }
        return html.append("</tbody></table></div></section>").toString();
    }

    private static int[] counts(Dataset dataset, int classes) {
        int[] counts = new int[classes];
        for (int i = 0; i < dataset.size(); i++) counts[dataset.label(i)]++;
        return counts;
    }

    private static String balance(int most, int fewest) {
        if (fewest == 0) return "Some classes have no training images: they cannot be learnt.";
        double ratio = most / (double) fewest;
        return ratio < 1.2
                ? "All classes have about as many training images."
                : "The largest class has " + Numbers.decimals(ratio)
                        + " times as many training images as the smallest.";
    }

    private static String bar(double share, String text, String style) {
        return String.format(Locale.ROOT, "<td class=\"%s\" style=\"--v:%.3f\">%s</td>", style, share, text);
    }

    private static String none() {
        return "<td class=\"soft\" title=\"there is nothing to count\">–</td>";
    }

    // -- pictures ---------------------------------------------------------------------------------

    private String samples() {
        List<Prediction> doubtful = evaluation.predictions().stream()
                .filter(Prediction::right)
                .sorted(Comparator.comparingDouble(Prediction::probability).thenComparingInt(Prediction::index))
                .limit(DOUBTFUL)
                .toList();
        return "<section><h2>Mistaken, doubtful, right</h2>\n"
                + gallery("Mistaken: wrong, the surest of itself first", "mistakes", evaluation.worst(MISTAKES))
                + gallery("Doubtful: right, the least sure first", "doubtful", doubtful)
                + gallery(
                        "Right: the surest of " + (evaluation.labels().size() <= RIGHT ? "each class" : "some classes"),
                        "right",
                        surest())
                + "</section>";
    }

    /** Of each class, or of some of many, the image that was found most surely. */
    private List<Prediction> surest() {
        Map<Integer, Prediction> surest = new TreeMap<>();
        for (Prediction p : evaluation.predictions())
            if (p.right()) surest.merge(p.label(), p, (a, b) -> b.probability() > a.probability() ? b : a);
        List<Prediction> all = List.copyOf(surest.values());
        int shown = Math.min(RIGHT, all.size());
        return IntStream.range(0, shown)
                .mapToObj(i -> all.get((int) ((long) i * all.size() / shown)))
                .toList();
    }

    private String gallery(String title, String style, List<Prediction> predictions) {
        if (predictions.isEmpty()) return "";
        StringBuilder html = new StringBuilder("<h3>" + title + "</h3>\n<div class=\"pictures " + style + "\">\n");
        for (Prediction p : predictions) {
            String label = evaluation.labels().get(p.label()),
                    said = evaluation.labels().get(p.predicted());
            String caption = p.right()
                    ? "<b>" + Html.escape(label) + "</b>"
                    : "is <b>" + Html.escape(label) + "</b>, said <b class=\"said\">" + Html.escape(said) + "</b>";
            html.append(pictures.figure(
                    p.index(),
                    p.right() ? label : label + ", said to be " + said,
                    caption + "<br>" + Numbers.percent(p.probability()) + " sure"));
        }
        return html.append("</div>\n").toString();
    }

    private String reliability() {
        return """
                <section><h2>How sure it may be</h2>
                <p class="soft">Test images by how sure the network is of its answer, and how many of them are right. Bars \
                that end at their mark tell of a network that knows what it knows; below the mark it is too sure of \
                itself. On average the two are %s apart (calibration error).</p>
                %s</section>""".formatted(
                Numbers.percent(evaluation.calibrationError()), new Reliability(evaluation.predictions()).svg());
    }

    /** The first training pictures of the first epoch, read back from what the network was given. */
    private String contactSheet() {
        Dataset train = ended.splits().train();
        int classes = model.labels().size();
        Augmentation augmentation = recipe.map(Recipe::augmentation).orElse(Augmentation.NONE);
        var settings = Loader.Settings.of(Math.min(SHEET, train.size()), classes)
                .withSeed(recipe.map(Recipe::seed).orElse(0L))
                .withWorkers(1);
        StringBuilder figures = new StringBuilder();
        try (Loader loader = new Loader(train, model.transform(), augmentation, settings);
                Loader.Epoch epoch = loader.epoch(1, Loader.Order.SHUFFLED)) {
            Loader.Minibatch first = epoch.next();
            float[] values = new float[Math.toIntExact(loader.image().elements())];
            for (int label : first.labels()) {
                first.batch().images().get(values);
                String name = model.labels().get(label);
                figures.append(Thumbnails.figure(picture(values), name, Html.escape(name)));
            }
        } catch (RuntimeException e) { // a picture that is not there any more
            return "";
        }
        return "<section><h2>What it learned from</h2>\n<p class=\"soft\">The first training images of the run as the"
                + " network saw them" + (augmentation.steps().isEmpty() ? "" : ", changed at random")
                + ".</p>\n<div class=\"pictures sheet\">\n" + figures + "</div></section>";
    }

    /** What normalising was done to, of C x H x W floats. */
    private Picture picture(float[] values) {
        Transform.Normalise n = model.transform().normalise();
        int channels = n.mean().size(), plane = values.length / channels;
        byte[] pixels = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            int c = i / plane;
            long v = Math.round(255 * (values[i] * n.std().get(c) + n.mean().get(c)));
            pixels[i % plane * channels + c] = (byte) Math.max(0, Math.min(255, v));
        }
        return new Picture(model.task().image().width(), model.task().image().height(), channels, pixels);
    }

    // -- the network ------------------------------------------------------------------------------

    /** As a picture, so that its styles and the page's stay apart; a telephone gets one with all parts in a column. */
    private String diagram() {
        Diagram diagram = Diagram.of(graph);
        return "<section><h2>The network</h2>\n<div class=\"scroll-x\"><picture><source media=\"(max-width: 520px)\""
                + " srcset=\"" + svg(diagram.narrowSvg()) + "\"><img class=\"diagram\" src=\"" + svg(diagram.svg())
                + "\" alt=\"" + Html.escape(diagram.title()) + "\"></picture></div></section>";
    }

    private static String svg(String text) {
        return Html.dataUri("image/svg+xml", text.getBytes(StandardCharsets.UTF_8));
    }

    private String layers() {
        ShapeTable table = ShapeTable.of(graph);
        StringBuilder html =
                new StringBuilder("<section><details" + (table.rows().size() <= 40 ? " open" : "")
                        + "><summary><h2>The network, layer by layer</h2></summary>\n<div class=\"scroll\"><table class=\"wide\">"
                        + "<thead><tr><th>layer</th><th>op</th><th>output</th><th class=\"n\">parameters</th>"
                        + "<th class=\"n\">MACs</th></tr></thead>\n<tbody>\n");
        for (ShapeTable.Row r : table.rows()) {
            html.append("<tr><td><code>" + Html.escape(r.path()) + "</code>" + (r.training() ? " *" : "") + "</td><td>"
                    + Html.escape(r.op()) + "</td><td>" + r.output() + "</td><td class=\"n\">" + blank(r.parameters())
                    + "</td><td class=\"n\">" + blank(r.macs()) + "</td></tr>\n");
        }
        return html.append("</tbody>\n<tfoot><tr><td>total</td><td></td><td></td><td class=\"n\">"
                        + Numbers.grouped(table.parameters()) + "</td><td class=\"n\">" + Numbers.grouped(table.macs())
                        + "</td></tr></tfoot></table></div>"
                        + (table.rows().stream().anyMatch(ShapeTable.Row::training)
                                ? "<p class=\"soft\">* in training only: its parameters count, its MACs do not</p>"
                                : "")
                        + "</details></section>")
                .toString();
    }

    private static String blank(long n) {
        return n == 0 ? "" : Numbers.grouped(n);
    }

    // -- how it was made --------------------------------------------------------------------------

    private String facts() {
        StringBuilder html = new StringBuilder("<section><h2>How it was made</h2>\n<dl class=\"facts\">\n");
        EpochMetrics first = epochs.get(0), last = epochs.get(epochs.size() - 1);
        fact(html, "network", model.graph().name());
        model.provenance().options().values().forEach((key, value) -> fact(html, key, value));
        fact(
                html,
                "size",
                Numbers.grouped(graph.parameterCount()) + " parameters, " + Numbers.grouped(graph.macs())
                        + " multiply-accumulates an image");
        fact(html, "data", model.provenance().data());
        fact(
                html,
                "images",
                Numbers.grouped(ended.splits().train().size()) + " for training, "
                        + Numbers.grouped(ended.splits().test().size()) + " for the test, of "
                        + model.labels().size()
                        + " classes");
        recipe.ifPresent(r -> {
            fact(html, "recipe", r.toString());
            fact(html, "precision", "training in " + r.precision() + ", test in f32");
        });
        fact(html, "images go through", words(model.transform().toJson()));
        fact(html, "epochs", epochs.size() + ", in " + Numbers.grouped(last.step()) + " steps");
        fact(html, "first epoch ended", date(first.time()));
        fact(html, "last epoch ended", date(last.time()));
        fact(html, "engine", ended.engine());
        String processor = Machine.processor();
        fact(
                html,
                "machine",
                (processor.isEmpty() ? "" : processor + "; ") + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch") + ", "
                        + Runtime.getRuntime().availableProcessors() + " processors");
        String version = ReportPage.class.getPackage().getImplementationVersion();
        fact(
                html,
                "program",
                "convzoo " + (version == null ? "(not packaged)" : version) + ", Java " + Runtime.version());
        return html.append("</dl></section>").toString();
    }

    /** A transform's steps in their order, each with its settings: {@code resize (28, 28, bilinear)}. */
    private static String words(JsonNode transform) {
        StringJoiner steps = new StringJoiner(", ");
        for (JsonNode step : transform.path("steps")) {
            StringJoiner settings = new StringJoiner(", ", " (", ")").setEmptyValue("");
            step.properties().forEach(s -> {
                if (!s.getKey().equals("step"))
                    settings.add(s.getKey() + " " + s.getValue().asText());
            });
            steps.add(step.path("step").asText() + settings);
        }
        JsonNode normalise = transform.path("normalise");
        return steps.add("normalise (mean " + normalise.path("mean") + ", std " + normalise.path("std") + ")")
                .toString();
    }

    private static void fact(StringBuilder html, String name, String value) {
        html.append("<dt>" + Html.escape(name) + "</dt><dd>" + Html.escape(value) + "</dd>\n");
    }

    private String goOn() {
        String run = shell(ended.run().path().toString());
        StringBuilder train = new StringBuilder(model.graph().name());
        train.append(" --image ").append(model.task().image());
        model.provenance().options().values().forEach((key, value) -> train.append(" -O ")
                .append(shell(key + "=" + value)));
        return """
                <section><h2>How to go on</h2>
                <p>Ask it about pictures of yours:</p>
                <pre>./convzoo predict %1$s PICTURE.png</pre>
                <p>The numbers of this page again, as text or as data:</p>
                <pre>./convzoo evaluate %1$s
                ./convzoo evaluate %1$s --json</pre>
                <p>Train such a network on pictures of yours, in a folder a class:</p>
                <pre>./convzoo train %2$s --data FOLDER</pre>
                </section>""".formatted(Html.escape(run), Html.escape(train.toString()));
    }

    /** A word as a shell takes it. */
    private static String shell(String word) {
        return word.matches("[\\w./:=@%+,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
