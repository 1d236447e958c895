package org.convzoo.view;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;
import org.convzoo.classify.Model;
import org.convzoo.graph.Graph;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Recipe;
import org.convzoo.system.Machine;
import org.convzoo.train.ConvzooVersion;
import org.convzoo.train.LayerLog;
import org.convzoo.train.RunReport;

/**
 * A training run as one HTML page that loads nothing from elsewhere and runs no script: the verdict and the result, the
 * curves, what the layers did, the confusion matrix with the pictures behind it, each class, what is mistaken, doubtful and right, how sure
 * the network may be, training pictures as it saw them, the network as a figure and layer by layer, how it was made,
 * and how to go on. It follows the reader's choice of light or dark. {@code report.html} is its template, which calls the
 * accessors of this class and of what they give.
 */
final class ReportPage {
    private final RunReport.Ended ended;
    private final Model model;
    private final Optional<Recipe> recipe;
    private final Verdict verdict;
    private final Thumbnails thumbnails;

    ReportPage(RunReport.Ended ended) {
        this.ended = ended;
        model = ended.model();
        recipe = model.provenance().recipe().isEmpty()
                ? Optional.empty()
                : Optional.of(Recipe.of(model.provenance().recipe()));
        verdict = Verdict.of(
                ended.history(),
                model.labels().size(),
                ended.pictures().validation().size(),
                ended.evaluation(),
                ended.kept());
        thumbnails = new Thumbnails(ended.splits().test());
    }

    String html() {
        return Template.filled("report.html", this);
    }

    String title() {
        return title(model.graph(), model.provenance().data());
    }

    /** A network and what it is trained on, in a few words. */
    static String title(Graph graph, String data) {
        return graph.name() + " on " + lastName(data);
    }

    /** {@code digits} of digits, {@code clothing} of a folder with that name. */
    static String lastName(String data) {
        return data.replaceAll("[/\\\\]+$", "").replaceAll(".*[/\\\\:]", "");
    }

    String style() {
        return Template.text("report.css");
    }

    ReportSummary summary() {
        return new ReportSummary(ended, verdict);
    }

    /** None of a linear probe, which has one epoch and no steps. */
    List<LearningCurves> learning() {
        var curves = new LearningCurves(ended.history(), recipe, model.labels().size(), ended.kept());
        return curves.headFirst() && ended.history().size() == 1 ? List.of() : List.of(curves);
    }

    /** None of a run that was not watched. */
    Optional<ReportLayers> watched() {
        return ReportLayers.of(new LayerLog(ended.run().path()).read(), model.graph());
    }

    List<Confusion> confusion() {
        Confusion confusion = new Confusion(ended.evaluation(), thumbnails);
        return confusion.isEmpty() ? List.of() : List.of(confusion);
    }

    ClassTable classes() {
        return ClassTable.of(ended.evaluation(), ended.auc(), ended.pictures().train());
    }

    List<Gallery> galleries() {
        return Gallery.of(ended.evaluation(), thumbnails);
    }

    String calibrationError() {
        return Numbers.percent(ended.evaluation().calibrationError());
    }

    Svg reliability() {
        return new Reliability(ended.evaluation().calibration()).svg();
    }

    Optional<ContactSheet> sheet() {
        return ContactSheet.of(model, recipe, ended.pictures().train());
    }

    ReportNetwork network() {
        return ReportNetwork.of(model.graph());
    }

    Optional<RecipeTable> settings() {
        return recipe.map(RecipeTable::of);
    }

    private boolean validated() {
        return ended.pictures().validation().size() > 0;
    }

    /** How the run was made: a name and what there is to say. */
    record Fact(String name, String value) {}

    List<Fact> facts() {
        List<EpochMetrics> epochs = ended.history();
        List<Fact> facts = new ArrayList<>();
        EpochMetrics first = epochs.get(0), last = epochs.get(epochs.size() - 1);
        facts.add(new Fact("network", model.graph().name()));
        model.provenance().options().values().forEach((key, value) -> facts.add(new Fact(key, value)));
        facts.add(new Fact(
                "size",
                Numbers.grouped(model.graph().parameterCount()) + " parameters, "
                        + Numbers.grouped(model.graph().macs()) + " multiply-accumulates an image"));
        String licence = model.provenance().licence();
        if (!model.provenance().origin().isEmpty())
            facts.add(new Fact(
                    "started from",
                    model.provenance().origin() + (licence.isEmpty() ? ", licence not stated" : ", " + licence)));
        facts.add(new Fact("data", model.provenance().data()));
        facts.add(new Fact(
                "images",
                Numbers.grouped(ended.pictures().train().size()) + " for training, "
                        + (validated()
                                ? Numbers.grouped(ended.pictures().validation().size()) + " for validation, "
                                : "")
                        + Numbers.grouped(ended.splits().test().size()) + " for the test, of "
                        + model.labels().size()
                        + " classes"));
        recipe.ifPresent(r -> facts.add(new Fact("precision", "training in " + r.precision() + ", test in f32")));
        facts.add(new Fact("images go through", words(model.transform().toJson())));
        facts.add(new Fact("epochs", epochs.size() + ", in " + Numbers.grouped(last.step()) + " steps"));
        facts.add(new Fact("first epoch ended", date(first.time())));
        facts.add(new Fact("last epoch ended", date(last.time())));
        facts.add(new Fact("engine", ended.engine()));
        String processor = Machine.processor();
        facts.add(new Fact(
                "machine",
                (processor.isEmpty() ? "" : processor + "; ") + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch") + ", "
                        + Runtime.getRuntime().availableProcessors() + " processors"));
        facts.add(new Fact("program", ConvzooVersion.text()));
        return facts;
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

    static String date(long milliseconds) {
        return DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm z", Locale.ENGLISH)
                .format(Instant.ofEpochMilli(milliseconds).atZone(ZoneId.systemDefault()));
    }

    /** The run's directory, for a command. */
    String run() {
        return Shell.quoted(ended.run().path().toString());
    }

    /** What {@code train} has to be told to train such a network. */
    String again() {
        StringBuilder train = new StringBuilder(model.graph().name());
        train.append(" --image ").append(model.task().image());
        model.provenance().options().values().forEach((key, value) -> train.append(" -O ")
                .append(Shell.quoted(key + "=" + value)));
        return train.toString();
    }
}
