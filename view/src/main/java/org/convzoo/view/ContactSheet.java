package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.convzoo.classify.Model;
import org.convzoo.images.Augmentation;
import org.convzoo.images.Dataset;
import org.convzoo.images.Loader;
import org.convzoo.images.Picture;
import org.convzoo.images.Transform;
import org.convzoo.recipe.Recipe;

/**
 * The first training pictures of a run's first epoch as the network saw them.
 *
 * @param augmented whether they were changed at random
 */
record ContactSheet(boolean augmented, List<Thumbnails.Framed> pictures) {
    private static final int PICTURES = 24;

    /** The pictures, read back from what the network was given; empty where one is not there any more. */
    static Optional<ContactSheet> of(Model model, Optional<Recipe> recipe, Dataset train) {
        Augmentation augmentation = recipe.map(Recipe::augmentation).orElse(Augmentation.NONE);
        var settings = Loader.Settings.of(
                        Math.min(PICTURES, train.size()), model.labels().size())
                .withSeed(recipe.map(Recipe::seed).orElse(0L))
                .withWorkers(1);
        List<Thumbnails.Framed> pictures = new ArrayList<>();
        try (Loader loader = new Loader(train, model.transform(), augmentation, settings);
                Loader.Epoch epoch = loader.epoch(1, Loader.Order.SHUFFLED)) {
            Loader.Minibatch first = epoch.next();
            List<Picture> seen = pictures(first, model.transform());
            for (int n = 0; n < seen.size(); n++)
                pictures.add(Thumbnails.framed(seen.get(n), model.labels().get(first.labels()[n])));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
        return Optional.of(new ContactSheet(!augmentation.steps().isEmpty(), pictures));
    }

    /** The pictures of a minibatch, which is read to its end. */
    static List<Picture> pictures(Loader.Minibatch minibatch, Transform transform) {
        float[] values = new float[Math.toIntExact(transform.output().elements())];
        List<Picture> pictures = new ArrayList<>();
        for (int n = 0; n < minibatch.labels().length; n++) {
            minibatch.batch().images().get(values);
            pictures.add(picture(values, transform));
        }
        return pictures;
    }

    /** What normalising was done to, of C x H x W floats. */
    private static Picture picture(float[] values, Transform transform) {
        Transform.Normalise n = transform.normalise();
        int channels = n.mean().size(), plane = values.length / channels;
        byte[] pixels = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            int c = i / plane;
            long v = Math.round(255 * (values[i] * n.std().get(c) + n.mean().get(c)));
            pixels[i % plane * channels + c] = (byte) Math.max(0, Math.min(255, v));
        }
        return new Picture(transform.output().width(), transform.output().height(), channels, pixels);
    }
}
