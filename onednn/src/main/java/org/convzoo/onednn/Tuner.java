package org.convzoo.onednn;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.zip.CRC32;
import org.convzoo.engine.Machine;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.weights.AtomicFile;
import org.jspecify.annotations.Nullable;

/**
 * Decides in which layout a network runs: by measuring both once, and remembering the faster for this machine, graph,
 * batch and number of threads in a file. A layout that is not clearly faster than the usual one is not taken, so that
 * noise does not decide.
 */
final class Tuner {
    /** How much faster than the usual layout another must be. */
    private static final double CLEARLY = 0.95;

    private final @Nullable Layout forced;
    private final @Nullable Path file;
    private final String machine;
    /** What was decided or adopted. */
    private final Map<String, String> plans = new ConcurrentHashMap<>();

    private Tuner(@Nullable Layout forced, @Nullable Path file, int threads) {
        this.forced = forced;
        this.file = file;
        machine = Machine.processor() + ", oneDNN " + Dnnl.version() + ", " + threads + " threads";
    }

    /** Measures, and remembers in {@code file}. */
    static Tuner measuring(Path file, int threads) {
        return new Tuner(null, file, threads);
    }

    /** Always the usual layout, without measuring. */
    static Tuner fixed(int threads) {
        return new Tuner(null, null, threads);
    }

    /** Always {@code layout}. */
    static Tuner forced(Layout layout) {
        return new Tuner(layout, null, 0);
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
     * The layout for {@code graph}.
     *
     * @param purpose what the network is compiled for: {@code training f32}
     * @param milliseconds compiles and runs the network in a layout and gives how long a run takes
     */
    Layout layout(Graph graph, int batch, String purpose, ToDoubleFunction<Layout> milliseconds) {
        String key = String.format(
                "%s %s %08x b%d, %s, %s",
                graph.name(), graph.input().shape(), fingerprint(graph), batch, purpose, machine);
        String plan = plans.get(key);
        for (Layout l : Layout.values()) if (l.name().equals(plan)) return l;
        Layout decided = decide(graph, key, milliseconds);
        plans.put(key, decided.name());
        return decided;
    }

    private Layout decide(Graph graph, String key, ToDoubleFunction<Layout> milliseconds) {
        if (forced != null) return forced;
        Layout usual = usual(graph);
        if (file == null) return usual;
        String found = read(file).getProperty(key);
        for (Layout l : Layout.values()) if (l.name().equals(found)) return l;
        Layout other = usual == Layout.BLOCKED ? Layout.CHANNELS_LAST : Layout.BLOCKED;
        double limit = CLEARLY * milliseconds.applyAsDouble(usual);
        Layout best = milliseconds.applyAsDouble(other) < limit ? other : usual;
        remember(file, key, best);
        return best;
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
            String op = n.op() instanceof Op.Conv c
                    ? "Conv " + c.out() + " " + c.w()
                    : n.op() instanceof Op.Linear l ? "Linear " + l.out() : n.op().toString();
            crc.update((op + " " + n.shape() + " "
                            + n.inputs().stream().map(Node::id).toList())
                    .getBytes());
        }
        return crc.getValue();
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
    private static void remember(Path file, String key, Layout layout) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Properties all = read(file);
            all.setProperty(key, layout.name());
            StringWriter text = new StringWriter();
            all.store(text, "convzoo: the faster layout of each network on this machine; may be deleted");
            AtomicFile.write(file, text.toString());
        } catch (IOException e) {
            // speed of the next start only
        }
    }
}
