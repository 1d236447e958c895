package org.convzoo.train;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.convzoo.classify.Classifier;
import org.convzoo.classify.ClassifierOptions;
import org.convzoo.classify.Model;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.LearnerOptions;
import org.convzoo.engine.Loss;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.PlainEngine;
import org.convzoo.engine.Precision;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.DivergedException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Augmentation;
import org.convzoo.images.Dataset;
import org.convzoo.images.Form;
import org.convzoo.images.Inventory;
import org.convzoo.images.Loader;
import org.convzoo.images.Mixing;
import org.convzoo.images.Picture;
import org.convzoo.images.Sampling;
import org.convzoo.images.Splits;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.Progressive;
import org.convzoo.recipe.Recipe;
import org.convzoo.recipe.Schedule;
import org.convzoo.recipe.Validation;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    private static final TrainListener SILENT = new TrainListener() {};

    @TempDir
    static Path data;

    @TempDir
    Path temp;

    private static final ClassifierOptions BATCHES = ClassifierOptions.DEFAULTS.withBatch(Evaluation.BATCH);

    private final Engine engine = new PlainEngine();

    @BeforeAll
    static void draw() {
        Drawings.write(data);
    }

    private RunDirectory run(String name) {
        return new RunDirectory(temp.resolve(name));
    }

    private Evaluation train(RunDirectory run) throws IOException {
        return new Trainer(engine).train(Drawings.request(data), run);
    }

    /** Interrupts the training thread in an epoch. */
    private static TrainListener stopIn(int epoch) {
        return new TrainListener() {
            @Override
            public void step(Progress p) {
                if (p.epoch() == epoch && p.step() == 2) Thread.currentThread().interrupt();
            }
        };
    }

    private static void assertSameBytes(RunDirectory a, RunDirectory b, String file) {
        assertThat(a.path().resolve(file)).hasSameBinaryContentAs(b.path().resolve(file));
    }

    @Test
    void whatEndsIsReportedAndAReportThatFailsCostsNothing() throws Exception {
        Evaluation result = train(run("reported"));
        Path told = run("reported").path().resolve(TestReport.FILE);
        assertThat(told).hasContent("3 epochs of lenet, %s right, 16 to learn from".formatted(result.top1()));

        Files.delete(told);
        new Trainer(engine).resume(run("reported"));
        assertThat(told).exists();

        List<String> warnings = new ArrayList<>();
        RunDirectory failing = run("fails");
        Evaluation kept = new Trainer(engine)
                .withListener(new TrainListener() {
                    @Override
                    public void warning(String line) {
                        warnings.add(line);
                    }
                })
                .train(Drawings.request(data), failing);
        assertThat(kept.top1()).isEqualTo(result.top1());
        assertThat(warnings)
                .containsExactly(failing.path() + ": a report of it cannot be written, all else is saved: no ink");
        assertSameBytes(failing, run("reported"), RunDirectory.MODEL);
    }

    @Test
    void aRunLeavesItsFiles() throws Exception {
        RunDirectory run = run("run");
        List<String> heard = new ArrayList<>();
        Evaluation result = new Trainer(engine)
                .withListener(new TrainListener() {
                    @Override
                    public void started(Model model, int epochs) {
                        heard.add("started " + epochs);
                    }

                    @Override
                    public void step(Progress p) {
                        heard.add(p.epoch() + "/" + p.epochs() + " " + p.step() + "/" + p.steps());
                        assertThat(p.waiting()).isBetween(0.0, 1.0);
                        assertThat(p.left().isNegative()).isFalse();
                    }

                    @Override
                    public void epoch(EpochMetrics m, int epochs, Duration left) {
                        heard.add("epoch " + m.epoch());
                    }
                })
                .train(Drawings.request(data), run);
        assertThat(heard)
                .startsWith("started 0", "1/3 1/3")
                .endsWith("3/3 3/3", "epoch 3")
                .hasSize(1 + 3 * 4);
        try (Stream<Path> files = Files.list(run.path())) {
            assertThat(files.map(f -> f.getFileName().toString().replaceAll("\\d+", "N")))
                    .containsExactlyInAnyOrder(
                            ".lock",
                            "model.safetensors",
                            "best.safetensors",
                            "last.ckpt",
                            "metrics.jsonl",
                            "predictions.csv",
                            "pictures.csv",
                            "events.out.tfevents.N.convzoo");
        }
        assertThat(run.evaluation()).isEqualTo(result);
        List<EpochMetrics> history = run.history();
        assertThat(history).extracting(EpochMetrics::epoch).containsExactly(1, 2, 3);
        assertThat(history).extracting(EpochMetrics::step).containsExactly(3L, 6L, 9L);
        assertThat(history.get(2).trainLoss()).isLessThan(history.get(0).trainLoss());
        assertThat(result.images()).as("the test images").isEqualTo(8);
        assertThat(Files.readString(run.path().resolve("metrics.jsonl"))).contains("\"train_loss\":", "\"top1\":");
    }

    @Test
    void aHalfWrittenLineOfTheMetricsDoesNotCount() throws Exception {
        RunDirectory run = run("run");
        train(run);
        Path metrics = run.path().resolve("metrics.jsonl");
        String whole = Files.readString(metrics);
        Files.writeString(metrics, whole.substring(0, whole.length() - 20));
        assertThat(run.history()).extracting(EpochMetrics::epoch).containsExactly(1, 2);
        Files.writeString(metrics, whole.replaceFirst("\\{", "["));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(run::history)
                .withMessageStartingWith(metrics + ": line 1 is broken: ");
    }

    @Test
    void theModelSaysTheSameWhenItIsEvaluatedAgain() throws Exception {
        RunDirectory run = run("run");
        Evaluation result = train(run);
        Model model = run.model();
        assertThat(model.provenance().metrics()).isEqualTo(result.summary());
        assertThat(Recipe.of(model.provenance().recipe()))
                .isEqualTo(Drawings.request(data).recipe());
        assertThat(SafeTensors.read(run.path().resolve("model.safetensors"))
                        .weights()
                        .tensors())
                .containsOnlyKeys(model.graph().parameters().keySet());
        Splits splits = Splits.open(model.provenance().data());
        try (Classifier classifier = Classifier.of(model, BATCHES, engine)) {
            assertThat(Evaluation.of(classifier, splits.test())).isEqualTo(result);
        }
    }

    @Test
    void aStoppedRunEndsInTheSameBits() throws Exception {
        RunDirectory whole = run("whole"), stopped = run("stopped");
        Evaluation result = train(whole);
        assertThatExceptionOfType(StoppedException.class)
                .isThrownBy(() -> new Trainer(engine).withListener(stopIn(2)).train(Drawings.request(data), stopped))
                .withMessage(stopped.path() + ": the training was interrupted; what it saved is kept");
        assertThat(Thread.interrupted())
                .as("as a caller expects after an unchecked exception")
                .isTrue();
        assertThat(stopped.history()).hasSize(1);
        assertThat(stopped.model().provenance().metrics().get("images").asInt())
                .as("the validation images")
                .isEqualTo(4);
        assertThat(new Trainer(engine).resume(stopped)).isEqualTo(result);
        assertSameBytes(stopped, whole, "model.safetensors");
        assertSameBytes(stopped, whole, "predictions.csv");
        assertThat(stopped.history()).extracting(EpochMetrics::epoch).containsExactly(1, 2, 3);
        assertThat(stopped.checkpoint().slots().tensors().keySet())
                .isEqualTo(whole.checkpoint().slots().tensors().keySet());
    }

    /** A rate at which the weights jump about. */
    @Test
    void theBestEpochIsKeptAndTheRunEndsWhereNoneIsBetter() throws Exception {
        RunDirectory whole = run("whole"), stopped = run("stopped");
        TrainRequest usual = Drawings.request(data);
        TrainRequest request = usual.withRecipe(
                usual.recipe().withEpochs(20).withLearningRate(0.1).withValidation(new Validation(0.25, 2)));
        List<String> tested = new ArrayList<>();
        List<Kept> kept = new ArrayList<>();
        Evaluation result = new Trainer(engine).withListener(keeping(kept)).train(counting(request, tested), whole);
        assertThat(tested)
                .as("test images are read to see whether they are whole, and once for the test")
                .hasSize(8);
        List<EpochMetrics> history = whole.history();
        EpochMetrics best = Validation.best(history, 4).orElseThrow();
        assertThat(history).hasSizeBetween(3, 19);
        assertThat(kept).containsExactly(new Kept(best, best.epoch(), history.size(), 20));
        assertThat(whole.model().weights().get("features.0.weight").toArray())
                .isEqualTo(whole.best()
                        .orElseThrow()
                        .weights()
                        .get("features.0.weight")
                        .toArray());
        assertThat(whole.best().orElseThrow().provenance().metrics().get("top1").asDouble())
                .as("of the validation images")
                .isEqualTo(best.top1());
        try (Classifier classifier = Classifier.of(whole.model(), BATCHES, engine)) {
            assertThat(Evaluation.of(classifier, request.splits().test())).isEqualTo(result);
        }

        assertThatExceptionOfType(StoppedException.class).isThrownBy(() -> new Trainer(engine)
                .withListener(stopIn(history.size() - 1))
                .train(request, stopped));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(new Trainer(engine).resume(stopped)).isEqualTo(result);
        assertSameBytes(stopped, whole, "model.safetensors");
        assertSameBytes(stopped, whole, "best.safetensors");
        assertThat(new Trainer(engine).resume(whole))
                .as("a run that has ended early has ended")
                .isEqualTo(result);
        assertThat(whole.history()).hasSameSizeAs(history);
    }

    private static TrainListener keeping(List<Kept> kept) {
        return new TrainListener() {
            @Override
            public void ended(Kept k) {
                kept.add(k);
            }
        };
    }

    /** Everything at once that has a memory from step to step or from epoch to epoch. */
    @Test
    void aRunWithAllThatRemembersResumesInTheSameBits() throws Exception {
        Graph graph = Graph.of("mine", new Shape(1, 32, 32), x -> x.conv(4, 3, 2)
                .bn()
                .relu()
                .conv(8, 3, 2)
                .bn()
                .relu()
                .avgPoolTo(1)
                .flatten()
                .linear(2));
        TrainRequest usual = TrainRequest.of(graph, Drawings.request(data).splits());
        TrainRequest request = usual.withRecipe(usual.recipe()
                .withEpochs(6)
                .withBatch(3)
                .withAccumulation(2)
                .withOptimizer(usual.recipe().optimizer().ema(0.9).clip(1))
                .withMixing(new Mixing(0.2, 1, 0.7))
                .withSampling(Sampling.BALANCED)
                .withClassWeights(Recipe.ClassWeights.BALANCED)
                .withLoss(new Loss.Focal(1))
                .withProgressive(new Progressive(0.5, 0.8))
                .withAverageFrom(0.5)
                .withValidation(new Validation(0.25, 0))
                .withSchedule(new Schedule(0.1, new Schedule.Plateau(0.5, 0))));
        String first = graph.parameters().keySet().iterator().next();
        RunDirectory whole = run("whole");
        List<Kept> kept = new ArrayList<>();
        Evaluation result = new Trainer(engine).withListener(keeping(kept)).train(request, whole);
        assertThat(kept).extracting(Kept::toString).containsExactly("kept the mean of epochs 4 to 6 of 6");
        assertThat(whole.history())
                .extracting(EpochMetrics::step)
                .as("12 images, two batches of 3 a step")
                .containsExactly(2L, 4L, 6L, 8L, 10L, 12L);
        assertThat(whole.model().weights().get(first).toArray())
                .as("the mean of the last three epochs")
                .isEqualTo(whole.checkpoint().slots().get("swa/" + first).toArray())
                .isNotEqualTo(whole.best().orElseThrow().weights().get(first).toArray());

        for (int epoch = 2; epoch <= 6; epoch++) {
            RunDirectory stopped = run("stopped-" + epoch);
            int in = epoch;
            assertThatExceptionOfType(StoppedException.class)
                    .isThrownBy(
                            () -> new Trainer(engine).withListener(stopIn(in)).train(request, stopped));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(new Trainer(engine).resume(stopped)).isEqualTo(result);
            assertSameBytes(stopped, whole, "model.safetensors");
            assertSameBytes(stopped, whole, "best.safetensors");
        }
    }

    @Test
    void withoutItsBestModelARunEndsWithTheLastAndSaysSo() throws Exception {
        RunDirectory run = run("run"), other = run("other");
        train(run);
        Path best = run.path().resolve("best.safetensors");
        Files.delete(best);
        assertEndsWithTheLast(run);
        TrainRequest request = Drawings.request(data);
        new Trainer(engine).train(request.withRecipe(request.recipe().withSeed(8)), other);
        Files.copy(other.path().resolve("best.safetensors"), best);
        assertEndsWithTheLast(run);
    }

    private void assertEndsWithTheLast(RunDirectory run) throws Exception {
        List<String> warnings = new ArrayList<>();
        new Trainer(engine)
                .withListener(new TrainListener() {
                    @Override
                    public void warning(String line) {
                        warnings.add(line);
                    }
                })
                .resume(run);
        assertThat(warnings)
                .contains(
                        run.path() + ": the model of its best epoch is not there; it ends with that of its last epoch");
        assertThat(run.model().weights().get("features.0.weight").toArray())
                .isEqualTo(run.checkpoint()
                        .model()
                        .weights()
                        .get("features.0.weight")
                        .toArray());
    }

    /** With a note of each test picture that is asked for. */
    private static TrainRequest counting(TrainRequest request, List<String> asked) {
        Splits s = request.splits();
        Dataset test = (Dataset) Proxy.newProxyInstance(
                Dataset.class.getClassLoader(), new Class<?>[] {Dataset.class}, (p, method, args) -> {
                    if (method.getName().equals("picture")) asked.add(s.test().name((int) args[0]));
                    return method.invoke(s.test(), args);
                });
        return request.withSplits(new Splits(s.spec(), s.labels(), s.form(), s.train(), test, s.notes(), s.leftOut()));
    }

    @Test
    void anAveragedRunTestsAndSavesTheAverages() throws Exception {
        RunDirectory whole = run("whole"), stopped = run("stopped"), plain = run("plain");
        TrainRequest request = Drawings.request(data);
        Recipe recipe = request.recipe();
        TrainRequest averaged = request.withRecipe(
                recipe.withOptimizer(recipe.optimizer().clip(1).ema(0.9)).withValidation(Validation.NONE));
        Evaluation result = new Trainer(engine).train(averaged, whole);
        Checkpoint last = whole.checkpoint();
        Model model = whole.model();
        assertThat(model.weights().get("features.0.weight").toArray())
                .isEqualTo(last.slots().get("average/features.0.weight").toArray())
                .isNotEqualTo(last.model().weights().get("features.0.weight").toArray());
        assertThat(model.provenance().metrics()).isEqualTo(result.summary());
        try (Classifier classifier = Classifier.of(model, BATCHES, engine)) {
            assertThat(Evaluation.of(classifier, request.splits().test())).isEqualTo(result);
        }

        assertThatExceptionOfType(StoppedException.class)
                .isThrownBy(() -> new Trainer(engine).withListener(stopIn(2)).train(averaged, stopped));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(stopped.model().weights().get("features.0.weight").toArray())
                .as("the model of a stopped run")
                .isEqualTo(stopped.checkpoint()
                        .slots()
                        .get("average/features.0.weight")
                        .toArray());
        new Trainer(engine).resume(stopped);
        assertSameBytes(stopped, whole, "model.safetensors");
        Files.delete(whole.path().resolve("model.safetensors"));
        new Trainer(engine).resume(whole);
        assertSameBytes(stopped, whole, "model.safetensors");

        new Trainer(engine)
                .train(
                        averaged.withRecipe(averaged.recipe()
                                .withOptimizer(recipe.optimizer().clip(1))),
                        plain);
        assertThat(last.model().weights().get("features.0.weight").toArray())
                .as("averaging does not change how training goes")
                .isEqualTo(plain.model().weights().get("features.0.weight").toArray());
    }

    @Test
    void aRunStoppedBeforeItsFirstEpochCanBeResumed() throws Exception {
        RunDirectory whole = run("whole"), stopped = run("stopped");
        train(whole);
        assertThatExceptionOfType(StoppedException.class)
                .isThrownBy(() -> new Trainer(engine).withListener(stopIn(1)).train(Drawings.request(data), stopped));
        assertThat(Thread.interrupted()).isTrue();
        new Trainer(engine).resume(stopped);
        assertSameBytes(stopped, whole, "model.safetensors");
    }

    @Test
    void aRunStoppedWhileItWaitsForPictures() throws Exception {
        Thread trainer = Thread.currentThread();
        AtomicInteger read = new AtomicInteger();
        TrainRequest r = Drawings.request(data);
        Dataset slow = new Dataset() {
            @Override
            public int size() {
                return r.splits().train().size();
            }

            @Override
            public int label(int i) {
                return r.splits().train().label(i);
            }

            @Override
            public String name(int i) {
                return r.splits().train().name(i);
            }

            @Override
            public long fingerprint(int i) {
                return r.splits().train().fingerprint(i);
            }

            @Override
            public Picture picture(int i) {
                if (read.incrementAndGet() == 12) {
                    while (trainer.getState() != Thread.State.WAITING) Thread.onSpinWait();
                    trainer.interrupt();
                }
                return r.splits().train().picture(i);
            }
        };
        Splits s = r.splits();
        Splits splits = Splits.of(s.spec(), s.labels(), s.form(), slow, s.test());
        TrainRequest request = r.withSplits(splits);
        assertThatExceptionOfType(StoppedException.class)
                .isThrownBy(() -> new Trainer(engine).train(request, run("run")))
                .withMessageContaining("what it saved is kept");
        assertThat(Thread.interrupted())
                .as("as a caller expects after an unchecked exception")
                .isTrue();
        train(run("whole"));
        new Trainer(engine).resume(run("run"));
        assertSameBytes(run("run"), run("whole"), "model.safetensors");
    }

    @Test
    void aRunStoppedWhileItSaves() throws Exception {
        RunDirectory stopped = run("stopped"), whole = run("whole");
        Engine interrupting = proxy(
                Engine.class,
                engine,
                (method, result) -> method.equals("learner")
                        ? proxy(Learner.class, result, (name, r) -> {
                            if (name.equals("state")) Thread.currentThread().interrupt();
                            return r;
                        })
                        : result);
        assertThatExceptionOfType(StoppedException.class)
                .isThrownBy(() -> new Trainer(interrupting).train(Drawings.request(data), stopped))
                .withMessage(stopped.path() + ": the training was interrupted; what it saved is kept");
        assertThat(Thread.interrupted())
                .as("as a caller expects after an unchecked exception")
                .isTrue();
        assertThat(stopped.checkpoint().step()).isZero();
        new Trainer(engine).resume(stopped);
        train(whole);
        assertSameBytes(stopped, whole, "model.safetensors");
    }

    private static <T> T proxy(Class<T> type, Object real, BiFunction<String, Object, Object> after) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (p, method, args) -> {
            Object result = method.invoke(real, args);
            return result == null ? null : after.apply(method.getName(), result);
        }));
    }

    @Test
    void aPictureThatCannotBeRead() throws Exception {
        Path mine = Drawings.write(temp.resolve("drawings"));
        TrainRequest request = Drawings.request(mine);
        Path picture = mine.resolve("train/lying/3.png");
        Files.write(picture, Arrays.copyOf(Files.readAllBytes(picture), 40));
        assertThatExceptionOfType(BrokenFileException.class)
                .isThrownBy(() -> new Trainer(engine).train(request, run("run")))
                .withMessageContaining("3.png")
                .withMessageNotContaining("\n");
    }

    @Test
    void whatTheLastEpochsLinesWereWrittenTwiceForIsToldOnce() throws Exception {
        RunDirectory run = run("run");
        train(run);
        byte[] events = Files.readAllBytes(events(run)), metrics = Files.readAllBytes(metrics(run));
        Files.write(events(run), new byte[10], StandardOpenOption.APPEND);
        Files.writeString(metrics(run), "{\"epoch\":4}\n", StandardOpenOption.APPEND);
        Files.writeString(run.path().resolve(".last.ckpt.1.tmp"), "half");
        new Trainer(engine).resume(run);
        assertThat(metrics(run)).hasBinaryContent(metrics);
        assertThat(events(run)).hasBinaryContent(events);
        assertThat(run.path().resolve(".last.ckpt.1.tmp")).doesNotExist();
    }

    private static Path metrics(RunDirectory run) {
        return run.path().resolve("metrics.jsonl");
    }

    private static Path events(RunDirectory run) throws IOException {
        try (Stream<Path> files = Files.list(run.path())) {
            return files.filter(f -> f.getFileName().toString().contains("tfevents"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void anotherSeedIsAnotherModel() throws Exception {
        RunDirectory a = run("a"), b = run("b");
        train(a);
        TrainRequest request = Drawings.request(data);
        new Trainer(engine).train(request.withRecipe(request.recipe().withSeed(8)), b);
        assertThat(a.model().weights().get("features.0.weight").toArray())
                .isNotEqualTo(b.model().weights().get("features.0.weight").toArray());
    }

    @Test
    void aDirectoryWithARunIsNotTrainedInto() throws Exception {
        RunDirectory run = run("run");
        train(run);
        assertThatIOException()
                .isThrownBy(() -> train(run))
                .withMessage(run.path() + ": holds a run already; go on with it, or choose another directory");
        assertThat(RunDirectory.fresh(temp, "run").path()).isEqualTo(temp.resolve("run-2"));
        assertThat(RunDirectory.fresh(temp, "other").path()).isEqualTo(temp.resolve("other"));
        Path mine = Files.createDirectory(temp.resolve("mine"));
        Files.writeString(mine.resolve("thesis.txt"), "");
        assertThatIOException()
                .isThrownBy(() -> train(new RunDirectory(mine)))
                .withMessage(mine + ": is not empty; choose another directory");
    }

    @Test
    void anUnwritableDirectory() throws Exception {
        Path file = Files.writeString(temp.resolve("file"), "");
        RunDirectory run = new RunDirectory(file.resolve("run"));
        assertThatIOException()
                .isThrownBy(() -> train(run))
                .withMessageMatching(run.path() + ": cannot be written: .+; choose another directory")
                .withMessageNotContaining("Exception");
        assertThatIOException()
                .isThrownBy(() -> train(new RunDirectory(file)))
                .withMessageContaining("choose another directory");
    }

    @Test
    void twoTrainersInOneDirectory() throws Exception {
        RunDirectory run = run("run");
        new Trainer(engine)
                .withListener(new TrainListener() {
                    @Override
                    public void step(Progress p) {
                        if (p.epoch() != 2 || p.step() != 1) return;
                        assertThatIOException()
                                .isThrownBy(() -> new Trainer(engine).resume(run))
                                .withMessageStartingWith(run.path() + ": another training is writing to it; wait");
                    }
                })
                .train(Drawings.request(data), run);
        assertThat(run.history()).hasSize(3);
    }

    /** Where gradients are zero when the update comes, nothing moves but by the optimizer's own decay. */
    @Test
    void aHookStandsBetweenGradientsAndUpdate() throws Exception {
        TrainRequest request = Drawings.request(data);
        TrainRequest plain =
                request.withRecipe(request.recipe().withOptimizer(new Optimizer.Sgd(0, false, Optimizer.Decay.NONE)));
        AtomicInteger steps = new AtomicInteger();
        new Trainer(engine)
                .withHook(learner -> {
                    steps.incrementAndGet();
                    learner.writeGradients(Batch.buffer(request.graph().parameterCount()));
                })
                .train(plain, run("run"));
        assertThat(steps.get()).isEqualTo(run("run").checkpoint().step()).isPositive();
        assertThat(run("run").model().weights().get("features.0.weight").toArray())
                .isEqualTo(Weights.initial(request.graph(), request.recipe().seed())
                        .get("features.0.weight")
                        .toArray());
    }

    /** Each takes half of every step's images and hands in its gradients; what both learn is what one would alone. */
    @Test
    void twoTrainersShareTheImagesOfEachStep() throws Exception {
        TrainRequest usual = Drawings.request(data);
        Recipe recipe = usual.recipe().withAugmentation(Augmentation.NONE).withBatch(4);
        float[][] gradients = new float[2][];
        CyclicBarrier all = new CyclicBarrier(2);
        ExecutorService machines = Executors.newFixedThreadPool(2);
        List<Future<Evaluation>> results = new ArrayList<>();
        for (int machine = 0; machine < 2; machine++) {
            int own = machine;
            Trainer trainer = new Trainer(engine)
                    .withShard(new Loader.Shard(own, 2))
                    .withHook(learner -> {
                        FloatBuffer mine = FloatBuffer.allocate(
                                Math.toIntExact(usual.graph().parameterCount()));
                        learner.readGradients(mine);
                        gradients[own] = mine.array();
                        await(all);
                        float[] mean = new float[mine.capacity()];
                        for (int i = 0; i < mean.length; i++) mean[i] = (gradients[0][i] + gradients[1][i]) / 2;
                        await(all);
                        learner.writeGradients(FloatBuffer.wrap(mean));
                    });
            RunDirectory run = run("machine" + own);
            results.add(machines.submit(() -> trainer.train(usual.withRecipe(recipe), run)));
        }
        for (Future<Evaluation> result : results) result.get();
        machines.shutdown();
        new Trainer(engine).train(usual.withRecipe(recipe.withBatch(8)), run("alone"));

        Weights first = run("machine0").model().weights(),
                second = run("machine1").model().weights();
        run("alone").model().weights().tensors().forEach((name, alone) -> {
            assertThat(first.get(name).toArray())
                    .as(name)
                    .isEqualTo(second.get(name).toArray());
            assertThat(first.get(name).toArray())
                    .as(name)
                    .usingComparatorWithPrecision(1e-3f)
                    .containsExactly(alone.toArray());
        });
        assertThat(run("machine0").checkpoint().step())
                .isEqualTo(run("alone").checkpoint().step());
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aLossThatIsNoNumberKeepsTheLastGoodCheckpoint() throws Exception {
        RunDirectory run = run("run");
        TrainRequest request = Drawings.request(data);
        assertThatExceptionOfType(DivergedException.class)
                .isThrownBy(() -> new Trainer(engine)
                        .train(request.withRecipe(request.recipe().withLearningRate(1e38)), run))
                .withMessageMatching(
                        "the loss is no finite number any more in epoch 1, after \\d steps of it; the first layer with"
                                + " values that are not finite is features\\.0;"
                                + " try a lower learning rate than 1.0E38 .*last.ckpt is as after epoch 0\\)");
        assertThat(run.checkpoint().step()).isZero();
        assertThat(run.model().weights().get("features.0.weight").toArray()).doesNotContain(Float.NaN);
    }

    @Test
    void aCheckpointCutInHalf() throws Exception {
        RunDirectory run = run("run");
        train(run);
        Path file = run.path().resolve("last.ckpt");
        byte[] all = Files.readAllBytes(file),
                model = Files.readAllBytes(run.path().resolve("model.safetensors"));
        for (int length : new int[] {0, 7, 100, all.length / 2, all.length - 1}) {
            Files.write(file, Arrays.copyOf(all, length));
            assertThatExceptionOfType(BrokenFileException.class)
                    .isThrownBy(() -> new Trainer(engine).resume(run))
                    .withMessageMatching(file + ": .*; the run cannot be resumed, start again in another directory"
                            + " \\(model.safetensors is not touched\\)");
        }
        assertThat(run.path().resolve("model.safetensors")).hasBinaryContent(model);
    }

    @Test
    void aCheckpointOfAnotherNetwork() throws Exception {
        RunDirectory run = run("run");
        train(run);
        Path file = run.path().resolve("last.ckpt");
        SafeTensors content = SafeTensors.read(file);
        new SafeTensors(
                        content.weights(),
                        Map.of(
                                "convzoo",
                                content.metadata().get("convzoo").replace("\"features.0\"", "\"features.9\""),
                                "convzoo.training",
                                content.metadata().get("convzoo.training")))
                .write(file);
        assertThatExceptionOfType(BrokenFileException.class)
                .isThrownBy(() -> new Trainer(engine).resume(run))
                .withMessageContaining(file + ": the weights do not fit lenet: ");
        assertThatExceptionOfType(BrokenFileException.class)
                .isThrownBy(() -> new Trainer(engine).resume(run("nothing")))
                .withMessageContaining("holds no run to resume");
    }

    @Test
    void anotherDataSet() throws Exception {
        Path mine = Drawings.write(temp.resolve("drawings"));
        RunDirectory run = run("run");
        new Trainer(engine).train(Drawings.request(mine), run);
        Files.delete(mine.resolve("train/lying/3.png"));
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> new Trainer(engine).resume(run))
                .withMessage(run.path() + ": cannot be resumed: the pictures of folder:" + mine
                        + " are not those that it began with: 1 missing (train/lying/3.png)");
    }

    @Test
    void aPrecisionThatTheEngineLacksIsToldBeforeAnythingIsMade() throws Exception {
        TrainRequest request = Drawings.request(data);
        RunDirectory run = run("run");
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> new Trainer(engine)
                        .train(request.withRecipe(request.recipe().withPrecision(Precision.BF16)), run))
                .withMessage("this processor or engine does not compute in bf16; use f32, or a machine that has it");
        assertThat(run.path()).doesNotExist();
    }

    /** The engine is asked for it, at the start and when the run goes on. */
    @Test
    void aRunKeepsItsPrecision() throws Exception {
        List<Object> asked = new ArrayList<>();
        Engine able = (Engine) Proxy.newProxyInstance(
                Engine.class.getClassLoader(), new Class<?>[] {Engine.class}, (p, method, args) -> {
                    if (method.getName().equals("precisions")) return Set.of(Precision.F32, Precision.BF16);
                    if (method.getName().equals("check")) return null;
                    if (method.getName().equals("learner")) {
                        LearnerOptions options = (LearnerOptions) args[3];
                        asked.add(options.precision());
                        args[3] = options.withPrecision(Precision.F32);
                    }
                    return method.invoke(engine, args);
                });
        TrainRequest request = Drawings.request(data);
        RunDirectory run = run("run");
        new Trainer(able).train(request.withRecipe(request.recipe().withPrecision(Precision.BF16)), run);
        new Trainer(able).extend(run, request.splits(), 4);
        assertThat(asked).containsExactly(Precision.BF16, Precision.BF16);
    }

    @Test
    void aNetworkAndADataSetOfOnesOwnTrainResumeAndReadBack() throws Exception {
        Graph graph = Graph.of(
                "mine",
                new Shape(1, 16, 16),
                x -> x.conv(4, 3, 2).bn().relu().avgPoolTo(1).flatten().linear(2));
        Splits noise = Splits.of("noise", List.of("even", "odd"), Form.PHOTOS, new Own(1), new Own(100));
        TrainRequest usual = TrainRequest.of(graph, noise);
        TrainRequest request =
                usual.withRecipe(usual.recipe().withEpochs(3).withBatch(8).withValidation(Validation.NONE));
        RunDirectory whole = run("whole"), stopped = run("stopped");
        Evaluation result = new Trainer(engine).train(request, whole);
        assertThatExceptionOfType(StoppedException.class)
                .isThrownBy(() -> new Trainer(engine).withListener(stopIn(2)).train(request, stopped));
        assertThat(Thread.interrupted()).isTrue();
        assertThatExceptionOfType(WrongUseException.class)
                .as("the name of the data set says nothing to anybody else")
                .isThrownBy(() -> new Trainer(engine).resume(stopped));
        assertThat(new Trainer(engine).resume(stopped, noise)).isEqualTo(result);
        assertSameBytes(stopped, whole, "model.safetensors");

        Model model = whole.model();
        assertThat(model.provenance().catalogued()).isEmpty();
        try (Classifier classifier = Classifier.of(model, BATCHES, engine)) {
            assertThat(Evaluation.of(classifier, noise.test())).isEqualTo(result);
        }
    }

    @Test
    void partsThatDoNotFit() throws Exception {
        TrainRequest r = Drawings.request(data);
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> TrainRequest.of(
                        Models.named("lenet"), Options.NONE, Task.mnist().classes(3), r.splits()))
                .withMessageContaining("has 2 classes, the network lenet tells 3 apart");
    }

    @Test
    void aPictureWithAnotherContentIsAnother() throws Exception {
        Path mine = Drawings.write(temp.resolve("drawings"));
        RunDirectory run = run("run");
        new Trainer(engine).train(Drawings.request(mine), run);
        Files.copy(mine.resolve("train/lying/1.png"), mine.resolve("train/lying/2.png"), REPLACE_EXISTING);
        Files.copy(mine.resolve("train/lying/1.png"), mine.resolve("test/lying/more.png"));
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> new Trainer(engine).resume(run))
                .withMessageEndingWith(
                        "are not those that it began with: 1 added (test/lying/more.png); 1 changed (train/lying/2.png)");
    }

    @Test
    void aRunGoesOnWhereItsPicturesHaveMoved() throws Exception {
        Path mine = Drawings.write(temp.resolve("drawings"));
        RunDirectory whole = run("whole"), stopped = run("stopped");
        train(whole);
        assertThatExceptionOfType(StoppedException.class)
                .isThrownBy(() -> new Trainer(engine).withListener(stopIn(2)).train(Drawings.request(mine), stopped));
        assertThat(Thread.interrupted()).isTrue();
        Path moved = Files.move(mine, temp.resolve("moved"));
        assertThatExceptionOfType(BrokenFileException.class)
                .isThrownBy(() -> new Trainer(engine).resume(stopped))
                .withMessage(mine + ": no such folder");
        new Trainer(engine).resume(stopped, Splits.open(moved.toString()));
        assertThat(stopped.model().weights().get("features.0.weight").toArray())
                .isEqualTo(whole.model().weights().get("features.0.weight").toArray());
        assertThat(stopped.model().provenance().data()).isEqualTo("folder:" + moved);
        new Trainer(engine).resume(stopped);
    }

    @Test
    void aRunThatHasEndedIsMadeLonger() throws Exception {
        RunDirectory run = run("run"), stopped = run("stopped");
        train(run);
        Splits splits = Drawings.request(data).splits();
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> new Trainer(engine).extend(run, splits, 2))
                .withMessage(run.path() + ": has done 3 epochs already; it cannot end after 2");
        new Trainer(engine).extend(run, splits, 5);
        assertThat(run.history()).extracting(EpochMetrics::epoch).containsExactly(1, 2, 3, 4, 5);
        assertThat(run.history().get(3).learningRate())
                .as("of a run of five epochs, not of one that has ended")
                .isGreaterThan(run.history().get(4).learningRate())
                .isPositive();
        assertThat(Recipe.of(run.model().provenance().recipe()).epochs()).isEqualTo(5);

        train(stopped);
        assertThatExceptionOfType(StoppedException.class)
                .isThrownBy(() -> new Trainer(engine).withListener(stopIn(5)).extend(stopped, splits, 5));
        assertThat(Thread.interrupted()).isTrue();
        new Trainer(engine).resume(stopped);
        assertSameBytes(stopped, run, "model.safetensors");
    }

    /** A data set of one's own: the caller hands it in again. */
    @Test
    void aDataSetOfOnesOwn() throws Exception {
        TrainRequest r = Drawings.request(data);
        Splits own = Splits.of("own", r.splits().labels(), r.splits().form(), new Own(0), new Own(100));
        RunDirectory whole = run("whole"), stopped = run("stopped");
        new Trainer(engine).train(r.withSplits(own), whole);
        assertThatExceptionOfType(StoppedException.class)
                .isThrownBy(() -> new Trainer(engine).withListener(stopIn(2)).train(r.withSplits(own), stopped));
        assertThat(Thread.interrupted()).isTrue();
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> new Trainer(engine).resume(stopped))
                .withMessageContaining("'own'");
        Splits other = Splits.of("own", own.labels(), own.form(), new Own(1), new Own(100));
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> new Trainer(engine).resume(stopped, other))
                .withMessageContaining("16 changed (0, 1, 2, ...)");
        new Trainer(engine).resume(stopped, own);
        assertSameBytes(stopped, whole, "model.safetensors");
        assertThat(stopped.model().provenance().data()).isEqualTo("own");
    }

    /** @param first the weight of the first picture */
    private record Own(int seed, double first) implements Dataset {
        Own(int seed) {
            this(seed, 1);
        }

        @Override
        public int size() {
            return 16;
        }

        @Override
        public int label(int i) {
            return i % 2;
        }

        @Override
        public Picture picture(int i) {
            byte[] pixels = new byte[28 * 28];
            new Random(seed + i).nextBytes(pixels);
            return new Picture(28, 28, 1, pixels);
        }

        @Override
        public String name(int i) {
            return Integer.toString(i);
        }

        @Override
        public double weight(int i) {
            return i == 0 ? first : 1;
        }
    }

    @Test
    void picturesCountByTheirWeightInALossThatWeighs() throws Exception {
        TrainRequest r = Drawings.request(data);
        List<String> labels = r.splits().labels();
        Splits alike = Splits.of("own", labels, Form.DIGITS, new Own(0), new Own(100));
        Splits weighed = Splits.of("own", labels, Form.DIGITS, new Own(0, 5), new Own(100));
        RunDirectory one = run("one"), other = run("other");
        new Trainer(engine).train(r.withSplits(alike), one);
        new Trainer(engine).train(r.withSplits(weighed), other);
        assertThat(other.history()).isNotEqualTo(one.history());

        Recipe binary = r.recipe().withLoss(new Loss.BinaryCrossEntropy());
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(
                        () -> new Trainer(engine).train(r.withSplits(weighed).withRecipe(binary), run("third")))
                .withMessageStartingWith("own: its pictures have weights");
    }

    @Test
    void whatIsBrokenIsNamedAtOnceOrLeftOut() throws Exception {
        Path mine = Drawings.write(temp.resolve("drawings"));
        for (String name : List.of("train/lying/3.png", "train/standing/4.png", "test/lying/9.png"))
            Files.writeString(mine.resolve(name), "");
        TrainRequest request = Drawings.request(mine);
        RunDirectory run = run("deep/er/run");
        assertThatExceptionOfType(BrokenFileException.class)
                .isThrownBy(() -> new Trainer(engine).train(request, run))
                .withMessage(
                        "folder:" + mine + ": 3 of 24 pictures cannot be read: train/lying/3.png: the file is empty;"
                                + " train/standing/4.png: the file is empty; test/lying/9.png: the file is empty");
        assertThat(temp.resolve("deep")).doesNotExist();

        Splits splits = request.splits();
        List<String> broken =
                splits.scan().broken().stream().map(Inventory.Broken::name).toList();
        TrainRequest rest = request.withSplits(splits.without(broken));
        new Trainer(engine).train(rest, run);
        assertThat(LeftOut.of(run.model())).isEqualTo(broken);
        RunDirectory stopped = run("stopped");
        assertThatExceptionOfType(StoppedException.class)
                .isThrownBy(() -> new Trainer(engine).withListener(stopIn(2)).train(rest, stopped));
        assertThat(Thread.interrupted()).isTrue();
        Files.copy(mine.resolve("train/lying/1.png"), mine.resolve("train/lying/3.png"), REPLACE_EXISTING);
        new Trainer(engine).resume(stopped);
        assertSameBytes(stopped, run, "model.safetensors");
    }

    @Test
    void aRefusedRunLeavesNoDirectory() throws Exception {
        TrainRequest request = Drawings.request(data);
        Engine full = proxy(Engine.class, engine, (method, result) -> {
            if (!method.equals("learner")) return result;
            return proxy(Learner.class, result, (name, r) -> {
                if (name.equals("gradients")) throw new OutOfMemoryException("too large a batch");
                return r;
            });
        });
        RunDirectory run = run("deep/run");
        assertThatExceptionOfType(OutOfMemoryException.class).isThrownBy(() -> new Trainer(full).train(request, run));
        assertThat(temp.resolve("deep")).doesNotExist();

        RunDirectory fresh = RunDirectory.fresh(temp.resolve("runs"), "a");
        assertThat(fresh.path()).exists();
        assertThat(RunDirectory.fresh(temp.resolve("runs"), "a").path()).isEqualTo(temp.resolve("runs/a-2"));
        assertThatExceptionOfType(OutOfMemoryException.class).isThrownBy(() -> new Trainer(full).train(request, fresh));
        assertThat(fresh.path()).doesNotExist();
        new RunDirectory(temp.resolve("runs/a-2")).removeIfUnused();
        assertThat(temp.resolve("runs")).isEmptyDirectory();

        Path mine = Files.createDirectory(temp.resolve("mine"));
        assertThatExceptionOfType(OutOfMemoryException.class)
                .isThrownBy(() -> new Trainer(full).train(request, new RunDirectory(mine)));
        assertThat(mine).isEmptyDirectory();
    }

    @Test
    void aRunThatWasKilledInItsFirstCheckpoint() throws Exception {
        RunDirectory whole = run("whole"), killed = run("killed");
        train(whole);
        Files.createDirectory(killed.path());
        for (String name : List.of(".lock", ".last.ckpt.17-1.tmp", "pictures.csv"))
            Files.writeString(killed.path().resolve(name), "half");
        assertThatExceptionOfType(BrokenFileException.class)
                .isThrownBy(() -> new Trainer(engine).resume(killed))
                .withMessage(
                        killed.path() + ": its training was stopped before it saved anything; start it again, it may"
                                + " be in the same directory");
        train(killed);
        assertSameBytes(killed, whole, "model.safetensors");
        assertThat(killed.path().resolve(".last.ckpt.17-1.tmp")).doesNotExist();
    }

    @Test
    void whatChangesBitsIsSaid() throws Exception {
        RunDirectory run = run("run");
        train(run);
        Engine other = (Engine) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Engine.class},
                (p, method, args) ->
                        method.getName().equals("description") ? "plain, 7 threads" : method.invoke(engine, args));
        List<String> warnings = new ArrayList<>();
        TrainListener listener = new TrainListener() {
            @Override
            public void warning(String line) {
                warnings.add(line);
            }
        };
        new Trainer(engine).withListener(listener).resume(run);
        assertThat(warnings).isEmpty();
        new Trainer(other).withListener(listener).resume(run);
        assertThat(warnings)
                .containsExactly(run.path() + ": goes on with another engine (plain, 7 threads) than before ("
                        + engine.description() + "): the result may differ in its last bits from that of a run that was"
                        + " never stopped");
    }
}
