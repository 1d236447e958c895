package org.convzoo.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
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
import org.convzoo.train.Scores;
import org.convzoo.train.Views;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** How a trained network does on test images. */
@Command(
        name = "evaluate",
        description = "Classifies the test images and tells how many are right: top-1, top-5, class by class with"
                + " intervals and AUC, what is taken for what, whether the network knows how sure it may be, and of two"
                + " classes what becomes of them by threshold.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:  convzoo evaluate runs/lenet-digits",
            "           convzoo evaluate runs/photos --data OTHERS --tta ten-crop"
        })
final class EvaluateCommand implements Callable<Integer> {
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

    @Option(
            names = "--results",
            paramLabel = "FILE",
            description = "Write one line in the columns of timm's tables of results: model, img_size, top1, ...")
    private @Nullable Path results;

    @Option(
            names = "--tta",
            paramLabel = "VIEWS",
            description = "Test-time augmentation: the mean of the probabilities of several views of each image. flips:"
                    + " it and its mirror image. ten-crop: the corners and the middle, and their mirror images.",
            converter = ViewsConverter.class)
    private Views views = Views.ONE;

    @Mixin
    private PredictionOptions prediction = new PredictionOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (csv != null) Drawing.requirePlace(csv);
        if (results != null) Drawing.requirePlace(results);
        Model model = argument.model();
        if (data == null && model.provenance().data().isEmpty())
            throw new IllegalArgumentException(argument.word() + " does not say what it was trained on; give --data");
        TestSet test = data == null ? ownTest(model) : TestSet.open(data);
        test.scan().requireWhole(test.spec());
        if (model.labels().equals(ImageNet.LABELS)) test = test.renamed(ImageNet::label);
        test = test.labelled(model.labels());
        if (data != null) spec.commandLine().getErr().println(test.summary());
        Dataset pictures = test.pictures();
        Scores scores = Scores.of(
                model,
                pictures,
                views,
                shown -> Classifier.of(
                        shown, prediction.classifier(pictures.size()).withBatch(Evaluation.BATCH)));
        Evaluation result = scores.evaluation();
        if (csv != null) write(csv, result.toCsv());
        if (results != null) write(results, TimmRow.of(model, result).csv());
        Scores told = result.labels().size() <= EvaluationText.MANY ? scores : scores.occurring();
        json.print(() -> Origin.in(told.toJson(), model), () -> new EvaluationText(told, model).toString());
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

    private static final class ViewsConverter implements ITypeConverter<Views> {
        @Override
        public Views convert(String word) {
            return switch (word) {
                case "flips" -> Views.FLIPS;
                case "ten-crop" -> Views.TEN_CROP;
                default -> throw new TypeConversionException("there are flips and ten-crop, not '" + word + "'");
            };
        }
    }
}
