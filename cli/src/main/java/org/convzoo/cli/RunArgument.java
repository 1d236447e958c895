package org.convzoo.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.convzoo.classify.Model;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.images.Splits;
import org.convzoo.models.Models;
import org.convzoo.view.Shell;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What commands are given as RUN: a run directory or a model file. */
final class RunArgument {
    @Parameters(index = "0", paramLabel = "RUN", description = "A run directory or a model.safetensors.")
    private Path path = Path.of("");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    Path path() {
        return path;
    }

    /** The model of the run or of the file; a line on standard error says when it has learnt nothing yet. */
    Model model() {
        String name = path.toString();
        if (Files.notExists(path)
                && Models.all().stream().anyMatch(a -> a.name().equals(name)))
            throw new WrongUseException(name + " is a network of the catalogue, whose weights are not here; give the"
                    + " directory of a run or a model.safetensors (" + Terminal.command() + " train " + name
                    + " makes them)");
        Model model = Model.read(path);
        boolean stopped = Files.isDirectory(path) && Files.notExists(path.resolve(Model.FILE));
        if (stopped && model.provenance().metrics().isEmpty())
            command.commandLine()
                    .getErr()
                    .println(
                            "convzoo: " + path + " was stopped before its first epoch had ended: the network has learnt"
                                    + " nothing yet; go on with  " + resuming(path));
        return model;
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
