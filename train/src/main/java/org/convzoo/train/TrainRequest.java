package org.convzoo.train;

import io.soabase.recordbuilder.core.RecordBuilder;
import org.convzoo.graph.Graph;
import org.convzoo.images.Splits;
import org.convzoo.images.Transform;
import org.convzoo.models.Architecture;
import org.convzoo.models.Options;
import org.convzoo.models.Task;

/**
 * What is to be trained on what.
 *
 * @param transform what pictures go through; its output is the task's image
 */
@RecordBuilder
public record TrainRequest(
        Architecture architecture, Options options, Task task, Splits splits, Transform transform, Recipe recipe)
        implements TrainRequestBuilder.With {
    /** Throws {@link IllegalArgumentException} with one line where network, image and data do not fit together. */
    public TrainRequest {
        if (splits.labels().size() != task.classes()) {
            throw new IllegalArgumentException(
                    splits.spec() + " has " + splits.labels().size() + " classes, the network " + task.classes());
        }
        if (splits.train().size() == 0) throw new IllegalArgumentException(splits.spec() + " has no training images");
        if (splits.test().size() == 0) throw new IllegalArgumentException(splits.spec() + " has no test images");
    }

    /** By default: the network as published, the data set's own transform, and the recipe of {@link Recipes}. */
    public static TrainRequest of(Architecture architecture, Options options, Task task, Splits splits) {
        return new TrainRequest(
                architecture,
                options,
                task,
                splits,
                splits.form().transform(task.image()),
                Recipes.of(architecture, splits.form()));
    }

    Graph graph() {
        return architecture.graph(task, options);
    }
}
