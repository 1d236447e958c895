package org.convzoo.onednn.compile;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.Desc;
import org.convzoo.onednn.binding.Geometry;
import org.convzoo.onednn.binding.Kernel;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.binding.PostOps;
import org.convzoo.onednn.loops.BatchStatistics;
import org.convzoo.onednn.loops.Dropout;
import org.convzoo.onednn.loops.LocalResponseNorm;
import org.convzoo.onednn.program.Arguments;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;

/**
 * A graph as steps for training: {@link #forward} adds the steps of every node, and each records on the {@link Tape} how
 * to go back; {@link #backward} then adds the steps of the gradients, the last node first. A learner puts both into one
 * program, so that an activation's memory is free after its last use on the way back; a probe uses a program for each.
 * An op's way back stands beside its way forward: here, or in a class of its own where there is more to it.
 */
public final class Training extends Compilation {
    /** What distinguishes a learner from a probe, and learners from each other. */
    public enum Trait {
        /** Batch norms measure the batch and move their running statistics, unless frozen; else they normalise by those. */
        BATCH_STATISTICS,
        /** A kernel does also what follows it; without, the value of each node can be read. */
        FUSED,
        /** The gradient of the images is computed, too. */
        INPUT_GRADIENT,
        /** Dropout and drop path are done. */
        REGULARISED,
        /** Sums of products are free from rounding, as {@link org.convzoo.onednn.loops.Exact} has it. */
        EXACT
    }

    final Tape tape;
    final Store store;
    final Activations activations;
    final Products products;

    private final PoolingTraining poolings;
    private final Set<Trait> traits;
    private final Randomness randomness;
    /** The nodes that are compiled as for prediction, which folds and fuses more. */
    private final Set<Node> still;

    private final Inference stillPart;
    private boolean finite = true;

    public Training(
            Natives natives,
            Program program,
            Graph graph,
            int batch,
            Plan plan,
            Store store,
            Set<Trait> traits,
            Randomness randomness) {
        super(natives, program, graph, graph.nodes(), new Readers(graph, graph.nodes()), batch, plan);
        this.store = store;
        this.traits = traits;
        this.randomness = randomness;
        tape = new Tape(this, graph, store::learns, traits.contains(Trait.INPUT_GRADIENT));
        activations = new Activations(this);
        products = new Products(this);
        poolings = new PoolingTraining(this);
        still = graph.nodes().stream().filter(this::isStill).collect(Collectors.toSet());
        stillPart = Inference.of(this, still, plan, store.constants());
    }

    /** Whether training does with {@code n} what prediction does: nothing up to it learns, nothing in it is drawn. */
    private boolean isStill(Node n) {
        boolean same = !(n.op() instanceof Op.Input)
                && !(n.op() instanceof Op.Dropout d && drops(d.p()))
                && !(n.op() instanceof Op.DropPath d && drops(d.p()))
                && !(n.op() instanceof Op.BatchNorm && measuresBatch(n));
        return same && store.freezes() && fuses() && !isExact() && !tape.wantsGradient(n);
    }

    private boolean drops(double p) {
        return traits.contains(Trait.REGULARISED) && p != 0;
    }

    boolean fuses() {
        return traits.contains(Trait.FUSED);
    }

    boolean isExact() {
        return traits.contains(Trait.EXACT);
    }

    /** Whether batch norm {@code n} measures the batch, and does not normalise by its running statistics. */
    boolean measuresBatch(Node n) {
        return traits.contains(Trait.BATCH_STATISTICS) && store.moves(n.path() + ".running_mean");
    }

    /** Where the gradient of a parameter is made: nothing reads that of one that is frozen. */
    Tensor gradient(String name) {
        return store.learns(name) ? store.gradient(name) : program.tensor(store.known(name).desc);
    }

    // -- both ways ------------------------------------------------------------------------------------

    /**
     * Adds the steps forward; running statistics move on the way.
     *
     * @return where images go in
     */
    public Tensor forward() {
        for (Node n : graph.nodes()) {
            boolean asPrediction = still.contains(n) && !madeAhead.containsKey(n);
            Compilation by = asPrediction ? stillPart : this, other = asPrediction ? this : stillPart;
            by.compile(n);
            Tensor made = by.values.get(n); // none of nodes in the middle of what is made at once
            if (made != null) other.values.put(n, made);
        }
        store.fill();
        return input();
    }

    @Override
    public Tensor value(Node n) {
        return super.value(n);
    }

    @Override
    public Tensor logits(Node head) {
        return super.logits(head);
    }

    /** Adds {@code gradient}, {@code [N, elements]} row-major, to the gradient of {@code n}'s value. */
    public void seed(Node n, Tensor gradient) {
        long[] d = value(n).desc.dims();
        tape.addGradient(n, d.length == 2 ? gradient : gradient.view(natives.desc(dnnl_nchw, d)));
    }

    /** Adds the steps backward to {@code into}, from the seeds on. */
    public void backward(Program into) {
        into(into);
        tape.play();
        if (traits.contains(Trait.INPUT_GRADIENT)) tape.gradient(graph.input());
    }

    /** Forgets gradients, so that other seeds can be given for another {@link #backward}, into {@code next}. */
    public void startBackward(Program next) {
        tape.forgetGradients();
        into(next);
    }

    /** The gradients that the steps backward reached. */
    public Map<Node, Tensor> gradients() {
        return tape.gradients();
    }

    /**
     * Whether all statistics of batch norms since {@link #startRun} were numbers. If not, training has failed, though a
     * ReLU may have made numbers of the rest.
     */
    public boolean finiteStatistics() {
        return finite;
    }

    /** Says that the statistics that follow are those of another run. */
    public void startRun() {
        finite = true;
    }

    void checkFinite(BatchStatistics statistics) {
        finite &= statistics.finite();
    }

    // -- products and norms ---------------------------------------------------------------------------

    @Override
    public Tensor conv(Node n, Op.Conv op) {
        return WholeMap.isProduct(n, op)
                ? LinearTraining.forward(this, n, op)
                : new ConvolutionTraining(this, n, op).forward();
    }

    @Override
    public Tensor linear(Node n, Op.Linear op) {
        return LinearTraining.forward(this, n, op);
    }

    @Override
    public Tensor batchNorm(Node n, Op.BatchNorm op) {
        Tensor x = maps.dense(value(n.input()));
        // In bfloat16 the library does all of it: loops in Java read float32 only.
        boolean library = natives.type() != dnnl_f32 || !isExact() && NormByLibrary.isQuick(primitives, x.desc, op);
        return library ? new NormByLibrary(this, n, op, x).forward() : new NormByLoops(this, n, op, x).forward();
    }

    @Override
    public Tensor localResponseNorm(Node n, Op.LocalResponseNorm op) {
        Tensor x = maps.forLoops(value(n.input()));
        int channels = n.shape().channels(),
                pixels = batch * n.shape().height() * n.shape().width();
        tape.record(n, given -> {
            Tensor dy = maps.forLoops(given), dx = program.tensor(x.desc);
            program.add("lrn's gradient", () -> LocalResponseNorm.backward(x, dy, dx, pixels, channels, op), x, dy, dx)
                    .inPlace(dx, dy);
            tape.addGradient(n.input(), dx);
        });
        return maps.dense(normalised(n, x, op));
    }

    // -- poolings -------------------------------------------------------------------------------------

    @Override
    public Tensor maxPool(Node n, Op.MaxPool op) {
        return poolings.byLibrary(
                n, dnnl_pooling_max, Geometry.of(op.w(), n.input().shape()));
    }

    @Override
    public Tensor avgPool(Node n, Op.AvgPool op) {
        return poolings.average(n, Averaging.of(op, n.input().shape(), n.shape()));
    }

    @Override
    public Tensor adaptiveAvgPool(Node n, Op.AdaptiveAvgPool op) {
        return keepsShape(n)
                ? identity(n)
                : poolings.average(n, Averaging.of(op, n.input().shape()));
    }

    // -- element by element ---------------------------------------------------------------------------

    private Tensor identity(Node n) {
        tape.record(n, dy -> tape.addGradient(n.input(), dy));
        return value(n.input());
    }

    @Override
    public Tensor activation(Node n, Op.Activation op) {
        return activations.forward(n, op);
    }

    /** {@code y = factor x}, {@code dx = factor dy}. */
    @Override
    public Tensor multiply(Node n, Op.Multiply op) {
        tape.record(n, dy -> tape.addGradient(n.input(), multiplied(maps.dense(dy), op.factor())));
        return multiplied(maps.dense(value(n.input())), op.factor());
    }

    /** {@code y = a + b}, with a ReLU that follows; {@code da = db = dy}. */
    @Override
    public Tensor add(Node n, Op.Add op) {
        Node a = n.inputs().get(0), b = n.inputs().get(1), next = fuses() ? readers.sole(n) : null;
        boolean relu = next != null && next.op() == Op.Activation.RELU;
        PostOps after = relu ? new PostOps().activation(Op.Activation.RELU) : new PostOps();
        Tensor y = sum(maps.dense(value(a)), value(b), after);
        if (next != null && relu) madeAhead.put(next, y);
        tape.record(next != null && relu ? next : n, given -> {
            Tensor dy = maps.as(given, y.desc);
            if (relu) dy = activations.gradient(Activations.RELU, y, y, dy);
            tape.addGradient(a, dy);
            tape.addGradient(b, dy);
        });
        return y;
    }

    /** {@code y = s x} with a factor for each image and channel; {@code ds} sums {@code x dy} over pixels. */
    @Override
    public Tensor scale(Node n, Op.Scale op) {
        Node map = n.inputs().get(0), gate = n.inputs().get(1);
        Tensor x = maps.dense(value(map)), s = maps.as(value(gate), maps.like(x.desc, maps.dims(gate)));
        tape.record(n, given -> {
            Tensor dy = maps.as(given, x.desc);
            if (tape.wantsGradient(gate)) {
                Tensor products = product(x, dy), ds = program.tensor(s.desc);
                float pixels = map.shape().height() * map.shape().width();
                PostOps sum = new PostOps().eltwise(dnnl_eltwise_linear, pixels, 0); // of the mean
                Kernel k = primitives.pooling(
                        dnnl_forward_inference,
                        dnnl_pooling_avg_exclude_padding,
                        x.desc,
                        s.desc,
                        Geometry.whole(map.shape()),
                        sum);
                program.add(k, new Arguments().src(products).dst(ds));
                tape.addGradient(gate, ds);
            }
            if (tape.wantsGradient(map)) tape.addGradient(map, product(dy, s));
        });
        return product(x, s);
    }

    @Override
    public Tensor softmax(Node n, Op.Softmax op) {
        Tensor x = maps.channelsLast(value(n.input())), y = program.tensor(x.desc);
        Desc d = maps.rowsOfSoftmax(x.desc, op.ways());
        Kernel k = primitives.softmax(dnnl_forward_training, d);
        program.add(k, new Arguments().src(x.view(d)).dst(y.view(d)));
        tape.record(n, given -> {
            Tensor dy = maps.channelsLast(given), dx = program.tensor(x.desc);
            program.add(
                    primitives.softmaxGradient(k, d),
                    new Arguments().dst(y.view(d)).diffDst(dy.view(d)).diffSrc(dx.view(d)));
            tape.addGradient(n.input(), dx);
        });
        return y;
    }

    @Override
    public Tensor dropout(Node n, Op.Dropout op) {
        return dropped(n, op.p(), Dropped.ELEMENTS);
    }

    @Override
    public Tensor dropPath(Node n, Op.DropPath op) {
        return dropped(n, op.p(), Dropped.IMAGES);
    }

    /** What is dropped or kept as one. */
    private enum Dropped {
        ELEMENTS,
        IMAGES
    }

    /** Zeroes elements, or whole images, and multiplies the others with 1 / (1 - p); backward draws the same again. */
    private Tensor dropped(Node n, double p, Dropped what) {
        if (!drops(p)) return identity(n);
        tape.record(n, dy -> tape.addGradient(n.input(), dropped(maps.dense(dy), n, p, what)));
        return dropped(maps.dense(value(n.input())), n, p, what);
    }

    private Tensor dropped(Tensor given, Node n, double p, Dropped what) {
        Tensor x = maps.floats(given), y = program.tensor(x.desc);
        int together = what == Dropped.IMAGES ? (int) (x.desc.bytes() / Float.BYTES / batch) : 1;
        program.add("dropout", () -> Dropout.apply(x, y, p, together, randomness.seed(n)), x, y)
                .inPlace(y, x);
        return maps.as(y, given.desc);
    }

    // -- shapes and channels --------------------------------------------------------------------------

    @Override
    public Tensor flatten(Node n, Op.Flatten op) {
        Tensor x = value(n.input());
        Node next = readers.sole(n);
        boolean keepsAxes = fuses() && next != null && leadsToLinear(next);
        if (keepsAxes || x.desc.dims().length == 2) return identity(n);
        tape.record(n, dy -> tape.addGradient(n.input(), maps.channelsLast(dy).view(natives.rows(x.desc.dims()))));
        return maps.vector(x);
    }

    /** Whether the way from a flattened map leads through element-wise ops to a linear layer. */
    private boolean leadsToLinear(Node n) {
        if (n.op() instanceof Op.Linear) return true;
        Node next = readers.sole(n);
        return next != null && (n.op() instanceof Op.Dropout || n.op() instanceof Op.Activation) && leadsToLinear(next);
    }

    @Override
    public Tensor padChannels(Node n, Op.PadChannels op) {
        int channels = n.input().shape().channels();
        tape.record(n, dy -> tape.addGradient(n.input(), maps.channels(dy, 0, channels)));
        return withZeroChannels(n, value(n.input()));
    }

    @Override
    public Tensor slice(Node n, Op.Slice op) {
        tape.record(n, dy -> tape.addGradient(n.input(), dy, op.from(), op.to()));
        return super.slice(n, op);
    }

    @Override
    public Tensor shuffle(Node n, Op.Shuffle op) {
        tape.record(n, dy -> tape.addGradient(n.input(), shuffled(dy, n.shape().channels() / op.groups())));
        return shuffled(value(n.input()), op.groups());
    }

    @Override
    boolean interleaves(Node n) {
        return fuses() && !isExact() && super.interleaves(n);
    }

    @Override
    void interleave(Interleave all) {
        super.interleave(all);
        tape.record(() -> interleaveBackward(all));
    }

    private void interleaveBackward(Interleave all) {
        if (all.pieces().stream().allMatch(piece -> tape.gradient(piece) == null)) return;
        List<Tensor> given = new ArrayList<>();
        for (Node piece : all.pieces()) {
            Tensor dy = tape.gradient(piece);
            given.add(dy == null ? maps.zeros(maps.dims(piece)) : maps.channelsLast(dy));
        }
        for (int s = 0; s < 2; s++) {
            Node side = all.sides().get(s);
            if (!tape.wantsGradient(side)) continue;
            Tensor dx = program.tensor(natives.channelsLast(maps.dims(side)));
            for (int i = 0; i < given.size(); i++) {
                Node piece = all.pieces().get(i);
                program.copy(
                        Interleave.ofPiece(natives, piece, given.get(i), s), Interleave.ofSide(natives, piece, dx));
            }
            tape.addGradient(side, dx);
        }
    }

    /** The gradients of a concatenation's activations would lie apart, so that one has no place in another. */
    @Override
    boolean mayLieInConcat(Node n) {
        return fuses() && !isExact() && !(n.op() instanceof Op.Concat);
    }

    @Override
    public Tensor concat(Node n, Op.Concat op) {
        Tensor y = super.concat(n, op);
        boolean relus = activations.allFusedRelus(n.inputs(), y);
        tape.record(n, given -> {
            if (relus) rectifiedConcatBackward(n, y, maps.as(given, y.desc));
            else concatBackward(n, given, (x, dx) -> dx);
        });
        return y;
    }

    /** @param through the way back from the gradient of an input's channels to that which the input gets */
    private void concatBackward(Node n, Tensor dy, BinaryOperator<Tensor> through) {
        int at = 0;
        for (Node i : n.inputs()) {
            int end = at + i.shape().channels();
            if (tape.wantsGradient(i)) tape.addGradient(i, through.apply(value(i), maps.channels(dy, at, end)));
            at = end;
        }
    }

    /** Goes back through the ReLUs of all inputs, too: at once, or by input where blocks of channels do not break. */
    private void rectifiedConcatBackward(Node n, Tensor y, Tensor dy) {
        activations.pass(n.inputs());
        boolean wholeBlocks = n.inputs().stream().allMatch(i -> i.shape().channels() % Layout.BLOCK == 0);
        if (wholeBlocks) concatBackward(n, dy, this::rectified);
        else concatBackward(n, activations.gradient(Activations.RELU, y, y, dy), (x, dx) -> dx);
    }

    /** The gradient of some blocks' ReLU, dense as kernels want it; an image's blocks lie side by side. */
    private Tensor rectified(Tensor y, Tensor dy) {
        Tensor dx = program.tensor(natives.blocked(y.desc.dims()));
        Kernel k = primitives.eltwiseGradient(Activations.RELU, natives.image(y.desc));
        program.add(k, new Arguments().dst(y).diffDst(dy).diffSrc(dx)).eachImage();
        return dx;
    }
}
