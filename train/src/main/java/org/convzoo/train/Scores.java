package org.convzoo.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;
import org.convzoo.classify.Classification;
import org.convzoo.classify.Classifier;
import org.convzoo.classify.Model;
import org.convzoo.engine.Predictor;
import org.convzoo.failure.WrongUseException;
import org.convzoo.images.Dataset;
import org.convzoo.images.Loader;
import org.convzoo.json.Json;
import org.convzoo.train.Evaluation.Prediction;

/**
 * An evaluation with the probabilities of all classes, four bytes an image and class: 200 MB for the 50,000 images of
 * ImageNet's validation. What is read off their order is here; all else is in the evaluation, which a training keeps.
 *
 * @param probabilities by class, then by image
 */
public record Scores(Evaluation evaluation, List<float[]> probabilities) {
    public Scores {
        probabilities = List.copyOf(probabilities);
        boolean fits = probabilities.size() == evaluation.labels().size()
                && probabilities.stream().allMatch(p -> p.length == evaluation.images());
        if (!fits) throw new IllegalArgumentException("there is a probability for each class of each image");
    }

    /**
     * Lets a model classify every image of {@code dataset}. With one view and batches of {@value Evaluation#BATCH} the
     * values are those of a training's evaluation, to the bit. Throws what keeps a picture from being classified, and
     * {@link WrongUseException} where the model's transform has no such views.
     *
     * @param opened opens a classifier for a model; it is closed here
     */
    public static Scores of(Model model, Dataset dataset, Views views, Function<Model, Classifier> opened) {
        try (Classifier classifier = opened.apply(views.shown(model))) {
            return of(model.labels(), dataset, said -> views.classify(dataset, classifier, model.transform(), said));
        }
    }

    /** Those of a training's evaluation. */
    static Scores of(Predictor predictor, Loader loader, Dataset dataset, List<String> labels) {
        return of(labels, dataset, said -> Evaluation.classify(predictor, loader, labels, said));
    }

    /** @param classifying tells what the network makes of each image, and the image's number */
    private static Scores of(
            List<String> labels, Dataset dataset, Consumer<ObjIntConsumer<Classification>> classifying) {
        List<float[]> probabilities = new ArrayList<>();
        for (int k = 0; k < labels.size(); k++) probabilities.add(new float[dataset.size()]);
        List<Prediction> predictions = new ArrayList<>();
        classifying.accept((said, i) -> {
            predictions.add(Prediction.of(i, dataset.name(i), dataset.label(i), said));
            for (int k = 0; k < labels.size(); k++) probabilities.get(k)[i] = (float) said.probability(k);
        });
        return new Scores(new Evaluation(labels, predictions), probabilities);
    }

    /** The same with those classes alone that images are of or were said to be of, in their order. */
    public Scores occurring() {
        Evaluation some = evaluation.occurring();
        return new Scores(
                some,
                some.labels().stream()
                        .map(l -> probabilities.get(evaluation.labels().indexOf(l)))
                        .toList());
    }

    /**
     * The area under the ROC curve of class {@code k} against the rest: how often an image of the class has a higher
     * probability of it than one of another class; equal ones count half. No number where all images are of the class, or
     * none.
     */
    public double auc(int k) {
        // The bits of numbers that are not negative are in the order of the numbers.
        long[] sorted = new long[evaluation.images()];
        for (int i = 0; i < sorted.length; i++)
            sorted[i] = (long) Float.floatToIntBits(probabilities.get(k)[i]) << 1
                    | (evaluation.predictions().get(i).label() == k ? 1 : 0);
        Arrays.sort(sorted);
        long own = 0, others = 0;
        double above = 0;
        for (int from = 0, to; from < sorted.length; from = to) {
            long tiedOwn = 0, tiedOthers = 0;
            for (to = from; to < sorted.length && sorted[to] >> 1 == sorted[from] >> 1; to++) {
                if ((sorted[to] & 1) == 1) tiedOwn++;
                else tiedOthers++;
            }
            above += tiedOwn * (others + tiedOthers / 2.0);
            own += tiedOwn;
            others += tiedOthers;
        }
        return own == 0 || others == 0 ? Double.NaN : above / ((double) own * others);
    }

    /** {@link #auc(int)} of each class. */
    List<Double> auc() {
        return IntStream.range(0, probabilities.size()).mapToObj(this::auc).toList();
    }

    /** The mean of the classes that have an area under the curve; no number without any. */
    public double meanAuc() {
        return mean(auc());
    }

    /** The mean of the areas that are a number; no number without any. */
    public static double mean(List<Double> areas) {
        return areas.stream()
                .mapToDouble(a -> a)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    /**
     * What becomes of two classes when an image is said to be of the second from some probability on.
     *
     * @param precision of what is said to be of the second class, the share that is; 0 for nothing
     * @param recall of what is, the share found
     * @param specificity of the first class, the share found
     */
    public record Threshold(double threshold, double precision, double recall, double f1, double specificity) {}

    /** From 0.05 to 0.95; empty where there are not two classes with images of both. */
    public List<Threshold> thresholds() {
        if (probabilities.size() != 2) return List.of();
        List<Threshold> all = new ArrayList<>();
        for (int t = 1; t < 20; t++) threshold(t / 20.0).ifPresent(all::add);
        return all;
    }

    private Optional<Threshold> threshold(double threshold) {
        long found = 0, missed = 0, wrong = 0, left = 0;
        for (int i = 0; i < evaluation.images(); i++) {
            boolean said = probabilities.get(1)[i] >= (float) threshold,
                    is = evaluation.predictions().get(i).label() == 1;
            if (is && said) found++;
            else if (is) missed++;
            else if (said) wrong++;
            else left++;
        }
        if (found + missed == 0 || wrong + left == 0) return Optional.empty();
        return Optional.of(new Threshold(
                threshold,
                found / (double) Math.max(1, found + wrong),
                found / (double) (found + missed),
                2.0 * found / (2 * found + wrong + missed),
                left / (double) (wrong + left)));
    }

    /** That of the evaluation, and beside it what is read off the order of probabilities. */
    public ObjectNode toJson() {
        ObjectNode json = evaluation.toJson();
        interval(json.putArray("top1_interval"), evaluation.top1Interval());
        number(json, "auc", meanAuc());
        int k = 0;
        for (JsonNode c : json.withArray("classes")) {
            ObjectNode own = (ObjectNode) c;
            number(own, "auc", auc(k));
            interval(
                    own.putArray("recall_interval"),
                    evaluation.perClass().get(k++).recallInterval());
        }
        if (!thresholds().isEmpty()) {
            json.put("positive", evaluation.labels().get(1));
            json.set("thresholds", Json.tree(thresholds()));
        }
        return json;
    }

    private static void number(ObjectNode json, String name, double value) {
        if (Double.isFinite(value)) json.put(name, value);
        else json.putNull(name);
    }

    private static void interval(ArrayNode json, Interval interval) {
        json.add(interval.low()).add(interval.high());
    }
}
