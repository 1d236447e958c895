package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.convzoo.graph.Node;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.binding.Geometry;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.loops.Average;
import org.convzoo.onednn.program.Arguments;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;

/** Poolings in training. */
final class PoolingTraining {
    private final Training training;
    private final Maps maps;

    PoolingTraining(Training training) {
        this.training = training;
        maps = training.maps;
    }

    Tensor average(Node n, Averaging a) {
        return a instanceof Averaging.ByLibrary by
                ? byLibrary(n, by.algorithm(), by.geometry())
                : averageByLoops(n, (Averaging.ByLoop) a);
    }

    private Tensor averageByLoops(Node n, Averaging.ByLoop by) {
        Tensor x = maps.forLoops(training.value(n.input()));
        Tensor y = training.program.tensor(training.natives.floats(training.natives.channelsLast(maps.dims(n))));
        Shape in = n.input().shape();
        int batch = training.batch;
        training.program.add(
                "average", () -> Average.forward(x.floats(), y.floats(), batch, in, by.rows(), by.columns()), x, y);
        training.tape.record(n, given -> {
            Tensor dy = maps.forLoops(given), dx = training.program.tensor(x.desc);
            training.program.add(
                    "average's gradient",
                    () -> Average.backward(dy.floats(), dx.floats(), batch, in, by.rows(), by.columns()),
                    dy,
                    dx);
            training.tape.addGradient(n.input(), dx);
        });
        return maps.dense(y);
    }

    /** The library's maximum leaves in its workspace where it was found. */
    Tensor byLibrary(Node n, int algorithm, Geometry g) {
        Program forward = training.program;
        Tensor x = maps.dense(training.value(n.input())), y = forward.tensor(maps.like(x.desc, maps.dims(n)));
        Kernel k = training.primitives.pooling(dnnl_forward_training, algorithm, x.desc, y.desc, g, new PostOps());
        Tensor maxima = algorithm == dnnl_pooling_max
                ? forward.tensor(training.natives.query(k, dnnl_query_workspace_md))
                : null;
        forward.add(k, new Arguments().src(x).dst(y).workspace(maxima));
        training.tape.record(n, given -> {
            Tensor dy = maps.as(given, y.desc), dx = training.program.tensor(x.desc);
            training.program.add(
                    training.primitives.poolingGradient(k, algorithm, x.desc, y.desc, g),
                    new Arguments().diffDst(dy).diffSrc(dx).workspace(maxima));
            training.tape.addGradient(n.input(), dx);
        });
        return maps.dense(y);
    }
}
