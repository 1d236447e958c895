package org.convzoo.engine;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Set;
import org.convzoo.graph.Graph;

/**
 * How a network is trained; a change is made from {@link #DEFAULTS}.
 *
 * @param seed what dropout and drop path draw from, together with the number of the step
 * @param precision what the steps compute in
 * @param regularised whether dropout and drop path act
 * @param checkpointing whether the outputs of cheap layers are computed once more on the way back, which takes less
 *     memory and more time; the results are the same
 * @param loss what the steps make small, of the main output and, times its weight, of each auxiliary head
 * @param accumulation how many batches' gradients an update is of: the mean of theirs
 * @param groups parameters that learn otherwise than the rest, or not at all; what is in none has factors of 1 and learns
 */
@RecordBuilder
public record LearnerOptions(
        long seed,
        Precision precision,
        boolean regularised,
        boolean checkpointing,
        Loss loss,
        int accumulation,
        List<ParameterGroup> groups)
        implements LearnerOptionsBuilder.With {
    /** Seed 0, float32, regularised, all kept that is needed again, cross-entropy, a batch an update, no groups. */
    public static final LearnerOptions DEFAULTS =
            new LearnerOptions(0, Precision.F32, true, false, new Loss.CrossEntropy(), 1, List.of());

    public LearnerOptions {
        groups = List.copyOf(groups);
        if (accumulation < 1)
            throw new IllegalArgumentException("an update is of at least 1 batch, got " + accumulation);
    }

    /**
     * Throws {@link IllegalArgumentException} with one line unless {@link #groups} fit {@code graph}: each holds names of
     * its parameters and running statistics, none of which is in two groups, both running statistics of a batch norm are
     * frozen or neither is, and something learns.
     */
    public void check(Graph graph) {
        ParameterGroup.check(groups, graph);
    }

    /** The group that holds a parameter or running statistic; one of its own, which learns as usual, if none does. */
    public ParameterGroup group(String name) {
        for (ParameterGroup g : groups) if (g.names().contains(name)) return g;
        return ParameterGroup.learning(Set.of(name), 1, 1);
    }
}
