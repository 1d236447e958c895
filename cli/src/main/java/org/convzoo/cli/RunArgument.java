package org.convzoo.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.convzoo.classify.Model;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.images.Splits;
import org.convzoo.models.Models;

/** What commands are given as RUN: a run directory or a model file. */
final class RunArgument {
    private RunArgument() {}

    /** Its model; {@code err} is told when that has learnt nothing yet. */
    static Model model(Path run, PrintWriter err) {
        String name = run.toString();
        if (Files.notExists(run) && Models.all().stream().anyMatch(a -> a.name().equals(name)))
            throw new WrongUseException(name + " is a network of the catalogue, whose weights are not here; give the"
                    + " directory of a run or a model.safetensors (" + Terminal.command() + " train " + name
                    + " makes them)");
        Model model = Model.read(run);
        boolean stopped = Files.isDirectory(run) && Files.notExists(run.resolve(Model.FILE));
        if (stopped && model.provenance().metrics().isEmpty())
            err.println("convzoo: " + run + " was stopped before its first epoch had ended: the network has learnt"
                    + " nothing yet; go on with  " + resuming(run));
        return model;
    }

    /** The command that goes on with a run. */
    static String resuming(Path run) {
        return Terminal.command() + " train --resume " + Terminal.quoted(run.toString());
    }

    /** The data set that a run was trained on. Throws {@link BrokenFileException} that says what to do if it is gone. */
    static Splits data(Model model, Path run) {
        try {
            return Splits.open(model.provenance().data());
        } catch (BrokenFileException | WrongUseException e) {
            throw new BrokenFileException(
                    e.getMessage() + "; " + run + " was trained on it, and --data says where it is now", e);
        }
    }
}
