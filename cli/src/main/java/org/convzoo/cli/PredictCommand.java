package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.convzoo.classify.Classification;
import org.convzoo.classify.Classifier;
import org.convzoo.classify.ClassifierOptions;
import org.convzoo.classify.Model;
import org.convzoo.classify.Outcome;
import org.convzoo.classify.Prediction;
import org.convzoo.classify.Source;
import org.convzoo.images.Ink;
import org.convzoo.images.PictureReader;
import org.convzoo.pretrained.ImageNet;
import org.convzoo.view.Numbers;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a trained network sees in pictures. */
@Command(
        name = "predict",
        description = "Says what pictures show: the most probable classes of each.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:  convzoo predict runs/lenet-digits five.png",
            "           convzoo predict squeezenet1_1 cat.png",
            "           convzoo predict resnet50 --weights imagenet1k_v1 HOLIDAY"
        })
final class PredictCommand implements Callable<Integer> {
    /** Answers to: is the picture dark on light, so that it has to be inverted? */
    private enum Invert {
        AUTO(Ink.Polarity.AUTO),
        YES(Ink.Polarity.DARK_ON_LIGHT),
        NO(Ink.Polarity.LIGHT_ON_DARK);

        final Ink.Polarity polarity;

        Invert(Ink.Polarity polarity) {
            this.polarity = polarity;
        }
    }

    @Mixin
    private ModelArgument argument = new ModelArgument();

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "IMAGE",
            description = "Pictures (JPEG, PNG, WebP, BMP, GIF, TIFF), or folders of them.")
    private List<Path> files = List.of();

    @Option(names = "--top", paramLabel = "K", description = "How many classes to name (default: ${DEFAULT-VALUE}).")
    private int top = 3;

    @Option(
            names = "--invert",
            paramLabel = "auto|yes|no",
            description = "For networks trained on light drawings on a dark ground: whether the pictures are dark on"
                    + " light. By default the border of each decides: it is taken for the ground.")
    private @Nullable Invert invert;

    @Mixin
    private JsonOption json = new JsonOption();

    @Mixin
    private PredictionOptions prediction = new PredictionOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (top < 1) throw new IllegalArgumentException("--top is at least 1, got " + top);
        files = PictureArguments.files(files); // what is misspelt shows before anything is downloaded
        Model model = argument.model();
        notes(model);
        if (invert != null) model = model.with(model.transform().with(invert.polarity));
        // One at a time, what is said of a picture is the same whatever pictures stand beside it.
        ClassifierOptions options = prediction.classifier(files.size()).withBatch(1);
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        PrintWriter out = spec.commandLine().getOut();
        int failed = 0;
        try (Classifier classifier = Classifier.of(model, options);
                Stream<Outcome<Classification>> outcomes =
                        classifier.classifyAll(files.stream().map(Source::of).toList())) {
            for (Iterator<Outcome<Classification>> i = outcomes.iterator(); i.hasNext(); ) {
                Outcome<Classification> outcome = i.next();
                if (outcome.failure().isPresent()) {
                    // the other pictures have their turn
                    spec.commandLine()
                            .getErr()
                            .println("convzoo: "
                                    + Failures.text(outcome.failure().get()));
                    failed++;
                    continue;
                }
                List<Prediction> best = outcome.get().top(top);
                if (json.asked()) {
                    ObjectNode said = json(outcome.source().name(), best, model);
                    all.add(all.isEmpty() ? Origin.in(said, model) : said); // once is enough
                } else {
                    print(outcome.source().name(), best, model, out);
                }
            }
        }
        if (json.asked()) out.println(all.toPrettyString());
        return failed == 0 ? 0 : Failures.FAILED;
    }

    /** Says what the network does not see of such pictures as the first that can be read. */
    private void notes(Model model) {
        if (model.task().image().channels() != 1) return;
        for (Path file : files) {
            try {
                LostColour.note(model.task().image(), PictureReader.read(file))
                        .ifPresent(note -> spec.commandLine().getErr().println("convzoo: " + note));
                return;
            } catch (RuntimeException | OutOfMemoryError e) {
                // told in its turn
            }
        }
    }

    private static void print(String file, List<Prediction> best, Model model, PrintWriter out) {
        out.println(file);
        for (Prediction p : best)
            out.printf(
                    "%9s  %s%n",
                    Numbers.percent(p.probability()),
                    category(p, model).map(ImageNet.Category::text).orElse(p.label()));
    }

    /** What WordNet says of a class of ImageNet's. */
    private static Optional<ImageNet.Category> category(Prediction p, Model model) {
        return model.labels().equals(ImageNet.LABELS)
                ? Optional.of(ImageNet.CATEGORIES.get(p.index()))
                : Optional.empty();
    }

    private static ObjectNode json(String file, List<Prediction> best, Model model) {
        ObjectNode o = JsonNodeFactory.instance.objectNode().put("image", file);
        ArrayNode predictions = o.putArray("predictions");
        for (Prediction p : best) {
            ObjectNode one = predictions.addObject().put("label", p.label()).put("probability", p.probability());
            category(p, model)
                    .ifPresent(c ->
                            one.put("class", p.index()).put("wordnet", c.id()).put("synset", c.synset()));
        }
        return o;
    }
}
