package org.convzoo.train;

import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.images.HeldOut;
import org.convzoo.images.Loader;
import org.convzoo.recipe.Recipe;
import org.convzoo.weights.Weights;

/** What a training would learn with and from, to find something out by some of its steps; what it learns is thrown away. */
final class Trial implements AutoCloseable {
    final HeldOut pictures;
    final Loader train;
    final Learner learner;

    Trial(Engine engine, TrainRequest request, Weights weights) {
        Recipe recipe = request.recipe();
        pictures = request.splits().holdOut(recipe.validation().holdOut());
        train = new Loader(
                pictures.train(),
                request.transform(),
                recipe.augmentation(),
                Trainer.settings(recipe, pictures, request.graph().classes(), Loader.Shard.WHOLE));
        try {
            learner = Epochs.learner(engine, recipe.adjusted(request.graph()), weights, recipe, train);
        } catch (RuntimeException | Error e) {
            train.close();
            throw e;
        }
    }

    @Override
    public void close() {
        learner.close();
        train.close();
    }
}
