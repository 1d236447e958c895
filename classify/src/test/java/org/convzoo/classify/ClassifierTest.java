package org.convzoo.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineOptions;
import org.convzoo.engine.Mode;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.engine.Tuning;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.ConvzooException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.images.Picture;
import org.convzoo.images.PictureReader;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClassifierTest {
    private static final Path FIVE = Path.of("../docs/five.png");
    private static final Path LENET = Path.of("src/test/resources/format1/lenet.safetensors");
    private static final ClassifierOptions OPTIONS =
            ClassifierOptions.DEFAULTS.withEngineOptions(EngineOptions.DEFAULTS.withTuning(Tuning.USUAL));

    private static Engine engine;
    private static Model lenet;

    @TempDir
    Path temp;

    @BeforeAll
    static void open() {
        engine = Engine.open(OPTIONS.engineOptions());
        lenet = Model.read(LENET);
    }

    @AfterAll
    static void close() {
        assertThat(engine.nativeBytes())
                .as("all that classifiers made is closed")
                .isZero();
        engine.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("classifier-") && !name.contains("reader"));
    }

    private static Classifier classifier(ClassifierOptions options) {
        return Classifier.of(lenet, options, engine);
    }

    /** What a picture comes to without a classifier. */
    private static float[] logits(Model model, Picture picture) {
        FloatBuffer image = Batch.buffer(model.task().image().elements());
        model.transform().apply(picture, image);
        try (Predictor predictor = engine.predictor(model.graph(), model.weights())) {
            return predictor.logits(image.flip(), 1);
        }
    }

    private static Picture picture(int seed) {
        byte[] pixels = new byte[28 * 28];
        for (int i = 0; i < pixels.length; i++) pixels[i] = (byte) ((i * (seed + 3) ^ i >> 3) * 37);
        return new Picture(28, 28, 1, pixels);
    }

    @Test
    void theFrontDoor() {
        try (Classifier classifier = Classifier.open(LENET, OPTIONS)) {
            Prediction best = classifier.classify(FIVE).best();
            assertThat(best.label()).isEqualTo("5");
            assertThat(best.index()).isEqualTo(5);
            // As this file's program said it.
            assertThat(best.probability()).isCloseTo(0.9999755984797786, within(1e-7));
        }
    }

    @Test
    void everyWayInGivesTheSameBits() throws IOException {
        float[] expected = logits(lenet, PictureReader.read(FIVE));
        byte[] file = Files.readAllBytes(FIVE);
        BufferedImage image = ImageIO.read(FIVE.toFile());
        try (Classifier c = classifier(OPTIONS)) {
            assertThat(c.classify(FIVE).logits()).isEqualTo(expected);
            assertThat(c.classify(file).logits()).isEqualTo(expected);
            assertThat(c.classify(new ByteArrayInputStream(file)).logits()).isEqualTo(expected);
            assertThat(c.classify(image).logits()).isEqualTo(expected);
            assertThat(c.classify(PictureReader.read(FIVE)).logits()).isEqualTo(expected);
            assertThat(c.classifyAsync(Source.of(FIVE)).join().logits()).isEqualTo(expected);
        }
    }

    @Test
    void anUnfinishedRunAndAnOldCheckpointAreOpened() throws IOException {
        Path run = Files.createDirectory(temp.resolve("run"));
        Files.copy(Path.of("src/test/resources/format1/narrow.ckpt"), run.resolve(Model.CHECKPOINT));
        try (Classifier c = Classifier.open(run, OPTIONS)) {
            assertThat(c.classify(FIVE).top(10))
                    .extracting(Prediction::label)
                    .containsExactly("8", "3", "5", "2", "0", "9", "4", "7", "6", "1");
            assertThat(c.classify(FIVE).best().probability()).isCloseTo(0.146578339892952, within(1e-4));
        }
    }

    @Test
    void aFileOfAnyNetworkGivesTheBitsOfTheNetworkItself() throws IOException {
        for (Graph graph : List.of(
                GraphJsonTest.everything(),
                Models.named("resnet20").graph(),
                Models.named("squeezenet1_1").graph(new Task(new Shape(3, 64, 64), 7), Options.NONE),
                Models.named("mobilenet_v3_small").graph(new Task(new Shape(3, 64, 64), 3), Options.NONE))) {
            Model model = ModelTest.model(graph);
            Path file = temp.resolve(graph.name()), checkpoint = temp.resolve("ckpt");
            model.write(file);
            new CheckpointFile(model, new Weights(Map.of()), "{}").write(checkpoint);
            float[] expected = logits(model, picture(1));
            for (Model read :
                    List.of(Model.read(file), CheckpointFile.read(checkpoint).result())) {
                try (Classifier c = Classifier.of(read, OPTIONS, engine)) {
                    assertThat(c.classify(picture(1)).logits()).as(graph.name()).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void manyKeepTheirOrderAndABadOneCostsNoOther() throws IOException {
        Path broken = temp.resolve("broken.png");
        Files.write(broken, Arrays.copyOf(Files.readAllBytes(FIVE), 200));
        List<Source> sources = new ArrayList<>();
        for (int i = 0; i < 50; i++) sources.add(Source.of(picture(i)));
        sources.set(3, Source.of(broken));
        sources.set(4, Source.of(temp.resolve("missing.png")));
        sources.set(20, new Source("huge", () -> {
            throw new OutOfMemoryError("made up");
        }));
        sources.set(21, new Source("odd", () -> {
            throw new IllegalStateException("made up");
        }));
        for (int batch : new int[] {1, 7, 64}) {
            try (Classifier c = classifier(OPTIONS.withBatch(batch))) {
                List<Outcome<Classification>> outcomes = c.classifyAll(sources).toList();
                assertThat(outcomes).extracting(Outcome::source).isEqualTo(sources);
                for (int i = 0; i < 50; i++) {
                    if (List.of(3, 4, 20, 21).contains(i)) continue;
                    assertThat(outcomes.get(i).get().logits())
                            .usingComparatorWithPrecision(1e-3f)
                            .containsExactly(logits(lenet, picture(i)));
                }
                assertFailure(outcomes.get(3), BrokenFileException.class, broken.toString());
                assertFailure(outcomes.get(4), BrokenFileException.class, "missing.png: no such file");
                assertFailure(outcomes.get(20), OutOfMemoryException.class, "huge: memory is exhausted");
                assertFailure(outcomes.get(21), BrokenFileException.class, "odd: cannot be made an image of 1x28x28");
                assertThat(c.classifyAll(List.of())).isEmpty();
            }
        }
    }

    private static void assertFailure(Outcome<?> outcome, Class<? extends ConvzooException> type, String message) {
        assertThat(outcome.result()).isEmpty();
        assertThat(outcome.failure().orElseThrow()).isInstanceOf(type).hasMessageContaining(message);
        assertThatExceptionOfType(type).isThrownBy(outcome::get);
    }

    @Test
    void manyThreadsAtOnceGetWhatIsTheirs() throws Exception {
        for (Mode mode : Mode.values()) {
            ClassifierOptions options = OPTIONS.withPredictor(PredictorOptions.DEFAULTS.withMode(mode));
            List<float[]> expected = IntStream.range(0, 8)
                    .mapToObj(i -> logits(lenet, picture(i)))
                    .toList();
            ExecutorService callers = Executors.newFixedThreadPool(8);
            try (Classifier c = classifier(options)) {
                List<Future<?>> done = new ArrayList<>();
                for (int t = 0; t < 8; t++) {
                    int own = t;
                    done.add(callers.submit(() -> {
                        for (int i = 0; i < 20; i++) {
                            Source source = Source.of(picture(own));
                            Classification said = i % 2 == 0
                                    ? c.classify(source)
                                    : c.classifyAsync(source).join();
                            assertThat(said.logits())
                                    .usingComparatorWithPrecision(1e-3f)
                                    .containsExactly(expected.get(own));
                        }
                        return null;
                    }));
                }
                for (Future<?> d : done) d.get();
            } finally {
                callers.shutdown();
            }
        }
    }

    @Test
    void exceptionsGoToWhoCausedThem() throws Exception {
        try (Classifier c = classifier(OPTIONS)) {
            CompletableFuture<Classification> good = c.classifyAsync(Source.of(FIVE));
            CompletableFuture<Classification> bad = c.classifyAsync(Source.of(temp.resolve("missing.png")));
            assertThat(good.get().best().label()).isEqualTo("5");
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(bad::get)
                    .withCauseInstanceOf(BrokenFileException.class);
            assertThatExceptionOfType(BrokenFileException.class)
                    .isThrownBy(() -> c.classify(temp.resolve("missing.png")))
                    .withMessageContaining("missing.png: no such file");
        }
    }

    /** A picture that is there only once {@code go} is. */
    private static Source slow(CountDownLatch go) {
        return new Source("slow", () -> {
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return picture(1);
        });
    }

    @Test
    void aDeadlineEndsTheWait() {
        CountDownLatch go = new CountDownLatch(1);
        try (Classifier c = classifier(OPTIONS.withDeadline(Duration.ofMillis(100)))) {
            assertThatExceptionOfType(StoppedException.class)
                    .isThrownBy(() -> c.classify(slow(go)))
                    .withMessage("slow: no answer within 0.1s");
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> c.classifyAsync(slow(go)).get())
                    .withCauseInstanceOf(StoppedException.class);
            go.countDown();
        }
    }

    @Test
    void anInterruptionEndsTheWait() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (Classifier c = classifier(OPTIONS)) {
            CompletableFuture<String> seen = new CompletableFuture<>();
            Thread caller = new Thread(() -> {
                try {
                    c.classify(slow(go));
                } catch (StoppedException e) {
                    seen.complete(
                            e.getMessage() + ", flag " + Thread.currentThread().isInterrupted());
                }
            });
            caller.start();
            caller.interrupt();
            assertThat(seen.get()).isEqualTo("slow: interrupted before there was an answer, flag true");
            go.countDown();
        }
    }

    /** What is chained to a future asks and closes the same classifier: no thread that it needs waits for it. */
    @Test
    void callbacksMayUseTheClassifierAndCloseIt() throws Exception {
        Classifier c = classifier(OPTIONS);
        assertThat(c.classifyAsync(Source.of(FIVE))
                        .thenApply(first -> c.classify(FIVE).best())
                        .get(1, TimeUnit.MINUTES))
                .isEqualTo(c.classify(FIVE).best());
        c.classifyAsync(Source.of(FIVE)).thenRun(c::close).get(1, TimeUnit.MINUTES);
        assertThatIllegalStateException().isThrownBy(() -> c.classify(FIVE));
    }

    @Test
    void aPictureThatIsLateKeepsNoneOfTheOthersBack() {
        CountDownLatch go = new CountDownLatch(1);
        try (Classifier c = classifier(OPTIONS.withBatch(1).withDeadline(Duration.ofSeconds(2)))) {
            List<Outcome<Classification>> outcomes = c.classifyAll(List.of(slow(go), Source.of(FIVE)))
                    .peek(o -> go.countDown())
                    .toList();
            assertThat(outcomes.get(0).failure().orElseThrow()).isInstanceOf(StoppedException.class);
            assertThat(outcomes.get(1).get().best()).isEqualTo(c.classify(FIVE).best());
        }
    }

    @Test
    void aCancelledFutureIsForgotten() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (Classifier c = classifier(OPTIONS)) {
            CompletableFuture<Classification> result = c.classifyAsync(slow(go));
            result.cancel(true);
            go.countDown();
            assertThatExceptionOfType(CancellationException.class).isThrownBy(result::get);
            assertThat(c.classify(FIVE).best().label()).isEqualTo("5");
        }
    }

    @Test
    void closingWaitsForWhatIsUnderWayAndRefusesMore() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Classifier c = classifier(OPTIONS);
        CompletableFuture<Classification> underWay = c.classifyAsync(slow(go));
        Thread closer = new Thread(c::close);
        closer.start();
        closer.join(100);
        assertThat(closer.isAlive()).as("waits").isTrue();
        assertThatIllegalStateException().isThrownBy(() -> c.classify(FIVE)).withMessage("the classifier is closed");
        assertThatIllegalStateException().isThrownBy(() -> c.features(Source.of(FIVE)));
        assertThatIllegalStateException().isThrownBy(() -> c.classifyAsync(Source.of(FIVE)));
        go.countDown();
        closer.join();
        assertThat(underWay).isDone();
        assertThat(underWay.get().logits()).isEqualTo(logits(lenet, picture(1)));
        c.close();
    }

    @Test
    void featuresAreWhatTheLastLayerSees() {
        try (Classifier c = classifier(OPTIONS)) {
            float[] features = c.features(Source.of(FIVE));
            var last = lenet.graph().output();
            assertThat(last.op()).isInstanceOf(Op.Linear.class);
            float[] w = lenet.weights().get(last.path() + ".weight").toArray();
            float[] b = lenet.weights().get(last.path() + ".bias").toArray();
            assertThat(w).hasSize(10 * features.length);
            float[] logits = c.classify(FIVE).logits();
            for (int k = 0; k < 10; k++) {
                double sum = b[k];
                for (int i = 0; i < features.length; i++) sum += w[k * features.length + i] * features[i];
                assertThat(sum).isCloseTo(logits[k], within(1e-4));
            }
            List<Outcome<float[]>> many = c.featuresAll(List.of(Source.of(FIVE), Source.of(picture(1))))
                    .toList();
            assertThat(many.get(0).get()).usingComparatorWithPrecision(1e-4f).containsExactly(features);
        }
    }

    @Test
    void featuresOfANetworkThatEndsInAConvolution() {
        Graph graph = Models.named("squeezenet1_1").graph(new Task(new Shape(3, 64, 64), 7), Options.NONE);
        try (Classifier c = Classifier.of(ModelTest.model(graph), OPTIONS, engine)) {
            assertThat(c.features(Source.of(FIVE))).hasSize(512);
        }
        Graph none = Graph.of("none", new Shape(1, 28, 28), x -> x.avgPoolTo(2).flatten());
        try (Classifier c = Classifier.of(ModelTest.model(none), OPTIONS, engine)) {
            assertThatExceptionOfType(WrongUseException.class)
                    .isThrownBy(() -> c.features(Source.of(FIVE)))
                    .withMessage("none has no features: it ends neither in a linear layer nor in a convolution");
        }
    }

    @Test
    void anAnswerThatIsNotFiniteIsNone() {
        Map<String, Weights.Tensor> weights = new LinkedHashMap<>();
        lenet.weights().tensors().forEach((name, t) -> {
            float[] values = t.toArray();
            Arrays.fill(values, Float.MAX_VALUE);
            weights.put(name, new Weights.Tensor(t.shape(), values));
        });
        Model broken = lenet.with(lenet.provenance().metrics(), new Weights(weights));
        try (Classifier c = Classifier.of(broken, OPTIONS, engine)) {
            assertThatExceptionOfType(BrokenFileException.class)
                    .isThrownBy(() -> c.classify(FIVE))
                    .withMessageContaining("five.png: lenet answers with values that are not finite");
        }
    }

    @Test
    void optionsAreChecked() {
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> Classifier.of(lenet, OPTIONS.withEngine("abacus")))
                .withMessageContaining("no engine is named abacus");
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> OPTIONS.withBatch(0));
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> OPTIONS.withDeadline(Duration.ZERO));
    }

    @Test
    void predictionNeedsNothingOfTrainingReportsOrCommands() {
        ArchRuleDefinition.classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "org.convzoo.classify..",
                        "org.convzoo.images..",
                        "org.convzoo.engine..",
                        "org.convzoo.failure..",
                        "org.convzoo.graph..",
                        "org.convzoo.json..",
                        "org.convzoo.models..",
                        "org.convzoo.pretrained..",
                        "org.convzoo.system..",
                        "org.convzoo.weights..",
                        "com.fasterxml.jackson..",
                        "io.soabase..",
                        "javax.annotation..",
                        "org.jspecify..",
                        "java..")
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("org.convzoo.classify"));
    }
}
