package org.convzoo.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.convzoo.train.Evaluation;
import org.convzoo.train.Evaluation.Prediction;

/**
 * Test pictures of one kind, with what the network said of them.
 *
 * @param style its style class
 */
record Gallery(String title, String style, List<Sample> samples) {
    private static final int MISTAKES = 24, DOUBTFUL = 12, RIGHT = 12;

    /**
     * A picture.
     *
     * @param label what it is, as HTML
     * @param said what the network takes it for, as HTML
     * @param sure how sure the network is
     */
    record Sample(Thumbnails.Framed picture, String label, String said, boolean right, String sure) {}

    /** The mistaken, the doubtful and the right; none of a kind that no picture is of. */
    static List<Gallery> of(Evaluation evaluation, Thumbnails thumbnails) {
        List<Prediction> doubtful = evaluation.predictions().stream()
                .filter(Prediction::right)
                .sorted(Comparator.comparingDouble(Prediction::probability).thenComparingInt(Prediction::index))
                .limit(DOUBTFUL)
                .toList();
        String some = evaluation.labels().size() <= RIGHT ? "each class" : "some classes";
        List<Gallery> all = new ArrayList<>();
        all.add(of(
                "Mistaken: wrong, the surest of itself first",
                "mistakes",
                evaluation,
                evaluation.worst(MISTAKES),
                thumbnails));
        all.add(of("Doubtful: right, the least sure first", "doubtful", evaluation, doubtful, thumbnails));
        all.add(of("Right: the surest of " + some, "right", evaluation, surest(evaluation), thumbnails));
        all.removeIf(g -> g.samples.isEmpty());
        return all;
    }

    private static Gallery of(
            String title, String style, Evaluation evaluation, List<Prediction> predictions, Thumbnails thumbnails) {
        List<Sample> samples = new ArrayList<>();
        for (Prediction p : predictions) {
            String label = evaluation.labels().get(p.label()),
                    said = evaluation.labels().get(p.predicted());
            samples.add(new Sample(
                    thumbnails.framed(p.index(), p.right() ? label : label + ", said to be " + said),
                    Html.breakable(label),
                    Html.breakable(said),
                    p.right(),
                    Numbers.percent(p.probability()) + " sure"));
        }
        return new Gallery(title, style, samples);
    }

    /** The image of each class, or of some of many, that was found most surely. */
    private static List<Prediction> surest(Evaluation evaluation) {
        Map<Integer, Prediction> surest = new TreeMap<>();
        for (Prediction p : evaluation.predictions())
            if (p.right()) surest.merge(p.label(), p, (a, b) -> b.probability() > a.probability() ? b : a);
        return Some.of(List.copyOf(surest.values()), RIGHT);
    }
}
