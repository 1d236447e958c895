package org.convzoo.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a line into runs called {@code reported} and fails for those called {@code fails}. */
public final class TestReport implements RunReport {
    static final String FILE = "told.txt";

    @Override
    public void write(Ended ended) throws IOException {
        Path run = ended.run().path();
        if (run.endsWith("fails")) throw new IllegalStateException("no ink");
        if (!run.endsWith("reported")) return;
        String line = "%d epochs of %s, %s right, %d to learn from"
                .formatted(
                        ended.history().size(),
                        ended.model().graph().name(),
                        ended.evaluation().top1(),
                        ended.splits().train().size());
        Files.writeString(run.resolve(FILE), line);
    }
}
