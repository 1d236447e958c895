package org.convzoo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.convzoo.classify.Model;
import org.convzoo.engine.Engine;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.DivergedException;
import org.convzoo.failure.StoppedException;
import org.convzoo.graph.Graph;
import org.convzoo.images.Inventory;
import org.convzoo.images.Splits;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Recipe;
import org.convzoo.system.AtomicFile;
import org.convzoo.train.BatchSize;
import org.convzoo.train.CrossValidation;
import org.convzoo.train.Evaluation;
import org.convzoo.train.LeftOut;
import org.convzoo.train.RunDirectory;
import org.convzoo.train.TrainRequest;
import org.convzoo.train.Trainer;
import org.convzoo.view.Numbers;
import org.convzoo.view.Report;
import org.convzoo.view.Shell;
import org.convzoo.view.TextTable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains a network into a run directory, or goes on with a run. */
@Command(
        name = "train",
        description = "Trains a network and leaves a run directory: the model, a report to look at, the metrics, and a"
                + " checkpoint to go on from.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  convzoo train lenet",
            "  convzoo train resnet18 --data PHOTOS --image 3x64x64",
            "  convzoo train squeezenet1_1 --weights --data PHOTOS",
            "  convzoo train squeezenet1_1 --weights --data PHOTOS --linear-probe",
            "  convzoo train squeezenet1_1 --weights --data PHOTOS --linear-probe --folds 5",
            "  convzoo train --resume runs/lenet-digits"
        })
final class TrainCommand implements Callable<Integer> {
    private static final Path RUNS = Path.of("runs");
    private static final int TOLD = 20;

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            completionCandidates = NetworkNames.class,
            description = "A network of the catalogue.")
    private @Nullable String name;

    @Option(
            names = "--data",
            paramLabel = "SPEC",
            description =
                    "digits (the default), fashion, mnist:DIR, cifar10:DIR, cifar100:DIR, csv:FILE, shards:GLOB, or"
                            + " a folder with a folder of pictures for each class, or with such folders in train/ and test/.")
    private @Nullable String data;

    @Option(
            names = "--test",
            paramLabel = "SPEC",
            description =
                    "Test on other pictures, a folder or another SPEC: on its test part, or all of it. All of --data"
                            + " but its own test part is then trained on.")
    private @Nullable String test;

    @Option(names = "--out", paramLabel = "DIR", description = "The run directory; by default a new one in runs/.")
    private @Nullable Path out;

    @Option(
            names = "--resume",
            paramLabel = "RUN",
            description = "Go on with a run that was stopped; it ends as if it had not been. With --data where its"
                    + " pictures have moved.")
    private @Nullable Path resume;

    @Option(
            names = "--skip-broken",
            description = "Leave out pictures that cannot be read; the model says which. Without it they are named and"
                    + " nothing is trained.")
    private boolean skipBroken;

    @Option(
            names = "--folds",
            paramLabel = "K",
            description =
                    "Cross-validation: K trainings, each tested on another of K parts of all pictures; the mean and"
                            + " the spread. With --out of one that was stopped it goes on.")
    private @Nullable Integer folds;

    @Mixin
    private LookOptions looks = new LookOptions();

    @Mixin
    private RecipeOptions different = new RecipeOptions();

    @Mixin
    private FormOptions form = new FormOptions();

    @Mixin
    private FineTuningOptions tuning = new FineTuningOptions();

    @Mixin
    private TuningOption engine = new TuningOption();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (resume == null) start();
        else goOn(resume);
        return 0;
    }

    private void start() throws IOException {
        if (name == null) throw wrong("which network? convzoo list names them, lenet is the quickest");
        Architecture architecture = Models.named(name);
        if (test != null && folds != null) throw wrong("--folds takes its tests out of --data; leave out --test");
        Splits splits = whole(Splits.open(tested(data == null ? "digits" : data)));
        TrainRequest request = request(architecture, splits);
        if (looks.given()) {
            looks.write(request, engine.engine(), spec.commandLine().getOut());
            return;
        }
        if (folds != null) {
            if (folds < 2) throw wrong("--folds takes at least 2, got " + folds);
            crossValidate(architecture, splits, folds);
            return;
        }
        boolean firstRun = Files.notExists(RUNS);
        RunDirectory run =
                out == null ? RunDirectory.fresh(RUNS, name + "-" + word(splits.spec())) : new RunDirectory(out);
        try {
            Evaluation result = train(request, run);
            ended(run, splits, result);
        } finally {
            if (out == null) run.removeIfUnused();
            if (firstRun) removeIfEmpty(RUNS);
        }
    }

    /** With batches as they are fastest, where that is asked for. */
    private TrainRequest batched(Engine engine, TrainRequest request) {
        return different.measuresBatch()
                ? request.withRecipe(BatchSize.of(engine, request).applied(request.recipe()))
                : request;
    }

    private String tested(String spec) {
        return test == null ? spec : Splits.tested(test, spec);
    }

    /** What does not fit shows here, before anything is made. */
    private TrainRequest request(Architecture architecture, Splits splits) {
        TrainRequest usual = tuning.started()
                ? tuning.request(architecture, form, splits)
                : TrainRequest.of(
                        architecture,
                        form.options(),
                        form.task(architecture).classes(splits.labels().size()),
                        splits);
        return usual.withRecipe(tuning.changed(different.changed(architecture, usual.recipe())))
                .withTime(different.time());
    }

    private Evaluation train(TrainRequest request, RunDirectory run) throws IOException {
        return watch(
                run,
                what(request),
                request.recipe(),
                trainer -> trainer.train(batched(trainer.engine(), request), run));
    }

    private static String what(TrainRequest request) {
        Graph graph = request.graph();
        Splits splits = request.splits();
        return "%s, %s parameters, %s MACs an image%n%s"
                        .formatted(
                                graph,
                                Numbers.grouped(graph.parameterCount()),
                                Numbers.counted(graph.macs()),
                                splits.summary())
                + request.start().map(s -> "\nstarts from " + s.origin()).orElse("")
                + LostColour.note(graph.input().shape(), splits.train())
                        .map(note -> "\n" + note)
                        .orElse("");
    }

    /** A run for each fold; those that have ended stay, one that was stopped goes on. */
    private void crossValidate(Architecture architecture, Splits whole, int count) throws IOException {
        Path directory = out == null ? unused(architecture.name() + "-" + word(whole.spec()) + "-folds") : out;
        List<Evaluation> results = new ArrayList<>();
        var table = new TextTable("fold", "images>", "top-1>", "loss>");
        for (int fold = 1; fold <= count; fold++) {
            String part = Splits.fold(fold, count, whole.spec());
            Splits splits = Splits.open(part).without(whole.leftOut());
            TrainRequest request = request(architecture, splits);
            RunDirectory run = new RunDirectory(directory.resolve("fold-" + fold));
            Evaluation result = watch(
                    run,
                    what(request),
                    request.recipe(),
                    trainer -> trainer.complete(batched(trainer.engine(), request), run));
            results.add(result);
            table.row(
                    Integer.toString(fold),
                    Numbers.grouped(result.images()),
                    Numbers.percent(result.top1()),
                    String.format(Locale.ROOT, "%.4f", result.loss()));
        }
        CrossValidation all = new CrossValidation(results);
        AtomicFile.write(directory.resolve(CrossValidation.FILE), all.toJson() + "\n");
        PrintWriter printed = spec.commandLine().getOut();
        printed.print("\n" + table);
        printed.printf(
                Locale.ROOT,
                "%nThe mean of %d folds: %s right, with a standard deviation of %.1f points between them.%n%s has their"
                        + " runs and %s.%n",
                count,
                Numbers.percent(all.top1().mean()),
                100 * all.top1().deviation(),
                directory,
                CrossValidation.FILE);
    }

    /** The first of {@code name}, {@code name-2} ... that is not there. */
    private static Path unused(String name) {
        Path path = RUNS.resolve(name);
        for (int n = 2; Files.exists(path); n++) path = RUNS.resolve(name + "-" + n);
        return path;
    }

    private static void removeIfEmpty(Path folder) throws IOException {
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            // there are runs in it
        }
    }

    /** Names the pictures that cannot be read, and leaves them out where that is asked for. */
    private Splits whole(Splits splits) {
        Inventory inventory = splits.scan();
        List<Inventory.Broken> broken = inventory.broken();
        if (broken.isEmpty()) return splits;
        if (!skipBroken) {
            try {
                inventory.requireWhole(splits.spec());
            } catch (BrokenFileException e) {
                throw new Remedied(e, "; --skip-broken leaves them out");
            }
        }
        PrintWriter err = spec.commandLine().getErr();
        broken.stream().limit(TOLD).forEach(b -> err.println("left out: " + b));
        if (broken.size() > TOLD)
            err.println("left out: " + (broken.size() - TOLD) + " more; scan names all of " + splits.spec());
        return splits.without(broken.stream().map(Inventory.Broken::name).toList());
    }

    private void goOn(Path path) throws IOException {
        if (out != null
                || skipBroken
                || different.fixed()
                || form.given()
                || tuning.given()
                || folds != null
                || looks.given())
            throw wrong(
                    "--resume goes on as the run began; leave out the other options but --data, --test and --epochs");
        if (test != null && data == null) throw wrong("--test goes with --data");
        RunDirectory run = new RunDirectory(path);
        Model model = run.resumable();
        if (name != null && !name.equals(model.graph().name()))
            throw new IllegalArgumentException(
                    path + " is a run of " + model.graph().name() + ", not of " + name);
        Splits splits = data == null ? ModelArgument.data(model, path) : Splits.open(tested(data));
        String what = model.graph().name() + " on " + splits.summary();
        Recipe recipe = Recipe.of(model.provenance().recipe());
        Optional<Integer> epochs = different.epochs();
        Evaluation result = watch(
                run,
                what,
                epochs.map(recipe::withEpochs).orElse(recipe),
                trainer ->
                        epochs.isPresent() ? trainer.extend(run, splits, epochs.get()) : trainer.resume(run, splits));
        ended(run, splits.without(LeftOut.of(model)), result);
    }

    private interface Training {
        Evaluation with(Trainer trainer) throws IOException;
    }

    private Evaluation watch(RunDirectory run, String what, Recipe recipe, Training training) throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        try (Engine engine = Engine.open(this.engine.engine());
                TrainingLines lines = new TrainingLines(
                        err,
                        run.path(),
                        what,
                        engine.description(),
                        graph -> PrecisionRemark.of(engine, graph, recipe.precision(), recipe.batch()))) {
            return training.with(new Trainer(engine).withListener(lines));
        } catch (DivergedException e) {
            String lower = String.format(Locale.ROOT, "%.2g", recipe.learningRate() / 3);
            throw new Remedied(e, "; for instance --learning-rate " + lower + " and another --out");
        } catch (StoppedException e) {
            throw new Remedied(e, "; go on with " + resuming(run));
        } catch (IOException e) { // the run directory cannot be written or read
            throw new Remedied(e, " (" + resuming(run) + " goes on, --out DIR chooses another directory)");
        }
    }

    private static String resuming(RunDirectory run) {
        return "--resume " + Shell.quoted(run.path().toString());
    }

    /** What is left and what to do with it. */
    private void ended(RunDirectory run, Splits splits, Evaluation result) throws IOException {
        Path report = run.path().resolve(Report.FILE);
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "%nThe test: %s right (%s of %s), loss %.4f, after %s of training, %s of it waiting for pictures.%n%n",
                Numbers.percent(result.top1()),
                Numbers.grouped(Math.round(result.top1() * result.images())),
                Numbers.grouped(result.images()),
                result.loss(),
                Numbers.duration(EpochMetrics.seconds(run.history())),
                Numbers.duration(EpochMetrics.waitingSeconds(run.history())));
        if (Files.exists(report)) out.println("Look at   " + report);
        out.println("The model " + run.path().resolve("model.safetensors") + " (opens in Python's safetensors, too)");
        String predict =
                Terminal.command() + " predict " + Shell.quoted(run.path().toString()) + " ";
        out.println("Try       " + predict + Shell.quoted(example(splits)));
    }

    /** A picture to try the model on: one of the test pictures where they are files. */
    private static String example(Splits splits) {
        String name = splits.test().name(0), spec = splits.spec();
        Path file = Path.of(spec.startsWith("folder:") ? spec.substring("folder:".length()) : spec, name);
        if (Files.exists(file)) return file.toString();
        Path drawn = Path.of(System.getProperty("convzoo.home", "."), "docs", "five.png");
        return splits.form() == org.convzoo.images.Form.DIGITS && Files.exists(drawn)
                ? Path.of("")
                        .toAbsolutePath()
                        .relativize(drawn.toAbsolutePath())
                        .toString()
                : "PICTURE.png";
    }

    /** The data set's name in that of a run directory. */
    private static String word(String spec) {
        String learnt = spec.startsWith("tested:") ? spec.substring(spec.indexOf('|') + 1) : spec;
        String path = learnt.substring(learnt.indexOf(':') + 1);
        Path last = Path.of(path).toAbsolutePath().normalize().getFileName();
        return (last == null ? path : last.toString()).replaceAll("[^\\p{L}\\p{M}\\p{N}_.-]+", "-");
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
