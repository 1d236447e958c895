package org.convzoo.onednn;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.zip.CRC32;
import org.convzoo.engine.Machine;
import org.convzoo.engine.Precision;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.weights.AtomicFile;
import org.jspecify.annotations.Nullable;

/**
 * Decides how a network runs, in which layout and whether with {@link Winograd}: by a {@link Race} between
 * them, the usual being the direct way in the usual layout, and by remembering the fastest for this machine, graph, batch
 * and number of threads in a file.
 */
final class Tuner {
    /** Multiply-accumulates of a run that is measured, at most where it is of more than one image: a second or two. */
    private static final double WORK = 1e11;

    private final @Nullable Choice forced;
    private final @Nullable Path file;
    private final String machine;
    /** What was decided or adopted. */
    private final Map<String, String> plans = new ConcurrentHashMap<>();

    private Tuner(@Nullable Choice forced, @Nullable Path file, int threads) {
        this.forced = forced;
        this.file = file;
        machine = Machine.processor() + ", oneDNN " + Dnnl.version() + ", " + threads + " threads";
    }

    /** Measures, and remembers in {@code file}. */
    static Tuner measuring(Path file, int threads) {
        return new Tuner(null, file, threads);
    }

    /** Always the usual choice, without measuring. */
    static Tuner fixed(int threads) {
        return new Tuner(null, null, threads);
    }

    /** Always {@code layout}, without Winograd. */
    static Tuner forced(Layout layout) {
        return forced(Choice.direct(layout));
    }

    static Tuner forced(Choice choice) {
        return new Tuner(choice, null, 0);
    }

    /** What the user's settings ask for: {@code -Dconvzoo.tune=false} turns measuring off. */
    static Tuner usual(int threads) {
        if (!Boolean.parseBoolean(System.getProperty("convzoo.tune", "true"))) return fixed(threads);
        String cache = System.getenv("XDG_CACHE_HOME");
        Path home =
                cache == null || cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        return measuring(home.resolve("convzoo").resolve("plans.properties"), threads);
    }

    /**
     * The choice for {@code graph}. The power of two below {@code batch} stands for it, or a smaller one if the network is
     * large, so that measuring does not take longer than the work.
     *
     * @param purpose what the network is compiled for: {@code training F32}
     * @param precision of maps; only float32 goes Winograd's way
     * @param macs multiply-accumulates of a run, for each image
     * @param compile for so many images
     */
    Choice choice(
            Graph graph,
            int batch,
            String purpose,
            Precision precision,
            long macs,
            BiFunction<Choice, Integer, Race.Trial> compile) {
        int images = Integer.highestOneBit((int) Math.max(1, Math.min(batch, WORK / Math.max(1, macs))));
        Choice usual = Choice.direct(usual(graph));
        List<Choice> all = choices(usual, precision == Precision.F32 && Winograd.takesAny(graph, images));
        String key = String.format(
                "%s %s %08x b%d, %s, %s, of %d",
                graph.name(), graph.input().shape(), fingerprint(graph), images, purpose, machine, all.size());
        Choice known = among(all, plans.get(key));
        if (known != null) return known;
        Choice decided = decide(all, key, c -> compile.apply(c, images));
        plans.put(key, decided.toString());
        return decided;
    }

    private static @Nullable Choice among(List<Choice> all, @Nullable String plan) {
        for (Choice c : all) if (c.toString().equals(plan) && possible(c)) return c;
        return null;
    }

    private static boolean possible(Choice c) {
        return c.winograd() == Winograd.Use.NEVER || Threads.settable();
    }

    private Choice decide(List<Choice> all, String key, Function<Choice, Race.Trial> compile) {
        if (forced != null) return forced;
        if (file == null) return all.get(0);
        Choice found = among(all, read(file).getProperty(key));
        if (found != null) return found;
        Choice fastest = Race.fastest(all.stream().filter(Tuner::possible).toList(), compile);
        remember(file, key, fastest);
        return fastest;
    }

    /** What to choose from, the usual first. */
    private static List<Choice> choices(Choice usual, boolean winograd) {
        Layout other = usual.layout() == Layout.BLOCKED ? Layout.CHANNELS_LAST : Layout.BLOCKED;
        List<Choice> all = new ArrayList<>(List.of(usual, Choice.direct(other)));
        if (winograd) for (Layout l : List.of(usual.layout(), other)) all.add(new Choice(l, Winograd.Use.WHERE_FASTER));
        return all;
    }

    /** See {@link org.convzoo.engine.Engine#plans}. */
    Map<String, String> plans() {
        return new TreeMap<>(plans);
    }

    /** What {@code others} say comes before everything else, forced layouts included. */
    void adopt(Map<String, String> others) {
        plans.putAll(others);
    }

    /** Without measuring: blocks, unless channels are taken apart at places that are no ends of blocks. */
    static Layout usual(Graph graph) {
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

    /** Equal for equal graphs in any process: of what a network computes, not of how its weights start. */
    private static long fingerprint(Graph graph) {
        CRC32 crc = new CRC32();
        for (Node n : graph.nodes()) {
            crc.update((told(n.op()) + " " + n.shape() + " "
                            + n.inputs().stream().map(Node::id).toList())
                    .getBytes());
        }
        return crc.getValue();
    }

    /** Without the rules by which weights start, which have another name in each process. */
    static String told(Op op) {
        if (op instanceof Op.Conv c) return "Conv " + c.out() + " " + c.w();
        if (op instanceof Op.Linear l) return "Linear " + l.out();
        if (op instanceof Op.BatchNorm b) return "BatchNorm " + b.eps() + " " + b.momentum();
        return op.toString();
    }

    /** A file that cannot be read counts as empty: then the network is measured again. */
    private static Properties read(Path file) {
        Properties known = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            known.load(in);
        } catch (IOException | IllegalArgumentException e) {
            known.clear();
        }
        return known;
    }

    /** Where nothing can be written, the next process measures again. */
    private static void remember(Path file, String key, Choice choice) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Properties all = read(file);
            all.setProperty(key, choice.toString());
            StringWriter text = new StringWriter();
            all.store(text, "convzoo: the fastest way to run each network on this machine; may be deleted");
            AtomicFile.write(file, text.toString());
        } catch (IOException e) {
            // speed of the next start only
        }
    }
}
