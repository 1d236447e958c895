package org.convzoo.cli;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.convzoo.classify.Model;
import org.convzoo.classify.Provenance;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.pretrained.Fitting;
import org.convzoo.pretrained.ImageNet;
import org.convzoo.pretrained.Pretrained;
import org.convzoo.view.Shell;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Weights that others trained, from a file to a model. */
@Command(
        name = "import",
        description =
                "Makes a model of a network and a file of weights (safetensors, PyTorch, NumPy, Keras; also in a zip"
                        + " archive), and tells how they fit.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:  convzoo import resnet50 resnet50-11ad3fa6.pth --out resnet50.safetensors",
            "           convzoo import mobilenet_v2 checkpoint.pth.tar --new-head classes.txt --out start.safetensors"
        })
final class ImportCommand implements Callable<Integer> {
    /** What draws a new head; training starts from it. */
    private static final long SEED = 0;

    @Parameters(
            index = "0",
            paramLabel = "NAME",
            completionCandidates = NetworkNames.class,
            description = "The network of the catalogue that the weights are of.")
    private String name = "";

    @Parameters(index = "1", paramLabel = "FILE", description = "The file of weights.")
    private Path file = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "MODEL", description = "Where to: MODEL.safetensors.")
    private Path out = Path.of("");

    @Option(
            names = "--new-head",
            paramLabel = "K|LABELS",
            description =
                    "Replace the classifier by a new one, which has learnt nothing, for so many classes or for those"
                            + " that a text file names, a line each.")
    private @Nullable String newHead;

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description = "A text file with the names of the classes, a line each (default: ImageNet's for 1,000).")
    private @Nullable Path labels;

    @Mixin
    private FormOptions form = new FormOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Drawing.requirePlace(out);
        Architecture a = Models.named(name);
        if (newHead != null && labels != null)
            throw new IllegalArgumentException("--new-head names the classes itself; leave --labels out");
        List<String> named = newHead != null ? ofHead(newHead) : labels != null ? lines(labels) : List.of();
        Fitting fitting = fitting(a, named);
        spec.commandLine().getOut().println(fitting.report());
        Model model = new Model(
                fitting.graph(),
                Pretrained.transform(a, fitting.graph().input().shape()),
                named.isEmpty() ? ImageNet.labels(fitting.graph().classes()) : named,
                provenance(),
                fitting.weights());
        model.write(out);
        spec.commandLine()
                .getErr()
                .println("model: " + out + "; use it with  " + Terminal.command() + " predict "
                        + Shell.quoted(out.toString()) + " PHOTO");
        return 0;
    }

    private Fitting fitting(Architecture a, List<String> named) {
        Task task = form.task(a);
        Options options = form.options();
        if (newHead != null)
            return Fitting.of(a, options, task.classes(named.size()), file)
                    .adaptInput()
                    .newHead(SEED);
        Fitting fitting = Fitting.of(a, options, task.image(), file).adaptInput();
        if (fitting.fit().classes() == 0 && fitting.fit().matched() > 0)
            throw new Remedied(
                    new WrongUseException(file + " has no classifier for " + a.name()),
                    "; --new-head CLASSES gives it one that has to be trained");
        int classes = fitting.graph().classes();
        if (!named.isEmpty() && named.size() != classes)
            throw new WrongUseException(
                    labels + " has " + named.size() + " labels, the weights are for " + classes + " classes");
        return fitting;
    }

    private List<String> ofHead(String classes) throws IOException {
        if (!classes.matches("\\d{1,6}")) return lines(Path.of(classes));
        return ImageNet.labels(Integer.parseInt(classes));
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            List<String> lines = Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(l -> !l.isEmpty())
                    .toList();
            if (lines.size() < 2) throw new WrongUseException(file + ": names fewer than 2 classes, a line each");
            return lines;
        } catch (NoSuchFileException e) {
            throw new WrongUseException(file + ": there is no such file", e);
        } catch (MalformedInputException e) {
            throw new BrokenFileException(file + ": is no text in " + StandardCharsets.UTF_8, e);
        }
    }

    private Provenance provenance() {
        return Provenance.unknown()
                .withArchitecture(name)
                .withOptions(form.options())
                .withOrigin(String.valueOf(file.getFileName()));
    }
}
