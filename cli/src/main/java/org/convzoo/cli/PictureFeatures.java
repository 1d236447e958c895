package org.convzoo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.convzoo.classify.Classifier;
import org.convzoo.classify.Outcome;
import org.convzoo.classify.Source;

/** The features of many pictures; who cannot be read is told on standard error and left out. */
final class PictureFeatures {
    private PictureFeatures() {}

    /** Takes the features of one picture. */
    @FunctionalInterface
    interface Taker {
        /** @param picture the file's name as it was given */
        void take(String picture, float[] features) throws IOException;
    }

    /** Hands the features of each picture to {@code taker}, in order. Returns how many pictures there are none of. */
    static int each(Classifier classifier, List<Path> files, PrintWriter err, Taker taker) throws IOException {
        int failed = 0;
        try (PicturesLine line = new PicturesLine(err, files.size());
                Stream<Outcome<float[]>> outcomes =
                        classifier.featuresAll(files.stream().map(Source::of).toList())) {
            for (Iterator<Outcome<float[]>> i = outcomes.iterator(); i.hasNext(); line.next()) {
                Outcome<float[]> outcome = i.next();
                if (outcome.failure().isPresent()) {
                    line.clear();
                    err.println("convzoo: " + Failures.text(outcome.failure().get()));
                    failed++;
                } else {
                    taker.take(outcome.source().name(), outcome.get());
                }
            }
        }
        return failed;
    }
}
