package org.convzoo.cli;

import java.util.Optional;
import org.convzoo.train.Recipe;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say what is to be different from the usual recipe. */
final class RecipeOptions {
    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "How often each image is seen. With --resume, to go on for longer, also after the end, or to"
                    + " end earlier: from there the learning rate is that of a run of N epochs.")
    private @Nullable Integer epochs;

    @Option(names = "--batch", paramLabel = "N", description = "Images a step.")
    private @Nullable Integer batch;

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
        return batch != null
                || learningRate != null
                || clip != null
                || ema != null
                || checkpointing
                || seed != null
                || precision.given();
    }

    Recipe changed(Recipe recipe) {
        if (epochs != null) recipe = recipe.withEpochs(epochs);
        if (batch != null) recipe = recipe.withBatch(batch);
        if (learningRate != null) recipe = recipe.withLearningRate(learningRate);
        if (clip != null) recipe = recipe.withOptimizer(recipe.optimizer().clip(clip));
        if (ema != null) recipe = recipe.withOptimizer(recipe.optimizer().ema(ema));
        if (checkpointing) recipe = recipe.withCheckpointing(true);
        if (seed != null) recipe = recipe.withSeed(seed);
        return precision.given() ? recipe.withPrecision(precision.precision()) : recipe;
    }
}
