package org.convzoo.onednn.compile;

import java.util.ArrayList;
import java.util.List;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.loops.BatchStatistics;
import org.convzoo.onednn.loops.Moments;
import org.convzoo.onednn.program.Tensor;

/** Scale and shift of a batch norm in training, its running statistics, and the step that measures those of a batch. */
final class NormParameters {
    final Tensor scale, shift;
    /** Whether scale or shift learns. */
    final boolean learn;

    private final Training training;
    private final Node node;
    private final Op.BatchNorm op;

    NormParameters(Training training, Node node, Op.BatchNorm op) {
        this.training = training;
        this.node = node;
        this.op = op;
        scale = stored("weight");
        shift = stored("bias");
        learn = training.store.learns(node);
    }

    private Tensor stored(String name) {
        int channels = node.shape().channels();
        return training.store.value(node.path() + "." + name, training.natives.plain(channels), channels);
    }

    Tensor scaleGradient() {
        return training.gradient(node.path() + ".weight");
    }

    Tensor shiftGradient() {
        return training.gradient(node.path() + ".bias");
    }

    Tensor runningMean() {
        return stored("running_mean");
    }

    Tensor runningVariance() {
        return stored("running_var");
    }

    /**
     * Adds the step that measures {@code statistics} on {@code x} and moves the running ones towards them, or takes the
     * running ones.
     *
     * @param copies where it also writes them: means and variances; nothing if no kernel reads them
     */
    void measure(BatchStatistics statistics, Tensor x, Tensor... copies) {
        Tensor runningMean = runningMean(), runningVariance = runningVariance();
        boolean ofBatch = training.measuresBatch(node);
        Moments moments = ofBatch && !training.isExact() ? MomentSums.add(training, x) : null;
        List<Tensor> touched = new ArrayList<>(List.of(copies));
        // With sums at hand, x is read only at need; the norm itself, which comes next, keeps it until then.
        touched.addAll(moments == null ? List.of(x) : List.of(moments.sums(), moments.squares()));
        Runnable measure = moments == null ? () -> statistics.measure(x) : () -> statistics.measure(x, moments);
        training.program.add(
                "moments",
                () -> {
                    if (ofBatch) {
                        measure.run();
                        statistics.moveRunning(runningMean.floats(), runningVariance.floats(), op.momentum());
                    } else {
                        statistics.take(runningMean.floats(), runningVariance.floats());
                    }
                    if (copies.length > 0) statistics.copyTo(copies[0].floats(), copies[1].floats());
                    training.checkFinite(statistics);
                },
                touched.toArray(Tensor[]::new));
    }

    /** Adds the step that moves the running statistics towards those of a batch, which a kernel has measured. */
    void moveRunning(BatchStatistics statistics, Tensor mean, Tensor variance) {
        Tensor runningMean = runningMean(), runningVariance = runningVariance();
        training.program.add(
                "running",
                () -> {
                    statistics.take(mean.floats(), variance.floats());
                    statistics.moveRunning(runningMean.floats(), runningVariance.floats(), op.momentum());
                    training.checkFinite(statistics);
                },
                mean,
                variance);
    }
}
