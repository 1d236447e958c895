package org.convzoo.cli;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.convzoo.classify.Classifier;
import org.convzoo.classify.ClassifierOptions;
import org.convzoo.classify.Model;
import org.convzoo.classify.Prediction;
import org.convzoo.classify.Source;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineOptions;
import org.convzoo.engine.Mode;
import org.convzoo.engine.Predictor;
import org.convzoo.engine.PredictorOptions;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Shape;
import org.convzoo.images.PictureReader;
import org.convzoo.images.Splits;
import org.convzoo.models.Models;
import org.convzoo.pretrained.Published;
import org.convzoo.pretrained.WeightsStore;
import org.convzoo.train.RunDirectory;
import org.convzoo.train.TrainRequest;
import org.convzoo.train.Trainer;
import org.convzoo.view.ShapeTable;

/** The Java of the README and of the pages on speed, weights and Java, so that it compiles; {@link ReadmeTest} compares them. */
final class Snippets {
    private Snippets() {}

    // spotless:off
    static void train() throws IOException {
        Splits digits = Splits.open("digits");
        TrainRequest lenet = TrainRequest.of(Models.named("lenet"), digits);
        try (Engine engine = Engine.open()) {
            System.out.println(new Trainer(engine).train(lenet, new RunDirectory(Path.of("runs/first"))).top1());
        }
    }

    static void use() {
        try (Classifier classifier = Classifier.pretrained("squeezenet1_1")) {
            Prediction best = classifier.classify(Path.of("docs/cat.png")).best();
            System.out.println(best.label() + " " + best.probability());
        }
    }

    static void pretrained() throws IOException {
        Published published = Published.named("resnet50", "imagenet1k_v1");
        WeightsStore store = WeightsStore.usual().withOffline(true);
        if (store.has(published)) Model.pretrained(published, store).write(Path.of("resnet50.safetensors"));
    }

    static void many() {
        ClassifierOptions options = ClassifierOptions.DEFAULTS
                .withEngineOptions(EngineOptions.DEFAULTS.withThreads(2))
                .withDeadline(Duration.ofSeconds(10));
        try (Classifier classifier = Classifier.open(Path.of("runs/first"), options)) {
            List<Source> pictures = List.of(Source.of(Path.of("docs/five.png")), Source.of(Path.of("missing.png")));
            classifier.classifyAll(pictures).forEach(o -> System.out.println(
                    o.source().name() + ": " + o.result().map(c -> c.best().label()).orElse("unread")));
            classifier.classifyAsync(pictures.get(0)).thenAccept(c -> System.out.println(c.top(3))).join();
            System.out.println(classifier.features(pictures.get(0)).length);
        }
    }

    static void share() throws IOException, InterruptedException, ExecutionException {
        Model model = Model.read(Path.of("runs/first"));
        try (Engine engine = Engine.open();
                Predictor predictor = engine.predictor(model.graph(), model.weights(), PredictorOptions.DEFAULTS.withMode(Mode.THROUGHPUT))) {
            ExecutorService callers = Executors.newFixedThreadPool(engine.threads());
            Future<float[]> logits = callers.submit(() -> {
                FloatBuffer image = Batch.buffer(model.task().image().elements());
                model.transform().apply(PictureReader.read(Path.of("docs/five.png")), image);
                return predictor.logits(image.flip(), 1);
            });
            System.out.println(Arrays.toString(logits.get()));
            callers.shutdown();
        }
    }

    static void write() {
        Layer block = x -> x.add(x.conv(x.channels(), 3).bn().relu());
        Graph graph = Graph.of("mine", new Shape(3, 64, 64), x -> x.conv(32, 7, 2).bn().relu()
                .in(block).maxPool(2, 2)
                .in(block).avgPoolTo(1).flatten().linear(10));
        System.out.println(ShapeTable.of(graph).text());
    }
    // spotless:on
}
