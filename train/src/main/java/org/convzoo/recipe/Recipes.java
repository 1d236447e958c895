package org.convzoo.recipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.convzoo.engine.Optimizer;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Op;
import org.convzoo.images.Augmentation;
import org.convzoo.images.Augmentation.Affine;
import org.convzoo.images.Augmentation.Flip;
import org.convzoo.images.Augmentation.PaddedCrop;
import org.convzoo.images.Augmentation.ScaledCrop;
import org.convzoo.images.ColourJitter;
import org.convzoo.images.Filter;
import org.convzoo.images.Form;
import org.convzoo.images.Splits;
import org.convzoo.images.Transform;
import org.convzoo.json.Json;

/**
 * The recipes to start from, which fit the network, the pictures and how many there are. How they were found is told in
 * docs/recipes.md, with what else was tried.
 */
public final class Recipes {
    private static final Schedule ONE_CYCLE = new Schedule(0.1, new Schedule.Cosine());

    /** Images with fewer than which fine-tuning is careful, and nothing is held out: too few would judge. */
    private static final int FEW = 250;

    /** Images from which on a tenth is held out; of fewer, half as much. */
    private static final int MANY = 2000;

    private static final int LEAST_EPOCHS = 10, MOST_EPOCHS = 100;

    /** Multiply-accumulates of about an hour of training on two processor cores. */
    private static final double HOUR = 3.4e14;

    /** The decay of the weights' average: about the last 500 steps count. */
    private static final double EMA = 0.998;

    /**
     * The momentum of batch norms' running statistics, where a network was published with a smaller one, for runs of
     * millions of steps.
     */
    private static final double MOMENTUM = 0.1;

    private record Row(
            List<String> networks,
            Form form,
            double rate,
            Optimizer optimizer,
            double smoothing,
            Augmentation augmentation) {
        boolean fits(String name, String family, Form form) {
            return this.form == form && (networks.isEmpty() || networks.contains(family) || networks.contains(name));
        }
    }

    // The first row that fits: families or networks (none for any), and pictures; then the learning rate, optimizer,
    // smoothing, augmentation. MobileNetV3 learns at EfficientNet's rate, whose blocks with gates it shares.
    // spotless:off
    private static final List<Row> TABLE = List.of(
            row(List.of("LeNet"), Form.DIGITS,   0.02,  0.01, 0.0, new Affine(10, 0.1, 2, 0)),
            row(List.of("LeNet"), Form.GARMENTS, 0.02,  0.01, 0.0, new Flip(0.5)),
            row(List.of(),        Form.DIGITS,   0.002, 0.05, 0.0, new Affine(10, 0.1, 2, 0)),
            row(List.of(),        Form.GARMENTS, 0.002, 0.05, 0.0, new Flip(0.5), new PaddedCrop(2)),
            photos(0.0003, "VGG"),
            photos(0.003,  "Inception", "ResNet", "Plain", "ResNeXt", "SENet", "SKNet", "Res2Net", "ResNeSt"),
            photos(0.002,  "EfficientNet", "mobilenet_v3_large", "mobilenet_v3_small"),
            photos(0.008,  "MobileNet", "ShuffleNet", "ShuffleNetV2"),
            photos(0.001));
    // spotless:on

    private Recipes() {}

    /**
     * The recipe for drawn weights.
     *
     * @param family of the network in the catalogue; empty for one's own
     */
    public static Recipe scratch(Graph graph, String family, Splits splits) {
        int images = splits.train().size();
        Recipe recipe = of(graph.name(), family, splits.form()).withNetwork(adjustments(graph));
        if (splits.form() == Form.PHOTOS) recipe = recipe.withEpochs(epochs(graph, images));
        if (graph.isUnnormalised())
            recipe = recipe.withOptimizer(recipe.optimizer().clip(1.0));
        return recipe.withValidation(validation(images));
    }

    /** Of few images, each is worth more to learn from than to judge by. */
    private static Validation validation(int images) {
        return new Validation(images < FEW ? 0 : images < MANY ? 0.05 : 0.1, 0);
    }

    /** Few photos are seen more often, but not as much more often as they are fewer; large networks learn for an hour or so. */
    private static int epochs(Graph graph, int images) {
        double byPhotos = Math.min(MOST_EPOCHS, MOST_EPOCHS * Math.sqrt(1000.0 / images));
        double byWork = HOUR / (3.0 * graph.macs() * images);
        return (int) Math.max(LEAST_EPOCHS, Math.round(Math.min(byPhotos, byWork)));
    }

    private static List<Adjustment> adjustments(Graph graph) {
        List<Adjustment> adjustments = new ArrayList<>(List.of(new Adjustment.SmallHead()));
        if (graph.isUnnormalised()) adjustments.add(new Adjustment.HeStart());
        if (graph.nodes().stream().anyMatch(n -> n.op() instanceof Op.BatchNorm b && b.momentum() < MOMENTUM))
            adjustments.add(new Adjustment.NormMomentum(MOMENTUM));
        return adjustments;
    }

    /** The recipe for a thousand images of that form. */
    static Recipe of(String name, String family, Form form) {
        Row row = TABLE.stream()
                .filter(r -> r.fits(name, family, form))
                .findFirst()
                .orElseThrow();
        return Recipe.PLAIN
                .withEpochs(epochs(form))
                .withBatch(form == Form.PHOTOS ? 32 : 64)
                .withLearningRate(row.rate)
                .withOptimizer(row.optimizer)
                .withSchedule(ONE_CYCLE)
                .withSmoothing(row.smoothing)
                .withAugmentation(row.augmentation)
                .withNetwork(List.of(new Adjustment.SmallHead()))
                .withValidation(new Validation(0.1, 0));
    }

    private static int epochs(Form form) {
        return switch (form) {
            case DIGITS -> 15;
            case GARMENTS -> 25;
            case PHOTOS -> 100;
        };
    }

    /**
     * A recipe by name or from a file: that of {@link PaperRecipe#named}, or a file with the recipe's JSON, of which what is
     * not there is as in {@link Recipe#of(com.fasterxml.jackson.databind.JsonNode)}.
     *
     * @throws WrongUseException where there is neither
     * @throws BrokenFileException with one line where the file is no recipe
     */
    public static Recipe read(String nameOrFile) {
        if (PaperRecipe.NAMES.contains(nameOrFile))
            return PaperRecipe.named(nameOrFile).recipe();
        Path file = Path.of(nameOrFile);
        if (Files.notExists(file))
            throw new WrongUseException(nameOrFile + ": there is no such file, and no recipe of that name; there are "
                    + String.join(", ", PaperRecipe.NAMES));
        try {
            return Recipe.of(Json.parse(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new BrokenFileException(file + ": cannot be read: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new BrokenFileException(file + ": no recipe: " + e.getMessage(), e);
        }
    }

    /**
     * The recipe for weights that are there already, on images of that transform. Few photos are seen more often, in smaller
     * batches, at a lower rate: the full one spoils features that five photos a class cannot make anew.
     */
    public static Recipe fineTuning(Splits splits, Transform transform) {
        int images = splits.train().size();
        boolean few = images < FEW;
        Recipe recipe = Recipe.PLAIN
                .withEpochs(few ? 17 : 9)
                .withBatch(few ? 16 : 32)
                .withLearningRate(1e-3 * Math.min(1, images / (2.0 * FEW)))
                .withOptimizer(Optimizer.AdamW.of(0.02))
                .withSchedule(new Schedule(0.2, new Schedule.Cosine()))
                .withSmoothing(0.1)
                .withNetwork(List.of(new Adjustment.SmallHead()))
                .withFineTuning(new FineTuning(true, 1, 0.7, List.of(), true));
        return splits.form() == Form.PHOTOS
                ? recipe.withAugmentation(Augmentation.of(crop(transform.filter()), new Flip(0.5), jitter()))
                : recipe;
    }

    private static ScaledCrop crop(Filter filter) {
        return new ScaledCrop(0.35, 1, 3 / 4.0, 4 / 3.0, filter);
    }

    private static ScaledCrop crop() {
        return crop(Filter.BILINEAR);
    }

    private static ColourJitter jitter() {
        return new ColourJitter(0.2, 0.2, 0.2, 0);
    }

    private static Row photos(double rate, String... networks) {
        return row(List.of(networks), Form.PHOTOS, rate, 0.05, 0.1, crop(), new Flip(0.5), jitter());
    }

    private static Row row(
            List<String> networks,
            Form form,
            double rate,
            double decay,
            double smoothing,
            Augmentation.Step... augmentation) {
        Optimizer optimizer = Optimizer.AdamW.of(decay).ema(EMA);
        return new Row(networks, form, rate, optimizer, smoothing, Augmentation.of(augmentation));
    }
}
