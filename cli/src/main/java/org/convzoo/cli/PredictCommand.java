package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.convzoo.classify.Model;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Predictor;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.images.Ink;
import org.convzoo.images.PictureReader;
import org.convzoo.images.Transform;
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
        description = "Says what PNG and JPEG pictures show: the most probable classes of each.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  convzoo predict runs/lenet-digits five.png"})
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

    /** Pictures from which on it pays to measure which way is the fastest. */
    private static final int MANY = 1000;

    @Parameters(index = "0", paramLabel = "RUN", description = "A run directory or a model.safetensors.")
    private Path run = Path.of("");

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "PNG or JPEG files.")
    private List<Path> files = List.of();

    @Option(names = "--top", paramLabel = "K", description = "How many classes to name (default: ${DEFAULT-VALUE}).")
    private int top = 3;

    @Option(
            names = "--invert",
            paramLabel = "auto|yes|no",
            description = "For networks trained on light drawings on a dark ground: whether the pictures are dark on"
                    + " light. By default the border of each decides: it is taken for the ground.")
    private @Nullable Invert invert;

    @Option(names = "--json", description = "Print as JSON.")
    private boolean json;

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    @Mixin
    private TuningOption tuning = new TuningOption();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (top < 1) throw new IllegalArgumentException("--top is at least 1, got " + top);
        Model model = Model.read(run);
        Transform transform =
                invert == null ? model.transform() : model.transform().with(invert.polarity);
        FloatBuffer image = Batch.buffer(model.task().image().elements());
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        PrintWriter out = spec.commandLine().getOut();
        int failed = 0;
        try (Engine engine = Engine.open(files.size() < MANY ? TuningOption.USUAL : tuning.engine());
                Predictor predictor = engine.predictor(model.graph(), model.weights(), precision.predictor())) {
            for (Path file : files) {
                try {
                    transform.apply(PictureReader.read(file), image.clear());
                } catch (BrokenFileException | OutOfMemoryException e) {
                    // the other pictures have their turn
                    spec.commandLine().getErr().println("convzoo: " + Failures.text(e));
                    failed++;
                    continue;
                }
                double[] probabilities = softmax(predictor.logits(image.flip(), 1));
                if (json) all.add(json(file, probabilities, model.labels()));
                else print(file, probabilities, model.labels(), out);
            }
        }
        if (json) out.println(all.toPrettyString());
        return failed == 0 ? 0 : Failures.FAILED;
    }

    private void print(Path file, double[] probabilities, List<String> labels, PrintWriter out) {
        out.println(file);
        for (int k : best(probabilities)) out.printf("%9s  %s%n", Numbers.percent(probabilities[k]), labels.get(k));
    }

    private ObjectNode json(Path file, double[] probabilities, List<String> labels) {
        ObjectNode o = JsonNodeFactory.instance.objectNode().put("image", file.toString());
        ArrayNode predictions = o.putArray("predictions");
        for (int k : best(probabilities))
            predictions.addObject().put("label", labels.get(k)).put("probability", probabilities[k]);
        return o;
    }

    private int[] best(double[] probabilities) {
        return IntStream.range(0, probabilities.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer k) -> -probabilities[k]))
                .limit(top)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static double[] softmax(float[] logits) {
        double highest = Double.NEGATIVE_INFINITY, sum = 0;
        for (float l : logits) highest = Math.max(highest, l);
        double[] p = new double[logits.length];
        for (int k = 0; k < p.length; k++) sum += p[k] = Math.exp(logits[k] - highest);
        for (int k = 0; k < p.length; k++) p[k] /= sum;
        return p;
    }
}
