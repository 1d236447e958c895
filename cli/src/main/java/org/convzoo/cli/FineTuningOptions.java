package org.convzoo.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.convzoo.classify.Model;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Shape;
import org.convzoo.images.Splits;
import org.convzoo.models.Architecture;
import org.convzoo.pretrained.Pretrained;
import org.convzoo.recipe.FineTuning;
import org.convzoo.recipe.Recipe;
import org.convzoo.train.TrainRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a training's weights come from, if they are not drawn, and which of them learn how fast. */
final class FineTuningOptions {
    @Option(
            names = "--weights",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "TAG|FILE",
            description =
                    "Start from weights that are there: published ones (the usual ones without a TAG), a run, or a"
                            + " file of ours or of others. The network gets a new head for the classes of the data.")
    private @Nullable String weights;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(
            names = "--linear-probe",
            description = "Train only the head, on features that are computed once: seconds. --resume with --epochs"
                    + " goes on to train everything.")
    private boolean linearProbe;

    @Option(names = "--head-rate", paramLabel = "X", description = "Times the learning rate is that of the head.")
    private @Nullable Double headRate;

    @Option(
            names = "--layer-decay",
            paramLabel = "X",
            description = "Times the learning rate is that of the layers before a reduction of the maps, and so on"
                    + " towards the first layer: 0.7, say.")
    private @Nullable Double layerDecay;

    @Option(
            names = "--freeze",
            paramLabel = "PATTERN",
            description = "Leave parameters of these names as they are; * stands for any characters: 'features.*'. May"
                    + " be given again.")
    private List<String> freeze = new ArrayList<>();

    @Option(
            names = "--freeze-norms",
            negatable = true,
            description = "Leave batch norms as they are, their statistics included, as fine-tuning does anyway, or let"
                    + " them learn.")
    private @Nullable Boolean freezeNorms;

    /** Whether a training starts from weights that are there. */
    boolean started() {
        return weights != null;
    }

    /** Whether something is said. */
    boolean given() {
        return started() || linearProbe || different();
    }

    private boolean different() {
        return headRate != null || layerDecay != null || !freeze.isEmpty() || freezeNorms != null;
    }

    /** What is trained, by the usual recipe. */
    TrainRequest request(Architecture architecture, FormOptions form, Splits splits) {
        String from = String.valueOf(weights);
        if (!from.isEmpty() && isModel(Path.of(from))) {
            Model model = Model.read(Path.of(from));
            if (!model.graph().name().equals(architecture.name()))
                throw new WrongUseException(
                        from + " has weights of " + model.graph().name() + ", not of " + architecture.name());
            return TrainRequest.of(model, form.image().orElse(model.task().image()), splits);
        }
        Pretrained pretrained = store.pretrained(architecture.name(), weights().filter(w -> !w.isEmpty()));
        Shape image = form.image().orElse(pretrained.transform().output());
        return TrainRequest.of(pretrained, form.options(), image, splits);
    }

    private Optional<String> weights() {
        return Optional.ofNullable(weights);
    }

    private static boolean isModel(Path file) {
        return Files.isDirectory(file) || Model.isSaid(file);
    }

    /** The recipe with what is asked to be different. */
    Recipe changed(Recipe recipe) {
        FineTuning tuning = recipe.fineTuning();
        if (headRate != null) tuning = tuning.withHeadRate(headRate);
        if (layerDecay != null) tuning = tuning.withLayerDecay(layerDecay);
        if (!freeze.isEmpty()) tuning = tuning.withFreeze(freeze);
        if (freezeNorms != null) tuning = tuning.withFreezeNorms(freezeNorms);
        if (linearProbe) return recipe.withEpochs(1).withFineTuning(tuning.withHeadFirst(true));
        return recipe.withFineTuning(tuning);
    }
}
