package org.convzoo.experiment;

import java.util.List;
import java.util.stream.Stream;
import org.convzoo.images.Splits;
import org.convzoo.train.TrainRequest;

/**
 * A figure of a paper on data that one has: trainings that differ in what the paper is about, and what it says of them.
 *
 * @param name one word
 * @param title what the paper shows, in a few words
 * @param paper what the paper found
 * @param departures in what the trainings are not the paper's, a sentence each
 * @param recipe what all trainings have in common, as {@link org.convzoo.recipe.Recipe#with} takes it; the rest is what is
 *     usual for the data
 * @param arms of different names
 * @param claims of these arms
 * @param measures what the table tells of each arm
 * @param figure what is drawn
 * @param quick a form that takes less than four minutes on two processor cores
 * @param full one that takes hours
 */
public record Experiment(
        String name,
        String title,
        Paper paper,
        List<String> departures,
        List<String> recipe,
        List<Arm> arms,
        List<Claim> claims,
        List<Measure> measures,
        Figure figure,
        Size quick,
        Size full) {
    /** No more than the arms differ in: nothing held out, labels as they are, and classifiers that start small. */
    private static final List<String> PLAIN =
            List.of("validation.hold_out=0", "smoothing=0", "network=[\"small_head\"]", "schedule.warm_up=0");

    /**
     * What a paper found.
     *
     * @param cited its authors, year and arXiv number, in short
     * @param source the paper, and the figures and tables
     * @param says what it says of them
     * @param headings of its table
     * @param rows as wide as the headings
     */
    public record Paper(String cited, String source, String says, List<String> headings, List<List<String>> rows) {}

    /**
     * How large an experiment is.
     *
     * @param images that are learnt from, at most
     * @param tests test images, at most
     * @param seeds runs of each arm
     */
    public record Size(int images, int tests, int epochs, int seeds) {
        /** What {@link Splits#open} calls the part of a data set that is used. */
        String part(String data) {
            return Splits.part(images, tests, data);
        }
    }

    /** What is drawn of the results. */
    public sealed interface Figure {
        /** The training error by epoch. */
        record Learning() implements Figure {}

        /** The share of test images that are right by the multiply-accumulates of an image, a line for each row of arms. */
        record Cost(List<Series> series) implements Figure {}

        /** Arms that differ in one number, in its order. */
        record Series(String name, List<String> arms) {}
    }

    /** A training of one of its arms. */
    TrainRequest request(Arm arm, Splits splits, Size size, long seed) {
        return arm.request(
                splits, Stream.concat(PLAIN.stream(), recipe.stream()).toList(), size.epochs, seed);
    }
}
