package org.convzoo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.convzoo.classify.Classifier;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.system.AtomicFile;
import org.convzoo.view.Numbers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The features of pictures, for other programs. */
@Command(
        name = "embed",
        description = "Writes the features of pictures: what goes into the network's last layer, a vector each, alike"
                + " where the pictures are.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:  convzoo embed runs/photos PHOTOS --out features.csv",
            "           convzoo embed runs/photos PHOTOS --out features.npy",
            "           python3 -c \"import numpy; print(numpy.load('features.npy').shape)\""
        })
final class EmbedCommand implements Callable<Integer> {
    /** What ends a line for some program that reads one. */
    private static final Pattern BREAK = Pattern.compile("[\\p{Cntrl}\\u0085\\u2028\\u2029]");

    @Mixin
    private ModelArgument argument = new ModelArgument();

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "IMAGE",
            description = "Pictures, or folders of them and of such folders.")
    private List<Path> files = List.of();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "Where to: X.csv with the names of the pictures and their features, a line each; or X.npy"
                    + " with NumPy's array of float32 [pictures, features], and the names in X.names.txt, a line each.")
    private Path out = Path.of("");

    @Mixin
    private PredictionOptions prediction = new PredictionOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        FeatureFormat format = FeatureFormat.of(out);
        Drawing.requirePlace(out);
        files = PictureArguments.filesBelow(files);
        if (format == FeatureFormat.NPY) requireLines(files);
        PrintWriter err = spec.commandLine().getErr();
        List<String> written = new ArrayList<>();
        try (Classifier classifier = Classifier.of(argument.model(), prediction.classifier(files.size()))) {
            AtomicFile.write(out, file -> write(classifier, format, file, written));
        }
        String places = out.toString();
        if (format == FeatureFormat.NPY) {
            Path names = names(out);
            AtomicFile.write(names, String.join("\n", written) + "\n");
            places += " and " + names;
        }
        err.println("features of " + Numbers.grouped(written.size()) + " pictures: " + places);
        return written.size() == files.size() ? 0 : Failures.FAILED;
    }

    /** Writes the features of all pictures that can be read, and adds their names to {@code written}. */
    private void write(Classifier classifier, FeatureFormat format, FileChannel file, List<String> written)
            throws IOException {
        int[] features = {0};
        PictureFeatures.each(classifier, files, spec.commandLine().getErr(), (picture, values) -> {
            if (written.isEmpty()) format.begin(file, values.length);
            features[0] = values.length;
            format.add(file, picture, values);
            written.add(picture);
        });
        if (written.isEmpty()) throw new BrokenFileException(out + ": is not written, as no picture could be read");
        format.end(file, written.size(), features[0]);
    }

    private static void requireLines(List<Path> files) {
        for (Path file : files)
            if (BREAK.matcher(file.toString()).find())
                throw new WrongUseException("'" + BREAK.matcher(file.toString()).replaceAll("?")
                        + "' has a name that is no line; a .csv takes such names");
    }

    /** {@code X.names.txt} for {@code X.npy}. */
    private static Path names(Path npy) {
        String name = String.valueOf(npy.getFileName());
        int end = name.length() - FeatureFormat.NPY.ending().length();
        return npy.resolveSibling(name.substring(0, end) + ".names.txt");
    }
}
