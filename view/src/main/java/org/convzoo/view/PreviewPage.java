package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.images.Augmentation;
import org.convzoo.images.Dataset;
import org.convzoo.images.Loader;
import org.convzoo.images.Mixing;
import org.convzoo.images.Picture;
import org.convzoo.recipe.Recipe;
import org.convzoo.train.TrainRequest;

/**
 * What a training would show its network, before it begins, as one HTML page that loads nothing from elsewhere and runs
 * no script: of some classes some training pictures, each as it is, as a test would show it, and as some epochs would,
 * changed at random and mixed with each other. {@code preview.html} is its template.
 */
public final class PreviewPage {
    private static final int CLASSES = 12, OF_CLASS = 2, EPOCHS = 6;

    private final TrainRequest request;

    public PreviewPage(TrainRequest request) {
        this.request = request;
    }

    /**
     * A training picture.
     *
     * @param original as it is
     * @param tested as a test would show it
     * @param learnt as epochs would show it
     */
    record Row(
            String label,
            String name,
            Thumbnails.Framed original,
            Thumbnails.Framed tested,
            List<Thumbnails.Framed> learnt) {}

    /** Some pictures of a data set. */
    private record Chosen(Dataset from, List<Integer> numbers) implements Dataset {
        @Override
        public int size() {
            return numbers.size();
        }

        @Override
        public int label(int i) {
            return from.label(numbers.get(i));
        }

        @Override
        public Picture picture(int i) {
            return from.picture(numbers.get(i));
        }

        @Override
        public String name(int i) {
            return from.name(numbers.get(i));
        }
    }

    /** Throws {@link BrokenFileException} with one line that names a picture which cannot be read. */
    public String html() {
        return Template.filled("preview.html", this);
    }

    String style() {
        return Template.text("report.css");
    }

    String title() {
        return ReportPage.title(request.graph(), request.splits().spec());
    }

    String recipe() {
        return request.recipe().toString();
    }

    String image() {
        return request.graph().input().shape().toString();
    }

    boolean augmented() {
        Recipe recipe = request.recipe();
        return !recipe.augmentation().steps().isEmpty() || !recipe.mixing().equals(Mixing.NONE);
    }

    String others() {
        int classes = request.splits().labels().size();
        return classes > CLASSES ? CLASSES + " of " + Numbers.grouped(classes) + " classes" : "";
    }

    List<Row> rows() {
        Chosen chosen = new Chosen(request.splits().train(), numbers());
        List<Picture> tested = seen(chosen, Augmentation.NONE, Mixing.NONE, 1).get(0);
        Recipe recipe = request.recipe();
        List<List<Picture>> learnt = seen(chosen, recipe.augmentation(), recipe.mixing(), augmented() ? EPOCHS : 0);
        return IntStream.range(0, chosen.size())
                .mapToObj(i -> {
                    String label = request.splits().labels().get(chosen.label(i));
                    return new Row(
                            label,
                            chosen.name(i),
                            Thumbnails.framed(chosen.picture(i), label),
                            Thumbnails.framed(tested.get(i), label),
                            learnt.stream()
                                    .map(epoch -> Thumbnails.framed(epoch.get(i), label))
                                    .toList());
                })
                .toList();
    }

    /** The pictures as the network would see them in each of some epochs, read back from what it would be given. */
    private List<List<Picture>> seen(Dataset pictures, Augmentation augmentation, Mixing mixing, int epochs) {
        var settings = Loader.Settings.of(
                        pictures.size(), request.splits().labels().size())
                .withMixing(mixing)
                .withSeed(request.recipe().seed())
                .withWorkers(1);
        List<List<Picture>> all = new ArrayList<>();
        try (Loader loader = new Loader(pictures, request.transform(), augmentation, settings)) {
            for (int e = 1; e <= epochs; e++)
                try (Loader.Epoch epoch = loader.epoch(e, Loader.Order.SEQUENTIAL)) {
                    all.add(ContactSheet.pictures(epoch.next(), request.transform()));
                }
        }
        return all;
    }

    /** Some pictures of some classes, from all over both. */
    private List<Integer> numbers() {
        Dataset train = request.splits().train();
        List<List<Integer>> members = new ArrayList<>();
        request.splits().labels().forEach(l -> members.add(new ArrayList<>()));
        for (int i = 0; i < train.size(); i++) members.get(train.label(i)).add(i);
        return Some.of(members, CLASSES).stream()
                .flatMap(own -> Some.of(own, OF_CLASS).stream())
                .toList();
    }
}
