package org.convzoo.view;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.convzoo.classify.Model;
import org.convzoo.graph.Graph;
import org.convzoo.images.Dataset;
import org.convzoo.images.Filter;
import org.convzoo.images.Picture;
import org.convzoo.images.Resize;
import org.convzoo.train.EpochMetrics;
import org.convzoo.train.Evaluation;
import org.convzoo.train.Evaluation.Prediction;
import org.convzoo.train.Recipe;
import org.convzoo.train.RunReport;

/**
 * A training run as one HTML page that loads nothing from elsewhere and runs no script: the result, the curves, the
 * confusion matrix, each class, the worst mistakes as pictures, the network as a figure and layer by layer, the recipe, and how to go
 * on. It follows the reader's choice of light or dark.
 */
final class ReportPage {
    private final Path run;
    private final Model model;
    private final List<EpochMetrics> epochs;
    private final Evaluation evaluation;
    private final Dataset test;

    ReportPage(RunReport.Ended ended) {
        run = ended.run().path();
        model = ended.model();
        epochs = ended.history();
        evaluation = ended.evaluation();
        test = ended.splits().test();
    }

    private static final int MISTAKES = 24, PICTURE = 192;
    /** So many classes still fit a matrix with numbers, and so many one without. */
    private static final int NUMBERED = 20, DRAWN = 60;

    /** The page. Throws {@link IOException} when a picture cannot be read. */
    String html() throws IOException {
        Graph graph = model.graph();
        String title = model.architecture().name() + " on " + lastName(model.data());
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
                                header(title, graph),
                                curves(),
                                "<div class=\"two\">",
                                confusion(),
                                perClass(),
                                "</div>",
                                mistakes(),
                                diagram(graph),
                                layers(graph),
                                recipe(),
                                goOn(),
                                "<footer>Written by convzoo. This page is whole in itself: it loads nothing and runs no"
                                        + " script.</footer>"));
    }

    /** {@code digits} of digits, {@code clothing} of a folder with that name. */
    private static String lastName(String data) {
        return data.replaceAll("/+$", "").replaceAll(".*[/:]", "");
    }

    private static String style() throws IOException {
        try (InputStream css = ReportPage.class.getResourceAsStream("report.css")) {
            if (css == null) throw new IllegalStateException("report.css is missing from the jar of view");
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    // -- the parts --------------------------------------------------------------------------------

    private String header(String title, Graph graph) {
        EpochMetrics last = epochs.get(epochs.size() - 1);
        double seconds = sum(EpochMetrics::seconds);
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
        var paper = model.architecture();
        return "<header><h1>" + Html.escape(title) + "</h1>\n<p>"
                + Html.escape(paper.family() + " (" + paper.paper() + "), images of "
                        + graph.input().shape() + ", " + model.labels().size() + " classes")
                + "</p></header>\n<dl class=\"numbers\">\n" + String.join("\n", numbers) + "\n</dl>";
    }

    private static String number(String style, String name, String value, String more) {
        return "<div" + style + "><dt>" + name + "</dt><dd>" + Html.escape(value) + "<small>" + Html.escape(more)
                + "</small></dd></div>";
    }

    private String curves() {
        var loss = new Curves(
                "Loss by epoch",
                Numbers::decimals,
                true,
                Double.NaN,
                line("training", EpochMetrics::trainLoss),
                line("test", EpochMetrics::loss));
        var top1 = new Curves(
                "Share of images right by epoch",
                ReportPage::shortPercent,
                false,
                1,
                line("training", EpochMetrics::trainTop1),
                line("test", EpochMetrics::top1));
        var rate = new Curves(
                "Learning rate at the end of each epoch",
                Numbers::decimals,
                true,
                Double.NaN,
                line("rate", EpochMetrics::learningRate));
        return """
                <section><h2>How it learned</h2>
                <div class="key"><span>test images</span><span class="training">training images, as augmented</span></div>
                <div class="row">
                <div><h3>Images right</h3>%s</div>
                <div><h3>Loss</h3>%s</div>
                <div><h3>Learning rate</h3>%s</div>
                </div></section>""".formatted(top1.svg(), loss.svg(), rate.svg());
    }

    private Curves.Line line(String style, ToDoubleFunction<EpochMetrics> of) {
        return new Curves.Line(style, style, epochs.stream().mapToDouble(of).toArray());
    }

    /** The matrix, where there are not too many classes for one. */
    private String confusion() {
        int[][] counts = evaluation.confusion();
        if (counts.length > DRAWN) return "";
        return """
                <section><h2>What is taken for what</h2>
                <p class="soft">A row is what an image is, a column what the network says.</p>
                %s</section>""".formatted(matrix(counts));
    }

    private String matrix(int[][] counts) {
        List<String> labels = evaluation.labels();
        boolean numbered = labels.size() <= NUMBERED;
        boolean lengthy = labels.stream().anyMatch(l -> l.length() > 3);
        StringBuilder html = new StringBuilder("<div class=\"scroll\"><table class=\"confusion"
                + (numbered ? "" : " small") + "\">\n<thead><tr><td class=\"corner\"></td>");
        for (String label : labels) {
            html.append("<th scope=\"col\">")
                    .append(lengthy ? "<div class=\"long\">" : "<div>")
                    .append(Html.escape(label))
                    .append("</div></th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (int i = 0; i < counts.length; i++) {
            int support = Math.max(1, IntStream.of(counts[i]).sum());
            html.append("<tr><th scope=\"row\">")
                    .append(Html.escape(labels.get(i)))
                    .append("</th>");
            for (int j = 0; j < counts.length; j++) cell(html, i, j, counts[i][j], support, numbered);
            html.append("</tr>\n");
        }
        return html.append("</tbody></table></div>\n").toString();
    }

    private void cell(StringBuilder html, int i, int j, int count, int support, boolean numbered) {
        // Mistakes are few: the root makes a share of 1 % visible beside one of 10 %.
        double share = count / (double) support;
        double depth = i == j ? 0.12 + 0.88 * share * share : Math.min(1, 1.6 * Math.sqrt(share));
        String style = count == 0 ? "none" : (i == j ? "right" : "wrong") + (depth > 0.6 ? " strong" : "");
        html.append("<td class=\"").append(style).append('"');
        if (count > 0) html.append(String.format(Locale.ROOT, " style=\"--v:%.2f\"", depth));
        html.append(" title=\"")
                .append(Html.escape(evaluation.labels().get(i) + ": " + count + " of " + support + " said to be "
                        + evaluation.labels().get(j)))
                .append("\">")
                .append(numbered ? Integer.toString(count) : "")
                .append("</td>");
    }

    /** The five most frequent mistakes. */
    private String pairs(int[][] counts) {
        record Pair(int label, int said, int count) {}
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < counts.length; i++)
            for (int j = 0; j < counts.length; j++)
                if (i != j && counts[i][j] > 0) pairs.add(new Pair(i, j, counts[i][j]));
        pairs.sort((a, b) -> Integer.compare(b.count(), a.count()));
        StringBuilder html = new StringBuilder();
        for (Pair p : pairs.subList(0, Math.min(5, pairs.size()))) {
            html.append("<li><b>")
                    .append(Html.escape(evaluation.labels().get(p.label())))
                    .append("</b> taken for <b>")
                    .append(Html.escape(evaluation.labels().get(p.said())))
                    .append("</b>, ")
                    .append(p.count() == 1 ? "once" : p.count() + " times")
                    .append("</li>\n");
        }
        return html.toString();
    }

    private String perClass() {
        StringBuilder html = new StringBuilder("""
                <section><h2>Class by class</h2>
                <p class="soft">Recall: of its images, how many were found. Precision: of what was said to be of the class, how much was.</p>
                <div class="scroll"><table class="wide"><thead><tr><th>class</th><th class="n">images</th><th>recall</th>\
                <th>precision</th><th class="n" title="harmonic mean of both">F1</th></tr></thead>
                <tbody>
                """);
        for (Evaluation.PerClass c : evaluation.perClass()) {
            html.append("<tr><td>")
                    .append(Html.escape(c.label()))
                    .append("</td><td class=\"n\">")
                    .append(Numbers.grouped(c.support()))
                    .append("</td>")
                    .append(bar(c.recall()))
                    .append(bar(c.precision()))
                    .append(String.format(Locale.ROOT, "<td class=\"n\">%.3f</td></tr>%n", c.f1()));
        }
        String pairs = pairs(evaluation.confusion());
        return html.append("</tbody></table></div>\n")
                .append(
                        pairs.isEmpty()
                                ? ""
                                : "<h3 class=\"below\">Most often taken for another</h3>\n<ol class=\"pairs\">\n"
                                        + pairs + "</ol>")
                .append("</section>")
                .toString();
    }

    private static String bar(double share) {
        return String.format(
                Locale.ROOT, "<td class=\"bar\" style=\"--v:%.3f\">%s</td>", share, Numbers.percent(share));
    }

    private String mistakes() throws IOException {
        List<Prediction> worst = evaluation.worst(MISTAKES);
        if (worst.isEmpty()) return "";
        StringBuilder html = new StringBuilder("<section><h2>The worst mistakes</h2>\n<p class=\"soft\">Wrong, and the"
                + " surest of itself first.</p>\n<div class=\"mistakes\">\n");
        for (Prediction p : worst) {
            Picture picture = small(test.picture(p.index()));
            String label = evaluation.labels().get(p.label()),
                    said = evaluation.labels().get(p.predicted());
            html.append("<figure><div class=\"frame\"><img")
                    .append(Math.max(picture.width(), picture.height()) < 64 ? " class=\"tiny\"" : "")
                    .append(" width=\"" + picture.width() + "\" height=\"" + picture.height() + "\" src=\"")
                    .append(Html.dataUri(picture))
                    .append("\" alt=\"")
                    .append(Html.escape(label + ", said to be " + said))
                    .append("\" title=\"")
                    .append(Html.escape(p.name()))
                    .append("\"></div><figcaption>is <b>")
                    .append(Html.escape(label))
                    .append("</b>, said <b class=\"said\">")
                    .append(Html.escape(said))
                    .append("</b><br>")
                    .append(Numbers.percent(p.probability()))
                    .append(" sure</figcaption></figure>\n");
        }
        return html.append("</div></section>").toString();
    }

    /** The same with its longer side at most {@value #PICTURE} pixels. */
    private static Picture small(Picture picture) {
        int longer = Math.max(picture.width(), picture.height());
        if (longer <= PICTURE) return picture;
        int width = Math.max(1, Math.round((float) picture.width() * PICTURE / longer));
        int height = Math.max(1, Math.round((float) picture.height() * PICTURE / longer));
        return Resize.resize(picture, width, height, Filter.BICUBIC);
    }

    /** As a picture, so that its styles and the page's stay apart. */
    private static String diagram(Graph graph) {
        Diagram diagram = Diagram.of(graph);
        return "<section><h2>The network</h2>\n<img class=\"diagram\" src=\""
                + Html.dataUri("image/svg+xml", diagram.svg().getBytes(StandardCharsets.UTF_8)) + "\" alt=\""
                + Html.escape(diagram.title()) + "\"></section>";
    }

    private static String layers(Graph graph) {
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

    private String recipe() {
        StringBuilder html = new StringBuilder("<section><h2>How it was made</h2>\n<dl class=\"facts\">\n");
        fact(html, "network", model.architecture().name());
        model.options().values().forEach((key, value) -> fact(html, key, value));
        fact(html, "data", model.data());
        if (!model.recipe().isEmpty())
            fact(html, "recipe", Recipe.of(model.recipe()).toString());
        fact(html, "images go through", words(model.transform().toJson()));
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
        return """
                <section><h2>How to go on</h2>
                <p>Ask it about pictures of yours:</p>
                <pre>./convzoo predict %1$s PICTURE.png</pre>
                <p>The numbers of this page again, as text or as data:</p>
                <pre>./convzoo evaluate %1$s
                ./convzoo evaluate %1$s --json</pre>
                <p>Train it on pictures of yours, in a folder a class:</p>
                <pre>./convzoo train %2$s --data FOLDER</pre>
                </section>""".formatted(
                Html.escape(run.toString()), Html.escape(model.architecture().name()));
    }

    // -- numbers ----------------------------------------------------------------------------------

    private double sum(ToDoubleFunction<EpochMetrics> of) {
        return epochs.stream().mapToDouble(of).sum();
    }

    /** {@code 97.5%} or {@code 97%}. */
    private static String shortPercent(double share) {
        return Numbers.decimals(100 * share) + " %";
    }
}
