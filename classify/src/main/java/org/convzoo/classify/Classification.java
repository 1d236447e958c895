package org.convzoo.classify;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** What a network says of one picture: how likely each class is. Immutable. */
public final class Classification {
    private final List<String> labels;
    private final float[] logits;
    private final double highest, sum;

    /**
     * From what a network gives.
     *
     * @param labels the names of the classes
     * @param logits a value a class, not normalised
     */
    public Classification(List<String> labels, float[] logits) {
        if (logits.length != labels.size())
            throw new IllegalArgumentException(labels.size() + " classes, but " + logits.length + " logits");
        this.labels = List.copyOf(labels);
        this.logits = logits.clone();
        double largest = Double.NEGATIVE_INFINITY, total = 0;
        for (float l : logits) largest = Math.max(largest, l);
        for (float l : logits) total += Math.exp(l - largest);
        highest = largest;
        sum = total;
    }

    /** The most probable class; the first of equals. */
    public Prediction best() {
        int best = 0;
        for (int k = 1; k < logits.length; k++) if (logits[k] > logits[best]) best = k;
        return prediction(best);
    }

    /** The {@code k} most probable classes, the most probable first; all of them where there are fewer. */
    public List<Prediction> top(int k) {
        if (k < 1) throw new IllegalArgumentException("the top classes are at least 1, got " + k);
        return IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparing((Integer i) -> -logits[i]))
                .limit(k)
                .map(this::prediction)
                .toList();
    }

    private Prediction prediction(int k) {
        return new Prediction(k, labels.get(k), probability(k));
    }

    /** The probability of class {@code k}, the softmax of the logits. */
    public double probability(int k) {
        return Math.exp(logits[k] - highest) / sum;
    }

    /** The probability of each class; together 1. */
    public double[] probabilities() {
        return IntStream.range(0, logits.length).mapToDouble(this::probability).toArray();
    }

    /** A value a class, as the network gives it. */
    public float[] logits() {
        return logits.clone();
    }

    /** The cross-entropy if class {@code k} is right: -ln of its probability. */
    public double loss(int k) {
        return Math.log(sum) - (logits[k] - highest);
    }

    /** How many classes come before class {@code k}; 0 for the {@link #best}. */
    public int rank(int k) {
        int before = 0;
        for (int i = 0; i < logits.length; i++) if (logits[i] > logits[k] || logits[i] == logits[k] && i < k) before++;
        return before;
    }
}
