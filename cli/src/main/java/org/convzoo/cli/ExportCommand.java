package org.convzoo.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.convzoo.classify.Model;
import org.convzoo.weights.TorchState;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A model's weights for other libraries. */
@Command(
        name = "export",
        description = "Writes a model's weights as PyTorch, timm and safetensors load them, under the names that the"
                + " network's parameters have there.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:  convzoo export runs/photos --format pth --out photos.pth",
            "           python3 -c \"import torch; print(list(torch.load('photos.pth', weights_only=True)))\""
        })
final class ExportCommand implements Callable<Integer> {
    /** Formats of files. */
    enum Format {
        SAFETENSORS,
        PTH
    }

    @Mixin
    private ModelArgument model = new ModelArgument();

    @Option(
            names = "--format",
            required = true,
            paramLabel = "safetensors|pth",
            description = "The format: safetensors, or that of torch.save.")
    private @Nullable Format format;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "Where to.")
    private Path out = Path.of("");

    @Option(
            names = "--dtype",
            paramLabel = "f32|f16",
            description = "How numbers are stored (default: ${DEFAULT-VALUE}).")
    private TorchState.Type dtype = TorchState.Type.F32;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Drawing.requirePlace(out);
        Model m = model.model();
        var state = new TorchState(m.graph(), m.weights(), dtype);
        if (format == Format.PTH) state.writeTorch(out);
        else state.writeSafeTensors(out);
        spec.commandLine().getErr().println("weights of " + m.graph().name() + ": " + out);
        return 0;
    }
}
