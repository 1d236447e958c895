package org.convzoo.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.convzoo.classify.Classification;
import org.convzoo.classify.Classifier;
import org.convzoo.engine.Predictor;
import org.convzoo.images.Augmentation;
import org.convzoo.images.Dataset;
import org.convzoo.images.Loader;
import org.convzoo.images.Transform;
import org.convzoo.json.Json;
import org.convzoo.recipe.EpochMetrics;

/**
 * How a classifier does on labelled images. Everything is computed from what it said of each image.
 *
 * @param labels the names of the classes
 * @param predictions one an image; at least one
 */
public record Evaluation(List<String> labels, List<Prediction> predictions) {
    /** Images that a training's evaluation predicts together. */
    public static final int BATCH = 64;

    /** The bins of {@link #calibrationError}. */
    public static final int BINS = 15;

    /**
     * What the classifier said of one image.
     *
     * @param index the image's place in the data set
     * @param name the image's name, a path for a file
     * @param label the class it belongs to
     * @param predicted the most probable class; the first of equals
     * @param probability of the predicted class
     * @param labelProbability of the label
     * @param loss the cross-entropy, -ln of the label's probability
     * @param rank how many classes come before the label; 0 when right
     */
    public record Prediction(
            int index,
            String name,
            int label,
            int predicted,
            double probability,
            double labelProbability,
            double loss,
            int rank) {
        /** From what a network says of it; not finite loss for logits that are not finite. */
        static Prediction of(int index, String name, int label, Classification said) {
            org.convzoo.classify.Prediction best = said.best();
            double loss = said.loss(label);
            return new Prediction(
                    index, name, label, best.index(), best.probability(), Math.exp(-loss), loss, said.rank(label));
        }

        /** The bin of the calibration error into which the probability falls, from 0 to {@value #BINS} - 1. */
        public int bin() {
            return Math.max(0, Math.min(BINS - 1, (int) Math.ceil(probability * BINS) - 1));
        }

        public boolean right() {
            return predicted == label;
        }
    }

    /**
     * One class: of the images said to be of it, the share that is; of the images that are, the share found; their
     * harmonic mean; and the number of images that are. Without any, recall and F1 are no number, null in JSON; the
     * precision of what is never said is 0.
     */
    public record PerClass(String label, double precision, double recall, double f1, int support) {
        /** Where the recall of all images of the class may be: {@link Interval#wilson}. */
        public Interval recallInterval() {
            return Interval.wilson(support == 0 ? 0 : Math.round(recall * support), support);
        }
    }

    /**
     * The images of whose classes the network is about as sure.
     *
     * @param from the least probability of the predicted class, itself left out
     * @param to the greatest
     * @param images how many there are
     * @param probability the mean; 0 without images
     * @param right the share that is; 0 without images
     */
    public record Bin(double from, double to, int images, double probability, double right) {}

    private record Row(
            int index,
            String name,
            String label,
            String predicted,
            double probability,
            double labelProbability,
            double loss,
            int rank) {}

    private static final Csv<Row> CSV = Csv.of(Row.class);

    public Evaluation {
        labels = List.copyOf(labels);
        predictions = List.copyOf(predictions);
        if (predictions.isEmpty()) throw new IllegalArgumentException("there are no images to evaluate on");
    }

    /**
     * Lets {@code classifier} classify every image of {@code dataset}. With batches of {@value #BATCH} the values are
     * those of a training's evaluation, to the bit. Throws what keeps a picture from being classified.
     */
    public static Evaluation of(Classifier classifier, Dataset dataset) {
        List<Prediction> predictions = new ArrayList<>();
        Views.ONE.classify(
                dataset,
                classifier,
                classifier.model().transform(),
                (said, i) -> predictions.add(Prediction.of(i, dataset.name(i), dataset.label(i), said)));
        return new Evaluation(classifier.model().labels(), predictions);
    }

    static Loader loader(Dataset dataset, Transform transform, int classes) {
        return new Loader(dataset, transform, Augmentation.NONE, Loader.Settings.of(BATCH, classes));
    }

    static Evaluation of(Predictor predictor, Loader loader, Dataset dataset, List<String> labels) {
        List<Prediction> predictions = new ArrayList<>(dataset.size());
        classify(
                predictor,
                loader,
                labels,
                (said, i) -> predictions.add(Prediction.of(i, dataset.name(i), dataset.label(i), said)));
        return new Evaluation(labels, predictions);
    }

    /**
     * Lets a network say what it makes of each image of a data set, in their order.
     *
     * @param said gets that, and the number of the image
     */
    static void classify(Predictor predictor, Loader loader, List<String> labels, ObjIntConsumer<Classification> said) {
        int classes = labels.size();
        try (Loader.Epoch batches = loader.epoch(0, Loader.Order.SEQUENTIAL)) {
            while (batches.hasNext()) {
                Loader.Minibatch m = batches.next();
                float[] logits = predictor.logits(m.batch().images(), m.batch().size());
                for (int n = 0; n < m.indices().length; n++) {
                    float[] own = Arrays.copyOfRange(logits, n * classes, (n + 1) * classes);
                    said.accept(new Classification(labels, own), m.indices()[n]);
                }
            }
        }
    }

    /** An epoch with what its validation images gave, if there were any. */
    static EpochMetrics judged(EpochMetrics epoch, Optional<Evaluation> validation) {
        return validation
                .map(v -> epoch.withLoss(v.loss()).withTop1(v.top1()).withTop5(v.top5()))
                .orElse(epoch);
    }

    public int images() {
        return predictions.size();
    }

    /** The same with those classes alone that images are of or were said to be of, in their order. */
    public Evaluation occurring() {
        int[] classes = predictions.stream()
                .flatMapToInt(p -> IntStream.of(p.label(), p.predicted()))
                .sorted()
                .distinct()
                .toArray();
        return new Evaluation(
                IntStream.of(classes).mapToObj(labels::get).toList(),
                predictions.stream()
                        .map(p -> new Prediction(
                                p.index(),
                                p.name(),
                                Arrays.binarySearch(classes, p.label()),
                                Arrays.binarySearch(classes, p.predicted()),
                                p.probability(),
                                p.labelProbability(),
                                p.loss(),
                                p.rank()))
                        .toList());
    }

    /** The share of images that is right, 0 to 1. */
    public double top1() {
        return share(Prediction::right);
    }

    /** The share of images whose label is among the five most probable classes. */
    public double top5() {
        return share(p -> p.rank() < 5);
    }

    /** Mean cross-entropy. */
    public double loss() {
        return predictions.stream().mapToDouble(Prediction::loss).sum() / images();
    }

    /** Images by label (row) and predicted class (column). */
    public int[][] confusion() {
        int[][] counts = new int[labels.size()][labels.size()];
        for (Prediction p : predictions) counts[p.label()][p.predicted()]++;
        return counts;
    }

    public List<PerClass> perClass() {
        int[][] counts = confusion();
        List<PerClass> all = new ArrayList<>();
        for (int k = 0; k < counts.length; k++) {
            int predicted = 0, support = 0;
            for (int j = 0; j < counts.length; j++) {
                predicted += counts[j][k];
                support += counts[k][j];
            }
            int right = counts[k][k];
            all.add(new PerClass(
                    labels.get(k),
                    right / (double) Math.max(1, predicted),
                    right / (double) support,
                    support == 0 ? Double.NaN : 2.0 * right / (predicted + support),
                    support));
        }
        return all;
    }

    /** The calibration curve in {@value #BINS} bins of equal width. */
    public List<Bin> calibration() {
        int[] images = new int[BINS], right = new int[BINS];
        double[] sure = new double[BINS];
        for (Prediction p : predictions) {
            images[p.bin()]++;
            sure[p.bin()] += p.probability();
            if (p.right()) right[p.bin()]++;
        }
        return IntStream.range(0, BINS)
                .mapToObj(b -> {
                    double all = Math.max(1, images[b]);
                    return new Bin(
                            b / (double) BINS, (b + 1) / (double) BINS, images[b], sure[b] / all, right[b] / all);
                })
                .toList();
    }

    /**
     * The expected calibration error with {@value #BINS} bins of equal width, Guo et al. 2017 (1706.04599), equation
     * 3: how far, on average, the probability of the predicted class is from the share that is right.
     */
    public double calibrationError() {
        return calibration().stream()
                        .mapToDouble(b -> b.images() * Math.abs(b.right() - b.probability()))
                        .sum()
                / images();
    }

    /** Where the share of all such images that is right may be: {@link Interval#wilson}. */
    public Interval top1Interval() {
        return interval(Prediction::right);
    }

    /** The wrong predictions, the most confident first, at most {@code count}. */
    public List<Prediction> worst(int count) {
        return predictions.stream()
                .filter(p -> !p.right())
                .sorted(Comparator.comparingDouble(Prediction::probability)
                        .reversed()
                        .thenComparingInt(Prediction::index))
                .limit(count)
                .toList();
    }

    /** {@code top1}, {@code top5}, {@code loss} and {@code images}: what a model carries of its evaluation. */
    public ObjectNode summary() {
        return Json.object()
                .put("top1", top1())
                .put("top5", top5())
                .put("loss", loss())
                .put("images", images());
    }

    /** The summary, the calibration's error and curve, each class, the confusion matrix and the worst mistakes. */
    public ObjectNode toJson() {
        ObjectNode json = summary().put("calibration_error", calibrationError());
        json.set("calibration", Json.tree(calibration()));
        json.set("classes", Json.tree(perClass()));
        json.set("confusion", Json.tree(confusion()));
        json.set("worst", Json.tree(worst(20)));
        return json;
    }

    /** The predictions as CSV, a line an image, classes by name. */
    public String toCsv() {
        List<Row> rows = predictions.stream()
                .map(p -> new Row(
                        p.index(),
                        p.name(),
                        labels.get(p.label()),
                        labels.get(p.predicted()),
                        p.probability(),
                        p.labelProbability(),
                        p.loss(),
                        p.rank()))
                .toList();
        return CSV.write(rows);
    }

    /** Reads what {@link #toCsv} wrote. Throws {@link IOException} with one line for anything else. */
    public static Evaluation ofCsv(List<String> labels, String csv) throws IOException {
        List<Prediction> predictions = new ArrayList<>();
        for (Row r : CSV.read(csv)) {
            predictions.add(new Prediction(
                    r.index,
                    r.name,
                    number(labels, r.label),
                    number(labels, r.predicted),
                    r.probability,
                    r.labelProbability,
                    r.loss,
                    r.rank));
        }
        if (predictions.isEmpty()) throw new IOException("there are no predictions");
        return new Evaluation(labels, predictions);
    }

    private static int number(List<String> labels, String label) throws IOException {
        int k = labels.indexOf(label);
        if (k < 0) throw new IOException("'" + label + "' is not one of the classes " + String.join(", ", labels));
        return k;
    }

    private Interval interval(Predicate<Prediction> of) {
        return Interval.wilson(predictions.stream().filter(of).count(), images());
    }

    private double share(Predicate<Prediction> of) {
        return predictions.stream().filter(of).count() / (double) images();
    }
}
