package org.convzoo.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.convzoo.classify.Model;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.ConvzooException;
import org.convzoo.failure.Near;
import org.convzoo.failure.WrongUseException;
import org.convzoo.images.Splits;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.pretrained.Published;
import org.convzoo.pretrained.WeightsFile;
import org.convzoo.view.Shell;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What commands are given as MODEL: a run directory, a model's file, or a network with weights that others trained. */
final class ModelArgument {
    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "A run directory, a model.safetensors, or the name of a network, whose published weights are"
                    + " then downloaded unless they are here (convzoo weights lists them).")
    private Path path = Path.of("");

    @Option(
            names = "--weights",
            paramLabel = "TAG|FILE",
            description = "Which published weights of the named network, or a file of weights for it (safetensors,"
                    + " PyTorch, NumPy, Keras).")
    private Optional<String> weights = Optional.empty();

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** What the user calls it. */
    String word() {
        return path.toString();
    }

    /** A line on standard error says when the model has learnt nothing yet. */
    Model model() {
        String word = word();
        if (weights.isPresent() || isNetwork(word) && !holdsModel()) return published();
        if (Files.notExists(path) && word.matches("\\w+")) {
            List<String> near = Near.names(word, Published.networks());
            throw new WrongUseException("there is no run or model '" + word
                    + "', and no network of that name; near are " + String.join(", ", near));
        }
        Model model = read();
        boolean stopped = Files.isDirectory(path) && Files.notExists(path.resolve(Model.FILE));
        if (stopped && model.provenance().metrics().isEmpty())
            command.commandLine()
                    .getErr()
                    .println(
                            "convzoo: " + path + " was stopped before its first epoch had ended: the network has learnt"
                                    + " nothing yet; go on with  " + resuming(path));
        return model;
    }

    /** A folder that merely has a network's name, of pictures perhaps, holds none. */
    private boolean holdsModel() {
        return Files.isRegularFile(path)
                || Files.exists(path.resolve(Model.FILE))
                || Files.exists(path.resolve(Model.CHECKPOINT));
    }

    private static boolean isNetwork(String name) {
        return Models.all().stream().map(Architecture::name).anyMatch(name::equals);
    }

    private Model published() {
        String word = word();
        if (!isNetwork(word) && Files.exists(path))
            throw new WrongUseException(word + " is no network of the catalogue; --weights goes with the name of one");
        try {
            return store.model(word, weights);
        } catch (WrongUseException e) {
            boolean some = Published.networks().contains(word);
            throw some ? e : new Remedied(e, "; " + Terminal.command() + " train " + word + " makes some");
        }
    }

    /** A file of weights that is no model says how it becomes one. */
    private Model read() {
        try {
            return Model.read(path);
        } catch (BrokenFileException e) {
            if (!Files.isRegularFile(path) || Model.isSaid(path) || !holdsWeights(path)) throw e;
            throw new WrongUseException(
                    path + " has weights, but does not say of which network; name it:  " + Terminal.command() + " "
                            + command.name() + " NETWORK --weights " + Shell.quoted(path.toString()),
                    e);
        }
    }

    private static boolean holdsWeights(Path file) {
        try {
            return !WeightsFile.read(file).tensors().isEmpty();
        } catch (ConvzooException e) {
            return false;
        }
    }

    /** The data set that the model was trained on. Throws {@link Remedied} if it is gone. */
    Splits data(Model model) {
        return data(model, path);
    }

    /** The command that goes on with a run. */
    static String resuming(Path run) {
        return Terminal.command() + " train --resume " + Shell.quoted(run.toString());
    }

    /** The data set that the model of {@code run} was trained on. Throws {@link Remedied} if it is gone. */
    static Splits data(Model model, Path run) {
        try {
            return Splits.open(model.provenance().data());
        } catch (BrokenFileException | WrongUseException e) {
            throw new Remedied(
                    new BrokenFileException(String.valueOf(e.getMessage()), e),
                    "; " + run + " was trained on it, and --data says where it is now");
        }
    }
}
