package org.convzoo.train;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convzoo.classify.Classification;
import org.convzoo.classify.Classifier;
import org.convzoo.classify.Model;
import org.convzoo.classify.Outcome;
import org.convzoo.classify.Source;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Shape;
import org.convzoo.images.Dataset;
import org.convzoo.images.Filter;
import org.convzoo.images.Picture;
import org.convzoo.images.Transform;

/** What a network is shown of a picture when it is tested: test-time augmentation. It answers with the mean of its probabilities. */
public enum Views {
    /** What the model's transform makes of the picture. */
    ONE {
        @Override
        Model shown(Model model) {
            return model;
        }

        @Override
        List<Picture> of(Picture picture, Transform transform) {
            return List.of(picture);
        }
    },
    /** That, and its mirror image. */
    FLIPS {
        @Override
        List<Picture> of(Picture picture, Transform transform) {
            Picture shown = transform.picture(picture);
            return List.of(shown, shown.mirrored());
        }
    },
    /**
     * The four corners and the middle, of the picture and of its mirror image, in place of the middle: torchvision's
     * TenCrop; Krizhevsky et al. 2012, section 4.1.
     */
    TEN_CROP {
        @Override
        List<Picture> of(Picture picture, Transform transform) {
            List<Transform.Step> steps = transform.steps();
            int at = crop(transform).orElseThrow();
            Transform.CentreCrop middle = (Transform.CentreCrop) steps.get(at);
            Picture whole = picture;
            for (Transform.Step step : steps.subList(0, at)) whole = step.apply(whole);
            List<Picture> crops = new ArrayList<>(five(whole, middle));
            crops.addAll(five(whole.mirrored(), middle));
            for (Transform.Step step : steps.subList(at + 1, steps.size())) crops.replaceAll(step::apply);
            return crops;
        }

        @Override
        Model shown(Model model) {
            if (crop(model.transform()).isEmpty())
                throw new WrongUseException("ten crops take the place of the one in the middle, but pictures of "
                        + model.graph().name() + " are not cropped");
            return super.shown(model);
        }
    };

    /** Which step crops the middle; of several the last. */
    private static OptionalInt crop(Transform transform) {
        List<Transform.Step> steps = transform.steps();
        return IntStream.range(0, steps.size())
                .filter(i -> steps.get(i) instanceof Transform.CentreCrop)
                .max();
    }

    /** The four corners and the middle. */
    private static List<Picture> five(Picture whole, Transform.CentreCrop middle) {
        int right = whole.width() - middle.width(), down = whole.height() - middle.height();
        if (right < 0 || down < 0)
            throw new WrongUseException("a picture of " + whole.width() + "x" + whole.height()
                    + " is too small for crops of " + middle.width() + "x" + middle.height());
        return List.of(
                whole.crop(0, 0, middle.width(), middle.height()),
                whole.crop(right, 0, middle.width(), middle.height()),
                whole.crop(0, down, middle.width(), middle.height()),
                whole.crop(right, down, middle.width(), middle.height()),
                middle.apply(whole));
    }

    /** The same model, to be shown the pictures of {@link #of} as they are. Throws {@link WrongUseException}. */
    Model shown(Model model) {
        Shape image = model.transform().output();
        return model.with(new Transform(
                List.of(
                        new Transform.Colour(image.channels()),
                        new Transform.Exact(image.width(), image.height(), Filter.NEAREST)),
                model.transform().normalise()));
    }

    /** What the model of {@link #shown} is shown of a picture, the same number of views for all. */
    abstract List<Picture> of(Picture picture, Transform transform);

    /**
     * Lets a network say what it makes of each image of a data set, in their order.
     *
     * @param classifier of the model of {@link #shown}
     * @param transform of the model itself
     * @param said gets the mean over the views, and the number of the image
     */
    void classify(Dataset dataset, Classifier classifier, Transform transform, ObjIntConsumer<Classification> said) {
        try (Stream<Outcome<Classification>> outcomes = classifier.classifyAll(sources(dataset, transform))) {
            Iterator<Outcome<Classification>> all = outcomes.iterator();
            for (int i = 0; i < dataset.size(); i++) {
                List<Classification> each = new ArrayList<>();
                for (int v = 0; v < count(); v++) each.add(all.next().get());
                said.accept(
                        each.size() == 1 ? each.get(0) : mean(classifier.model().labels(), each), i);
            }
        }
    }

    /** The classification whose probabilities are the means of those of some. */
    private static Classification mean(List<String> labels, List<Classification> said) {
        float[] logarithms = new float[labels.size()];
        for (int k = 0; k < logarithms.length; k++) {
            int own = k;
            double mean =
                    said.stream().mapToDouble(c -> c.probability(own)).average().orElseThrow();
            logarithms[k] = (float) Math.log(Math.max(Double.MIN_VALUE, mean));
        }
        return new Classification(labels, logarithms);
    }

    /** The views of each image, one after the other. */
    private List<Source> sources(Dataset dataset, Transform transform) {
        return IntStream.range(0, dataset.size())
                .boxed()
                .flatMap(i -> {
                    Once once = new Once(() -> of(dataset.picture(i), transform), count());
                    return IntStream.range(0, count()).mapToObj(v -> new Source(dataset.name(i), () -> once.view(v)));
                })
                .toList();
    }

    /** The views of an image, made when the first is asked for and let go with the last. */
    private static final class Once {
        private final Supplier<List<Picture>> making;
        private List<Picture> views = List.of();
        private int left;

        Once(Supplier<List<Picture>> making, int count) {
            this.making = making;
            this.left = count;
        }

        synchronized Picture view(int v) {
            if (views.isEmpty()) views = making.get();
            Picture view = views.get(v);
            if (--left == 0) views = List.of();
            return view;
        }
    }

    int count() {
        return this == ONE ? 1 : this == FLIPS ? 2 : 10;
    }
}
