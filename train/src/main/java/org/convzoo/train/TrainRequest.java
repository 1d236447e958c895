package org.convzoo.train;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.Optional;
import org.convzoo.classify.Model;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Splits;
import org.convzoo.images.Transform;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.pretrained.Pretrained;
import org.convzoo.recipe.Recipe;
import org.convzoo.recipe.Recipes;
import org.convzoo.weights.Weights;

/**
 * What is to be trained on what.
 *
 * @param graph the network: of the catalogue or one's own
 * @param architecture the catalogue's name of the network; empty for one's own
 * @param options what the catalogue's network was asked for
 * @param start the weights to start from; empty to draw them
 * @param transform what pictures go through; its output is the network's image
 * @param time how long the training may take on this machine: the recipe's epochs are then as many as fit. Empty for the
 *     recipe's own
 */
@RecordBuilder
public record TrainRequest(
        Graph graph,
        String architecture,
        Options options,
        Optional<Start> start,
        Splits splits,
        Transform transform,
        Recipe recipe,
        Optional<Duration> time)
        implements TrainRequestBuilder.With {
    /** Throws {@link WrongUseException} with one line where network and data do not fit together. */
    public TrainRequest {
        if (splits.labels().size() != graph.classes()) {
            throw new WrongUseException(
                    splits.spec() + " has " + splits.labels().size() + " classes, the network " + graph.name()
                            + " tells " + graph.classes() + " apart");
        }
        if (splits.train().size() == 0) throw new WrongUseException(splits.spec() + " has no training images");
        if (splits.test().size() == 0) throw new WrongUseException(splits.spec() + " has no test images");
    }

    /** A network of the catalogue as published, for the classes of the data set. */
    public static TrainRequest of(Architecture architecture, Splits splits) {
        Task task = architecture.usual().classes(splits.labels().size());
        return of(architecture, Options.NONE, task, splits);
    }

    /** A network of the catalogue, with the data set's own transform and the recipe of {@link Recipes}. */
    public static TrainRequest of(Architecture architecture, Options options, Task task, Splits splits) {
        Graph graph = architecture.graph(task, options);
        return new TrainRequest(
                graph,
                architecture.name(),
                options,
                Optional.empty(),
                splits,
                splits.form().transform(task.image()),
                Recipes.scratch(graph, architecture.family(), splits),
                Optional.empty());
    }

    /** A network of one's own, with the data set's own transform and the recipe of {@link Recipes} for any network. */
    public static TrainRequest of(Graph graph, Splits splits) {
        return new TrainRequest(
                graph,
                "",
                Options.NONE,
                Optional.empty(),
                splits,
                splits.form().transform(graph.input().shape()),
                Recipes.scratch(graph, "", splits),
                Optional.empty());
    }

    /**
     * Fine-tuning of a network of the catalogue that others trained: with a new head for the classes of the data set, on
     * images of that shape that go through what the weights are used to, by the recipe of {@link Recipes#fineTuning}.
     */
    public static TrainRequest of(Pretrained pretrained, Options options, Shape image, Splits splits) {
        Task task = new Task(image, splits.labels().size());
        Transform transform = pretrained.transform().to(image);
        // The form that the weights were trained in, its padding and epsilons, where no other is asked for.
        return new TrainRequest(
                options.equals(Options.NONE)
                        ? adapted(pretrained.graph(), task)
                        : Models.named(pretrained.network()).graph(task, options),
                pretrained.network(),
                options,
                Optional.of(Start.of(pretrained)),
                splits,
                transform,
                Recipes.fineTuning(splits, transform),
                Optional.empty());
    }

    /** Fine-tuning of a model, likewise. */
    public static TrainRequest of(Model model, Shape image, Splits splits) {
        Transform transform = model.transform().to(image);
        return new TrainRequest(
                adapted(model.graph(), new Task(image, splits.labels().size())),
                model.provenance().architecture(),
                model.provenance().options(),
                Optional.of(Start.of(model)),
                splits,
                transform,
                Recipes.fineTuning(splits, transform),
                Optional.empty());
    }

    private static Graph adapted(Graph graph, Task task) {
        return graph.withChannels(task.image().channels()).at(task.image()).withClasses(task.classes());
    }

    /** The weights to begin with: drawn by the recipe's seed, or those to start from with what is drawn anew. */
    Weights weights() {
        Graph drawn = recipe.adjusted(graph);
        return start.map(s -> s.weights()
                        .fit(drawn)
                        .newHead(recipe.seed())
                        .adaptInput()
                        .weights())
                .orElseGet(() -> Weights.initial(drawn, recipe.seed()));
    }
}
