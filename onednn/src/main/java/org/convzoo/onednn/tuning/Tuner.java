package org.convzoo.onednn.tuning;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.zip.CRC32;
import org.convzoo.engine.EngineOptions;
import org.convzoo.engine.Precision;
import org.convzoo.engine.Tuning;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.onednn.binding.Dnnl;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.binding.Threads;
import org.convzoo.onednn.compile.Plan;
import org.convzoo.onednn.winograd.WinogradConvolution;
import org.convzoo.onednn.winograd.WinogradUse;
import org.convzoo.system.AtomicFile;
import org.convzoo.system.Machine;
import org.jspecify.annotations.Nullable;

/**
 * Decides how a network runs, in which layout and whether with {@link WinogradConvolution}: by a {@link Race} between
 * them, the usual being the direct way in the usual layout; and, in a race of its own, whether the images of a
 * prediction are taken in parts. The winner for this machine, graph, number of images and number of threads is
 * remembered in a file.
 */
public final class Tuner {
    /** Images of a run that is measured, at most: two to four networks for so many lie in memory at once. */
    private static final int IMAGES = 32;

    /**
     * Multiply-accumulates of a run that is measured, at most, unless one image has more: a second or two on two cores.
     */
    private static final double MACS = 1e11;

    /** Counted up when a change to the engine may make other plans the fastest: all networks are then measured anew. */
    private static final int REVISION = 3;

    private final @Nullable Plan forced;
    private final @Nullable Path file;
    private final String machine;
    /** The text of each plan that was decided or adopted, by what it is for. */
    private final Map<String, String> plans = new ConcurrentHashMap<>();

    private Tuner(@Nullable Plan forced, @Nullable Path file, int threads) {
        this.forced = forced;
        this.file = file;
        machine = Machine.processor() + ", oneDNN " + Dnnl.version() + ", " + threads + " threads";
    }

    /** A tuner that measures, and remembers plans in {@code file}. */
    public static Tuner measuring(Path file, int threads) {
        return new Tuner(null, file, threads);
    }

    /** A tuner that always takes the usual plan, without measuring. */
    public static Tuner fixed(int threads) {
        return new Tuner(null, null, threads);
    }

    /** A tuner that always takes {@code layout}, without Winograd. */
    public static Tuner forced(Layout layout) {
        return forced(Plan.direct(layout));
    }

    /** A tuner that always takes {@code plan}; together where images cannot be taken apart. */
    public static Tuner forced(Plan plan) {
        return new Tuner(plan, null, 0);
    }

    /** The tuner that {@code options} ask for, for so many threads. */
    public static Tuner of(EngineOptions options, int threads) {
        return options.tuning() == Tuning.USUAL ? fixed(threads) : measuring(options.plans(), threads);
    }

    /**
     * What a plan is for.
     *
     * @param batch images of a run
     * @param purpose what the network is compiled for: {@code training F32}
     * @param precision of maps; only convolutions in float32 are computed as Winograd has it
     * @param macs multiply-accumulates of a run, for each image
     * @param divisible whether threads can take some images each
     * @param tuning {@link Tuning#USUAL} where it is not worth measuring
     */
    public record Work(
            Graph graph, int batch, String purpose, Precision precision, long macs, boolean divisible, Tuning tuning) {
        /**
         * How many images stand for the batch: the largest power of two in it, or a smaller one if that many are too
         * much to measure with.
         */
        int images() {
            double most = Math.min(Math.min(batch, IMAGES), MACS / Math.max(1, macs));
            return Integer.highestOneBit((int) Math.max(1, most));
        }
    }

    /** The plan for {@code work}. {@code compile} makes the network ready to be measured with so many images. */
    public Plan plan(Work work, BiFunction<Plan, Integer, Race.Trial> compile) {
        Graph graph = work.graph;
        Plan usual = Plan.direct(usual(graph));
        if (forced == null && work.tuning == Tuning.USUAL) return usual;
        List<Plan> all = candidates(
                usual, work.precision == Precision.F32 && WinogradUse.WHERE_FASTER.takesAny(graph, work.batch));
        String key = String.format(
                Locale.ROOT,
                "%s %s %08x, %d images, %s, %s, of %d, revision %d%s",
                graph.name(),
                graph.input().shape(),
                fingerprint(graph),
                work.images(),
                work.purpose,
                machine,
                all.size(),
                REVISION,
                work.divisible ? ", together or apart" : "");
        Plan known = among(all, work.divisible, plans.get(key));
        if (known != null) return known;
        Plan decided = decide(all, work.divisible, key, plan -> compile.apply(plan, work.images()));
        plans.put(key, decided.toString());
        return decided;
    }

    private static @Nullable Plan among(List<Plan> all, boolean divisible, @Nullable String text) {
        for (Plan plan : all) {
            if (!possible(plan)) continue;
            if (plan.toString().equals(text)) return plan;
            if (divisible && plan.inParts().toString().equals(text)) return plan.inParts();
        }
        return null;
    }

    private static boolean possible(Plan plan) {
        return plan.winograd() == WinogradUse.NEVER || Threads.settable();
    }

    private Plan decide(List<Plan> all, boolean divisible, String key, Function<Plan, Race.Trial> compile) {
        if (forced != null) return divisible ? forced : forced.together();
        if (file == null) return all.get(0);
        Plan found = among(all, divisible, read(file).getProperty(key));
        if (found != null) return found;
        Plan fastest = Race.fastest(all.stream().filter(Tuner::possible).toList(), compile);
        if (divisible) fastest = Race.fastest(List.of(fastest, fastest.inParts()), compile);
        remember(file, key, fastest);
        return fastest;
    }

    /** The plans among which to decide, the usual one first. */
    private static List<Plan> candidates(Plan usual, boolean winograd) {
        Layout other = usual.layout() == Layout.BLOCKED ? Layout.CHANNELS_LAST : Layout.BLOCKED;
        List<Plan> all = new ArrayList<>(List.of(usual, Plan.direct(other)));
        if (winograd) for (Layout l : List.of(usual.layout(), other)) all.add(new Plan(l, WinogradUse.WHERE_FASTER));
        return all;
    }

    /** See {@link org.convzoo.engine.Engine#plans}. */
    public Map<String, String> plans() {
        return new TreeMap<>(plans);
    }

    /** Takes over the plans of {@code others}, which then come before everything else, forced layouts included. */
    public void adopt(Map<String, String> others) {
        plans.putAll(others);
    }

    /**
     * The usual layout of {@code graph}: blocks, unless channels are taken apart at places that are no ends of blocks.
     */
    public static Layout usual(Graph graph) {
        boolean split = graph.nodes().stream().anyMatch(Tuner::breaksBlocks);
        return split ? Layout.CHANNELS_LAST : Layout.BLOCKED;
    }

    private static boolean breaksBlocks(Node n) {
        if (n.shape().rank() == 1 || n.shape().height() * n.shape().width() == 1) return false;
        if (n.op() instanceof Op.Shuffle) return true;
        if (n.op() instanceof Op.Slice s) return s.from() % Layout.BLOCK != 0;
        if (!(n.op() instanceof Op.Concat)) return false;
        int at = 0;
        for (Node i : n.inputs()) {
            if (at % Layout.BLOCK != 0) return true;
            at += i.shape().channels();
        }
        return false;
    }

    /** A number that is equal for equal graphs in any process: of what they compute, not of how their weights start. */
    private static long fingerprint(Graph graph) {
        CRC32 crc = new CRC32();
        for (Node n : graph.nodes()) {
            crc.update((description(n.op()) + " " + n.shape() + " "
                            + n.inputs().stream().map(Node::id).toList())
                    .getBytes());
        }
        return crc.getValue();
    }

    /** What {@code op} computes, without the rules by which its weights start, whose names differ in each process. */
    static String description(Op op) {
        if (op instanceof Op.Conv c) return "Conv " + c.out() + " " + c.filters();
        if (op instanceof Op.Linear l) return "Linear " + l.out();
        if (op instanceof Op.BatchNorm b) return "BatchNorm " + b.eps() + " " + b.momentum();
        return op.toString();
    }

    /** The plans in {@code file}; none if it cannot be read: networks are then measured again. */
    private static Properties read(Path file) {
        Properties known = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            known.load(in);
        } catch (IOException | IllegalArgumentException e) {
            known.clear();
        }
        return known;
    }

    /** Adds a plan to {@code file}; where nothing can be written, the next process measures again. */
    private static void remember(Path file, String key, Plan plan) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Properties all = read(file);
            all.setProperty(key, plan.toString());
            StringWriter text = new StringWriter();
            all.store(text, "convzoo: the fastest way to run each network on this machine; may be deleted");
            AtomicFile.write(file, text.toString());
        } catch (IOException e) {
            // speed of the next start only
        }
    }
}
