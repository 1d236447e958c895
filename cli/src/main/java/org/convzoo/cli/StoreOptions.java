package org.convzoo.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.convzoo.classify.Model;
import org.convzoo.failure.WrongUseException;
import org.convzoo.pretrained.Pretrained;
import org.convzoo.pretrained.Published;
import org.convzoo.pretrained.WeightsStore;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Weights that others trained, and how they come to this machine. */
final class StoreOptions {
    @Option(names = "--offline", description = "Download nothing: do with the weights that are here.")
    private boolean offline;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** The user's store, which tells on standard error what it downloads. */
    WeightsStore store() {
        return WeightsStore.usual()
                .withOffline(offline)
                .withListener(new DownloadLine(command.commandLine().getErr()));
    }

    /** A network with weights of a tag or in a file; without either with its usual ones. */
    Model model(String network, Optional<String> weights) {
        Optional<Path> file = weights.flatMap(w -> file(network, w));
        if (file.isEmpty()) return Model.pretrained(published(network, weights), store());
        Pretrained read = Pretrained.read(network, file.get());
        Model model = Model.of(read);
        note(read);
        return model;
    }

    /** The same as a start for training. */
    Pretrained pretrained(String network, Optional<String> weights) {
        Optional<Path> file = weights.flatMap(w -> file(network, w));
        if (file.isEmpty()) return store().open(published(network, weights));
        Pretrained read = Pretrained.read(network, file.get());
        note(read);
        return read;
    }

    private static Published published(String network, Optional<String> tag) {
        return tag.map(t -> Published.named(network, t)).orElseGet(() -> Published.named(network));
    }

    private void note(Pretrained read) {
        PrintWriter err = command.commandLine().getErr();
        boolean published = Published.networks().contains(read.network());
        err.println("convzoo: " + read.origin() + " does not say how it wants pictures; they go through what "
                + (published ? Published.named(read.network()).name() + " wants" : "is usual for ImageNet"));
        read.notes().forEach(note -> err.println("convzoo: " + read.origin() + ": " + note));
    }

    /** The file that is meant; none for a tag. */
    static Optional<Path> file(String network, String weights) {
        Path file = Path.of(weights);
        boolean published = Published.networks().contains(network);
        if (!published && Files.exists(file)) return Optional.of(file);
        List<String> tags = Published.of(network).stream().map(Published::tag).toList();
        if (tags.contains(weights)) return Optional.empty();
        if (Files.exists(file)) return Optional.of(file);
        throw new WrongUseException(network + " has no weights tagged '" + weights
                + "', and there is no such file; tags" + " are " + String.join(", ", tags));
    }
}
