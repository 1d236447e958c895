package org.convzoo.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.convzoo.classify.Classifier;
import org.convzoo.classify.Model;
import org.convzoo.images.Dataset;
import org.convzoo.images.Splits;
import org.convzoo.images.TestSet;
import org.convzoo.pretrained.ImageNet;
import org.convzoo.system.AtomicFile;
import org.convzoo.train.Evaluation;
import org.convzoo.train.LeftOut;
import org.convzoo.view.Numbers;
import org.convzoo.view.TextTable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a trained network does on test images. */
@Command(
        name = "evaluate",
        description = "Classifies the test images and tells how many are right: top-1, top-5, class by class, and what"
                + " is taken for what.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  convzoo evaluate runs/lenet-digits"})
final class EvaluateCommand implements Callable<Integer> {
    /** Classes of which all are told; of more those that occur. They fit a matrix, too. */
    private static final int MANY = 30;

    @Mixin
    private ModelArgument argument = new ModelArgument();

    @Option(
            names = "--data",
            paramLabel = "SPEC",
            description =
                    "Other pictures than the test images of its training: all of a folder with a folder for each class,"
                            + " or the test part of one that has parts; some of the classes are enough. Folders are"
                            + " called as the classes, or, for those of ImageNet, by WordNet's ids: n02123045.")
    private @Nullable String data;

    @Mixin
    private JsonOption json = new JsonOption();

    @Option(names = "--csv", paramLabel = "FILE", description = "Write what the network says of each image to a file.")
    private @Nullable Path csv;

    @Mixin
    private PredictionOptions prediction = new PredictionOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (csv != null) Drawing.requirePlace(csv);
        Model model = argument.model();
        if (data == null && model.provenance().data().isEmpty())
            throw new IllegalArgumentException(argument.word() + " does not say what it was trained on; give --data");
        TestSet test = data == null ? ownTest(model) : TestSet.open(data);
        test.scan().requireWhole(test.spec());
        if (model.labels().equals(ImageNet.LABELS)) test = test.renamed(ImageNet::label);
        test = test.labelled(model.labels());
        if (data != null) spec.commandLine().getErr().println(test.summary());
        Evaluation result;
        Dataset pictures = test.pictures();
        try (Classifier classifier =
                Classifier.of(model, prediction.classifier(pictures.size()).withBatch(Evaluation.BATCH))) {
            result = Evaluation.of(classifier, pictures);
        }
        if (csv != null) write(csv, result.toCsv());
        Evaluation shown = result.labels().size() <= MANY ? result : result.occurring();
        json.print(() -> Origin.in(shown.toJson(), model), () -> text(shown, model));
        return 0;
    }

    private TestSet ownTest(Model model) {
        Splits splits = argument.data(model).without(LeftOut.of(model));
        return new TestSet(splits.spec(), splits.labels(), splits.test(), List.of());
    }

    private static void write(Path file, String text) throws IOException {
        try {
            AtomicFile.write(file, text);
        } catch (FileSystemException e) {
            String reason = e.getReason() == null ? "" : ": " + e.getReason();
            throw new IOException(file + ": cannot be written" + reason, e);
        }
    }

    private static String text(Evaluation result, Model model) {
        String all = String.format(
                Locale.ROOT,
                "top-1 %s (%s of %s), top-5 %s, loss %.4f, calibration error %s\n%s\n",
                Numbers.percent(result.top1()),
                Numbers.grouped(Math.round(result.top1() * result.images())),
                Numbers.grouped(result.images()),
                Numbers.percent(result.top5()),
                result.loss(),
                Numbers.percent(result.calibrationError()),
                Origin.line(model));
        var table = new TextTable("class", "images>", "recall>", "precision>", "F1>");
        for (Evaluation.PerClass c : result.perClass())
            table.row(
                    c.label(),
                    Numbers.grouped(c.support()),
                    c.support() == 0 ? "-" : Numbers.percent(c.recall()),
                    Numbers.percent(c.precision()),
                    c.support() == 0 ? "-" : String.format(Locale.ROOT, "%.3f", c.f1()));
        int others = model.labels().size() - result.labels().size();
        String rest =
                others == 0 ? "" : Numbers.grouped(others) + " other classes: no images, and none said to be of them\n";
        return all + table + rest + "\n"
                + (result.labels().size() <= MANY ? matrix(result) : "The confusion matrix is in --json.\n");
    }

    private static String matrix(Evaluation result) {
        List<String> labels = result.labels();
        String[] heads = new String[labels.size() + 1];
        heads[0] = "is \\ said";
        for (int k = 0; k < labels.size(); k++) heads[k + 1] = labels.get(k) + ">";
        var table = new TextTable(heads);
        int[][] counts = result.confusion();
        for (int k = 0; k < counts.length; k++) {
            String[] row = new String[heads.length];
            row[0] = labels.get(k);
            for (int j = 0; j < counts.length; j++) row[j + 1] = counts[k][j] == 0 ? "." : "" + counts[k][j];
            table.row(row);
        }
        return table.toString();
    }
}
