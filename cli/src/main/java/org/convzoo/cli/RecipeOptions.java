package org.convzoo.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.convzoo.failure.WrongUseException;
import org.convzoo.models.Architecture;
import org.convzoo.recipe.PaperRecipe;
import org.convzoo.recipe.Recipe;
import org.convzoo.recipe.Recipes;
import org.convzoo.recipe.Validation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say what is to be different from the usual recipe. */
final class RecipeOptions {
    private static final String AUTO = "auto", OWN = "paper";

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "How often each image is seen. With --resume, to go on for longer, also after the end, or to"
                    + " end earlier: from there the learning rate is that of a run of N epochs.")
    private @Nullable Integer epochs;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            description = "Take so long on this machine, measuring included: as many epochs as fit.")
    private @Nullable Double minutes;

    @Option(
            names = "--recipe",
            paramLabel = "NAME|paper|FILE",
            description =
                    "Start from another recipe: one of those that the command recipes lists, that of the network's own"
                            + " paper, or a file of JSON.")
    private @Nullable String recipe;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Change any value of the recipe, as in its JSON: optimizer=sgd, optimizer.decay.rate=0.1,"
                    + " mixing.cutmix=1, network=[]. May be given again.")
    private List<String> set = new ArrayList<>();

    @Option(
            names = "--hold-out",
            paramLabel = "X",
            description =
                    "The share of the training images, 0 to 0.5, that is held out of them, by which the best epoch"
                            + " is picked. With 0, the last is taken.")
    private @Nullable Double holdOut;

    @Option(
            names = "--patience",
            paramLabel = "N",
            description = "End early after N epochs without a better one; 0 never does.")
    private @Nullable Integer patience;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description =
                    "Images a step; auto measures which number is fastest on this machine, and fits the learning rate.")
    private @Nullable String batch;

    @Option(names = "--learning-rate", paramLabel = "X", description = "The highest learning rate.")
    private @Nullable Double learningRate;

    @Option(
            names = "--clip",
            paramLabel = "X",
            description = "Scale gradients down to this norm where theirs is larger; 0 leaves them.")
    private @Nullable Double clip;

    @Option(
            names = "--ema",
            paramLabel = "X",
            description =
                    "Keep a moving average of the weights with this decay, 0.999 say, and test and save that; in the"
                            + " first steps the decay is less. 0 keeps none.")
    private @Nullable Double ema;

    @Option(
            names = "--checkpointing",
            description = "Take less memory and more time, for large networks and batches: compute the outputs of cheap"
                    + " layers once more where their gradients need them. The result is the same.")
    private boolean checkpointing;

    @Option(
            names = "--watch",
            description =
                    "Write down after each epoch what the layers do, and draw it in the report: dead ReLUs, vanishing"
                            + " gradients. The result is the same.")
    private boolean watch;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Decides the starting weights, the order of images, augmentation and dropout.")
    private @Nullable Long seed;

    @Mixin
    private PrecisionOption precision = new PrecisionOption();

    /** The epochs of the whole run; empty where nothing is said. */
    Optional<Integer> epochs() {
        return Optional.ofNullable(epochs);
    }

    /** Whether an option other than {@code --epochs} is given: what they say stays as it is in a run that goes on. */
    boolean fixed() {
        return minutes != null
                || recipe != null
                || !set.isEmpty()
                || holdOut != null
                || patience != null
                || batch != null
                || learningRate != null
                || clip != null
                || ema != null
                || checkpointing
                || watch
                || seed != null
                || precision.given();
    }

    /** Whether the batch is to be measured. */
    boolean measuresBatch() {
        return AUTO.equals(batch);
    }

    private static int number(String batch) {
        try {
            return Integer.parseInt(batch);
        } catch (NumberFormatException e) {
            throw new WrongUseException("--batch takes a number of images or " + AUTO + ", got " + batch, e);
        }
    }

    /** How long the run may take; empty where nothing is said. */
    Optional<Duration> time() {
        if (minutes == null) return Optional.empty();
        if (epochs != null) throw new WrongUseException("--minutes and --epochs say the same in two ways; take one");
        if (!(minutes > 0 && minutes < Integer.MAX_VALUE))
            throw new WrongUseException("--minutes takes a number over 0, got " + minutes);
        return Optional.of(Duration.ofMillis(Math.round(minutes * 60_000)));
    }

    /** The recipe, or the one that is asked for instead, with what is to be different. */
    Recipe changed(Architecture network, Recipe usual) {
        Recipe recipe = this.recipe == null
                ? usual
                : this.recipe.equals(OWN) ? PaperRecipe.of(network).recipe() : Recipes.read(this.recipe);
        Validation validation = recipe.validation();
        if (holdOut != null) validation = new Validation(holdOut, holdOut == 0 ? 0 : validation.patience());
        if (patience != null) validation = new Validation(validation.holdOut(), patience);
        recipe = recipe.withValidation(validation);
        if (epochs != null) recipe = recipe.withEpochs(epochs);
        if (batch != null && !measuresBatch()) recipe = recipe.withBatch(number(batch));
        if (learningRate != null) recipe = recipe.withLearningRate(learningRate);
        if (clip != null) recipe = recipe.withOptimizer(recipe.optimizer().clip(clip));
        if (ema != null) recipe = recipe.withOptimizer(recipe.optimizer().ema(ema));
        if (checkpointing) recipe = recipe.withCheckpointing(true);
        if (watch) recipe = recipe.withWatch(true);
        if (seed != null) recipe = recipe.withSeed(seed);
        if (precision.given()) recipe = recipe.withPrecision(precision.precision());
        for (String assignment : set) recipe = recipe.with(assignment);
        return recipe;
    }
}
