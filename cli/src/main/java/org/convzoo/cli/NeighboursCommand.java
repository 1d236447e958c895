package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import org.convzoo.classify.Classifier;
import org.convzoo.classify.Model;
import org.convzoo.classify.Source;
import org.convzoo.view.NeighboursPage;
import org.convzoo.view.NeighboursPage.Neighbour;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The pictures that a network finds most like one. */
@Command(
        name = "neighbours",
        description = "Finds the pictures that are most like one: those whose features have the largest cosine with its"
                + " own, which is 1 for the same picture.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:  convzoo neighbours runs/photos PICTURE.jpg PHOTOS",
            "           convzoo neighbours runs/photos PICTURE.jpg PHOTOS --top 24 --html like.html"
        })
final class NeighboursCommand implements Callable<Integer> {
    @Mixin
    private ModelArgument argument = new ModelArgument();

    @Parameters(index = "1", paramLabel = "PICTURE", description = "The picture that others are compared with.")
    private Path picture = Path.of("");

    @Parameters(
            index = "2..*",
            arity = "1..*",
            paramLabel = "IMAGE",
            description = "The others: pictures, or folders of them and of such folders.")
    private List<Path> files = List.of();

    @Option(names = "--top", paramLabel = "K", description = "How many pictures to name (default: ${DEFAULT-VALUE}).")
    private int top = 10;

    @Mixin
    private PageOption page = new PageOption();

    @Mixin
    private PredictionOptions prediction = new PredictionOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (top < 1) throw new IllegalArgumentException("--top is at least 1, got " + top);
        page.requirePlace();
        files = PictureArguments.filesBelow(files);
        Model model = argument.model();
        // The least like stands first; of equals the last.
        PriorityQueue<Neighbour> best = new PriorityQueue<>(
                Comparator.comparingDouble(Neighbour::similarity).thenComparing(n -> -n.place()));
        int failed;
        try (Classifier classifier = Classifier.of(model, prediction.classifier(files.size()))) {
            float[] own = classifier.features(Source.of(picture));
            int[] place = {0};
            failed = PictureFeatures.each(classifier, files, spec.commandLine().getErr(), (other, features) -> {
                best.add(new Neighbour(Path.of(other), place[0]++, cosine(own, features)));
                if (best.size() > top) best.remove();
            });
        }
        List<Neighbour> neighbours = new ArrayList<>();
        while (!best.isEmpty()) neighbours.add(0, best.remove());
        page.print(() -> json(neighbours), () -> text(neighbours), () -> new NeighboursPage(
                        model.graph().name(), picture, neighbours)
                .html());
        return failed == 0 ? 0 : Failures.FAILED;
    }

    /** The cosine of the angle between two vectors; 0 where one has no length. */
    static double cosine(float[] a, float[] b) {
        double product = 0, squareA = 0, squareB = 0;
        for (int i = 0; i < a.length; i++) {
            product += (double) a[i] * b[i];
            squareA += (double) a[i] * a[i];
            squareB += (double) b[i] * b[i];
        }
        double lengths = Math.sqrt(squareA) * Math.sqrt(squareB);
        return lengths == 0 ? 0 : Math.max(-1, Math.min(1, product / lengths));
    }

    private String text(List<Neighbour> neighbours) {
        StringBuilder text = new StringBuilder();
        for (Neighbour n : neighbours)
            text.append(String.format(Locale.ROOT, "%6.3f  %s%n", n.similarity(), n.picture()));
        return text.toString();
    }

    private ObjectNode json(List<Neighbour> neighbours) {
        ObjectNode o = JsonNodeFactory.instance.objectNode().put("image", picture.toString());
        ArrayNode all = o.putArray("neighbours");
        for (Neighbour n : neighbours)
            all.addObject().put("image", n.picture().toString()).put("similarity", n.similarity());
        return o;
    }
}
