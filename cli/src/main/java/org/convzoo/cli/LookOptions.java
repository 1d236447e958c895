package org.convzoo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineOptions;
import org.convzoo.system.AtomicFile;
import org.convzoo.train.LearningRateSearch;
import org.convzoo.train.TrainRequest;
import org.convzoo.view.PreviewPage;
import org.convzoo.view.RatePage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Pages about a training that is not begun. */
final class LookOptions {
    @Option(
            names = "--preview",
            paramLabel = "FILE",
            description = "Write a page that shows what the network would see of some pictures, and train nothing.")
    private @Nullable Path preview;

    @Option(
            names = "--find-lr",
            paramLabel = "FILE",
            description = "Find a learning rate by some steps at rising ones, and write a page with the curve; train"
                    + " nothing.")
    private @Nullable Path findRate;

    boolean given() {
        return preview != null || findRate != null;
    }

    /** Writes what is asked for. */
    void write(TrainRequest request, EngineOptions options, PrintWriter out) throws IOException {
        if (preview != null) {
            AtomicFile.write(preview, new PreviewPage(request).html());
            out.println("Look at   " + preview);
        }
        if (findRate != null) {
            LearningRateSearch search;
            try (Engine engine = Engine.open(options)) {
                search = LearningRateSearch.of(engine, request);
            }
            AtomicFile.write(findRate, new RatePage(request, search).html());
            out.printf(
                    Locale.ROOT,
                    "Try       --learning-rate %.1e; the recipe's is %.1e, the loss is least at %.1e%n",
                    search.suggested(),
                    request.recipe().learningRate(),
                    search.least().rate());
            out.println("Look at   " + findRate);
        }
    }
}
