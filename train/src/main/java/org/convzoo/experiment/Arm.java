package org.convzoo.experiment;

import java.util.List;
import java.util.function.UnaryOperator;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Form;
import org.convzoo.images.Splits;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.recipe.Recipe;
import org.convzoo.train.TrainRequest;

/**
 * One of the things that an experiment compares: a network, and how it is trained.
 *
 * @param name of its curves and its folder: letters of ASCII, digits, points and hyphens
 * @param network of the catalogue
 * @param variation what is made of it; {@link UnaryOperator#identity} for nothing
 * @param side of its square images, in pixels
 * @param recipe values that are its own, as {@link Recipe#with} takes them
 */
public record Arm(
        String name, String network, Options options, UnaryOperator<Graph> variation, int side, List<String> recipe) {
    public Arm {
        recipe = List.copyOf(recipe);
    }

    /** A network as it is published. */
    static Arm of(String network, int side) {
        return new Arm(network, network, Options.NONE, UnaryOperator.identity(), side, List.of());
    }

    /** Its training, with what all arms have in common. */
    TrainRequest request(Splits splits, List<String> common, int epochs, long seed) {
        Architecture architecture = Models.named(network);
        int channels = splits.form() == Form.PHOTOS ? 3 : 1;
        Task task = new Task(new Shape(channels, side, side), splits.labels().size());
        TrainRequest usual = TrainRequest.of(architecture, options, task, splits);
        Recipe own = usual.recipe();
        for (String value : common) own = own.with(value);
        for (String value : recipe) own = own.with(value);
        Graph graph = variation.apply(usual.graph());
        TrainRequest request = usual.withRecipe(own.withEpochs(epochs).withSeed(seed));
        return graph == usual.graph()
                ? request
                : request.withGraph(graph).withArchitecture("").withOptions(Options.NONE);
    }
}
