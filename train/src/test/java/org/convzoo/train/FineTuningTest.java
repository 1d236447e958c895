package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.convzoo.classify.Model;
import org.convzoo.classify.Provenance;
import org.convzoo.engine.Engine;
import org.convzoo.engine.ParameterGroup;
import org.convzoo.engine.PlainEngine;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;
import org.convzoo.images.Form;
import org.convzoo.images.Splits;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.pretrained.Pretrained;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.recipe.FineTuning;
import org.convzoo.recipe.Recipe;
import org.convzoo.recipe.Recipes;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FineTuningTest {
    private static final Shape IMAGE = new Shape(1, 28, 28);

    @TempDir
    static Path data;

    @TempDir
    Path temp;

    private final Engine engine = new PlainEngine();

    @BeforeAll
    static void draw() {
        Drawings.write(data);
    }

    /** A network of five classes with batch norms, as somebody may have published it. */
    private static Model published() {
        Graph graph = Graph.of("small", IMAGE, x -> x.in(
                        "stem", y -> y.conv(6, 5, 2).bn().relu())
                .in("body", y -> y.conv(8, 3, 2).bn().relu().conv(8, 3, 1).bn().relu())
                .avgPoolTo(2)
                .flatten()
                .in("head", y -> y.linear(5)));
        return model(graph, 5);
    }

    private static Model model(Graph graph, int classes) {
        return new Model(
                graph,
                Form.DIGITS.transform(IMAGE),
                IntStream.range(0, classes).mapToObj(k -> "class " + k).toList(),
                Provenance.unknown().withOrigin("somebody").withLicence("MIT"),
                Weights.initial(graph, 3));
    }

    /** What is not in the catalogue's form, were it an epsilon, is not lost with the head, nor with the colours. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void theFormOfTheLibraryThatTrainedItStays(int channels) {
        Graph form = Models.named("lenet").graph(Task.mnist(), new Options(Map.of("modern", "true")));
        List<String> labels = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
        Pretrained pretrained = new Pretrained(
                "lenet",
                form,
                Weights.initial(form, 1),
                Form.DIGITS.transform(IMAGE),
                labels,
                "somebody",
                "",
                List.of());
        Splits splits = Splits.open("folder:" + data);

        Shape image = new Shape(channels, 28, 28);
        Graph graph = TrainRequest.of(pretrained, Options.NONE, image, splits).graph();

        assertThat(graph.input().shape()).isEqualTo(image);
        assertThat(graph.classes()).isEqualTo(splits.labels().size()).isNotEqualTo(10);
        assertThat(graph.nodes().stream().map(n -> n.op().kind()).toList())
                .isEqualTo(form.nodes().stream().map(n -> n.op().kind()).toList())
                .isNotEqualTo(Models.named("lenet").graph().nodes().stream()
                        .map(n -> n.op().kind())
                        .toList());
    }

    private static TrainRequest request(Model start) throws IOException {
        TrainRequest request = TrainRequest.of(start, IMAGE, Splits.open("folder:" + data));
        return request.withRecipe(request.recipe()
                .withEpochs(3)
                .withBatch(4)
                .withLearningRate(0.01)
                .withAugmentation(Drawings.request(data).recipe().augmentation()));
    }

    private static TrainRequest with(TrainRequest request, FineTuning tuning) {
        return request.withRecipe(request.recipe().withFineTuning(tuning));
    }

    private RunDirectory run(String name) {
        return new RunDirectory(temp.resolve(name));
    }

    private static Map<String, float[]> values(Weights weights) {
        Map<String, float[]> all = new LinkedHashMap<>();
        weights.tensors().forEach((name, t) -> all.put(name, t.toArray()));
        return all;
    }

    private static void assertSame(Weights a, Weights b, String name) {
        assertThat(a.get(name).toArray()).as(name).containsExactly(b.get(name).toArray());
    }

    private static void assertMoved(Weights a, Weights b, String name) {
        assertThat(a.get(name).toArray()).as(name).isNotEqualTo(b.get(name).toArray());
    }

    @Test
    void aLinearProbeFitsTheHeadAlone() throws Exception {
        Model start = published();
        TrainRequest request = request(start);
        RunDirectory run = run("reported");
        List<String> heard = new ArrayList<>();
        Evaluation result = new Trainer(engine)
                .withListener(new TrainListener() {
                    @Override
                    public void features(int done, int images) {
                        heard.add(done + "/" + images);
                    }
                })
                .train(request.withRecipe(request.recipe().withEpochs(1)), run);

        assertThat(heard).as("pictures and their mirror images").containsExactly("16/32", "32/32");
        Model model = run.model();
        assertThat(result.top1()).isGreaterThan(0.8);
        assertThat(model.labels()).containsExactly("lying", "standing");
        for (String name : start.weights().tensors().keySet())
            if (!name.startsWith("head.")) assertSame(start.weights(), model.weights(), name);
        assertThat(model.weights().get("head.0.weight").shape()).isEqualTo(new Shape(2, 32));
        assertThat(model.provenance().origin()).isEqualTo("small, from somebody");
        assertThat(model.provenance().licence()).isEqualTo("MIT");
        assertThat(Recipe.of(model.provenance().recipe()).linearProbe()).isTrue();

        EpochMetrics only = run.history().get(0);
        assertThat(run.history()).hasSize(1);
        assertThat(only.step()).isZero();
        assertThat(only.trainTop1()).isEqualTo(1);
        assertThat(only.validated()).as("few images: none are held out").isFalse();
        assertThat(run.path().resolve(TestReport.FILE)).exists();
    }

    @Test
    void aLinearProbeGoesOnToTrainEverything() throws Exception {
        TrainRequest request = request(published());
        new Trainer(engine).train(request, run("whole"));
        RunDirectory probe = run("probe");
        new Trainer(engine).train(request.withRecipe(request.recipe().withEpochs(1)), probe);
        new Trainer(engine).extend(probe, request.splits(), 3);
        assertThat(probe.history()).hasSize(3);
        assertThat(probe.path().resolve(RunDirectory.MODEL))
                .hasSameBinaryContentAs(run("whole").path().resolve(RunDirectory.MODEL));
        assertMoved(request.start().orElseThrow().weights(), probe.model().weights(), "stem.0.weight");
        assertThat(probe.history().get(2).step()).isEqualTo(8);
    }

    @Test
    void fewImagesAreSeenMoreOftenAtALowerRate() {
        Splits few = Splits.open(data.toString()), many = Splits.open("digits");
        Recipe careful = Recipes.fineTuning(few, few.form().transform(IMAGE));
        Recipe full = Recipes.fineTuning(many, many.form().transform(IMAGE));
        assertThat(careful.epochs()).isGreaterThan(full.epochs());
        assertThat(careful.batch()).isLessThan(full.batch());
        assertThat(careful.learningRate()).isLessThan(full.learningRate() / 10);
        assertThat(careful.toString()).contains("learning rate 0.000032,");
    }

    /** At a ReLU after the head, logits below 0 would all be alike. */
    @Test
    void aHeadThatIsAConvolutionIsFittedThroughItsReLU() throws Exception {
        Graph graph = Graph.of("convolutional", IMAGE, x -> x.conv(6, 5, 2)
                .bn()
                .relu()
                .in("head", y -> y.conv(5, Window.k(1).withBias()).relu())
                .avgPoolTo(1)
                .flatten());
        TrainRequest request = request(model(graph, 5));
        RunDirectory run = run("convolutional");
        new Trainer(engine)
                .train(request.withRecipe(request.recipe().withEpochs(1).withSmoothing(0)), run);
        EpochMetrics only = run.history().get(0);
        Evaluation train = Evaluation.of(
                engine.predictor(run.model().graph(), run.model().weights()),
                Evaluation.loader(request.splits().train(), request.transform(), 2),
                request.splits().train(),
                run.model().labels());
        assertThat(only.trainLoss()).isLessThan(0.6);
        assertThat(train.loss()).as("of the network as of the features").isCloseTo(only.trainLoss(), within(0.1));
    }

    @Test
    void whatIsFrozenStaysToTheBit() throws Exception {
        Model start = published();
        FineTuning tuning = new FineTuning(true, 1, 1, List.of("stem", "body.3.weight"), false);
        RunDirectory run = run("frozen");
        new Trainer(engine).train(with(request(start), tuning), run);
        Weights now = run.model().weights();
        for (String name : List.of("stem.0.weight", "stem.1.weight", "stem.1.running_mean", "stem.1.running_var"))
            assertSame(start.weights(), now, name);
        assertSame(start.weights(), now, "body.3.weight");
        for (String name : List.of("body.0.weight", "body.1.running_mean", "body.4.weight"))
            assertMoved(start.weights(), now, name);

        RunDirectory norms = run("norms");
        new Trainer(engine).train(with(request(start), new FineTuning(true, 1, 1, List.of(), true)), norms);
        now = norms.model().weights();
        for (String name : List.of("stem.1.weight", "stem.1.running_mean", "body.4.bias", "body.4.running_var"))
            assertSame(start.weights(), now, name);
        assertMoved(start.weights(), now, "stem.0.weight");
    }

    /** Rates by depth: a factor for each stride, pool or flattening between a layer and the head. */
    @Test
    void depthsAreReductionsOfTheMaps() {
        FineTuning tuning = new FineTuning(true, 10, 0.5, List.of(), false);
        assertThat(rates(tuning, published().graph()))
                .containsEntry("head.0.weight", 10.0)
                .containsEntry("body.3.weight", 0.25) // before the pool and the flattening
                .containsEntry("body.0.weight", 0.25) // whose own stride lies before what it gives
                .containsEntry("stem.0.weight", 0.125);
        assertThat(rates(tuning, Models.named("resnet18").graph()))
                .containsEntry("fc.bias", 10.0)
                .containsEntry("layer4.1.conv2.weight", 0.5)
                .containsEntry("layer3.1.conv2.weight", 0.25)
                .containsEntry("layer1.0.bn1.weight", 0.0625)
                .containsEntry("conv1.weight", 0.03125);
        assertThat(rates(tuning, Models.named("efficientnet_b0").graph()))
                .as("a gate is no reduction")
                .containsEntry("features.7.0.block.0.0.weight", 0.5)
                .containsEntry("features.7.0.block.2.fc1.weight", 0.5)
                .containsEntry("features.0.0.weight", 0.03125);
        var heads = new Options(Map.of("aux", "true"));
        assertThat(rates(tuning, Models.named("googlenet").graph(Task.imagenet(224), heads)))
                .as("auxiliary heads are heads")
                .containsEntry("aux1.fc2.weight", 10.0)
                .containsEntry("conv1.conv.weight", 0.03125);
        assertThat(FineTuning.NONE.groups(published().graph())).isEmpty();
    }

    private static Map<String, Double> rates(FineTuning tuning, Graph graph) {
        Map<String, Double> rates = new LinkedHashMap<>();
        for (ParameterGroup g : tuning.groups(graph)) g.names().forEach(name -> rates.put(name, g.rate()));
        return rates;
    }

    @Test
    void aFineTuningThatIsStoppedEndsInTheSameBits() throws Exception {
        TrainRequest request = with(request(published()), new FineTuning(true, 3, 0.5, List.of("stem.0"), false));
        new Trainer(engine).train(request, run("whole"));
        TrainListener inFeatures = new TrainListener() {
            @Override
            public void features(int done, int images) {
                Thread.currentThread().interrupt();
            }
        };
        TrainListener inSecond = new TrainListener() {
            @Override
            public void step(Progress p) {
                if (p.epoch() == 2 && p.step() == 2) Thread.currentThread().interrupt();
            }
        };
        for (TrainListener stopping : List.of(inFeatures, inSecond)) {
            RunDirectory run = run("stopped in " + (stopping == inFeatures ? "features" : "second"));
            assertThatExceptionOfType(StoppedException.class)
                    .isThrownBy(() -> new Trainer(engine).withListener(stopping).train(request, run));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(run.checkpoint().history()).hasSize(stopping == inFeatures ? 0 : 1);
            new Trainer(engine).resume(run);
            assertThat(run.path().resolve(RunDirectory.MODEL))
                    .hasSameBinaryContentAs(run("whole").path().resolve(RunDirectory.MODEL));
        }
    }

    @Test
    void whatCannotBeIsToldBeforeAnythingIsMade() throws IOException {
        TrainRequest request = request(published());
        RunDirectory run = run("refused");
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> new Trainer(engine)
                        .train(with(request, FineTuning.NONE.withFreeze(List.of("features.*"))), run))
                .withMessageStartingWith("no parameter of small is named 'features.*'; near are ");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new Trainer(engine).train(with(request, FineTuning.NONE.withFreeze(List.of("*"))), run))
                .withMessage("all parameters of small are frozen: nothing would learn");
        Weights others = Weights.initial(Models.named("lenet").graph(), 1);
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> new Trainer(engine)
                        .train(request.withStart(java.util.Optional.of(new Start(others, "others", ""))), run))
                .withMessageStartingWith("the weights do not fit small: ");
        assertThat(Files.exists(run.path())).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> FineTuning.NONE.withHeadRate(0));
        assertThatIllegalArgumentException().isThrownBy(() -> FineTuning.NONE.withLayerDecay(1.5));
    }

    /** Two photos a class, fewer than a batch. */
    @Test
    void fewPhotosAreEnough() throws Exception {
        Path few = temp.resolve("photos");
        for (String name : List.of("train/lying/1", "train/standing/1", "test/lying/9", "test/standing/9")) {
            Path file = few.resolve(name + ".png");
            Files.createDirectories(file.getParent());
            Files.copy(data.resolve(name + ".png"), file);
        }
        TrainRequest request = TrainRequest.of(published(), IMAGE, Splits.open("folder:" + few));
        Evaluation result =
                new Trainer(engine).train(request.withRecipe(request.recipe().withEpochs(2)), run("few"));
        assertThat(result.images()).isEqualTo(2);
        assertThat(run("few").history()).hasSize(2);
    }
}
