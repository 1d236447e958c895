package org.convzoo.experiment;

import java.nio.file.Path;
import java.util.List;
import org.convzoo.graph.Graph;
import org.convzoo.recipe.EpochMetrics;

/**
 * What a run of an arm has come to.
 *
 * @param graph its network
 * @param run its directory
 * @param history its epochs; of one that diverged, those before
 * @param top1 the share of test images that it has right; no number where it has diverged
 * @param divergence how it diverged, in a line; empty where it has ended
 */
public record Result(
        Arm arm, Graph graph, long seed, Path run, List<EpochMetrics> history, double top1, String divergence) {
    public Result {
        history = List.copyOf(history);
    }

    public boolean diverged() {
        return !divergence.isEmpty();
    }
}
