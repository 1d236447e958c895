package org.convzoo.pretrained;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Param;
import org.convzoo.graph.Shape;
import org.convzoo.models.Architecture;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.Fit;
import org.convzoo.weights.Weights;
import org.convzoo.weights.Weights.Tensor;

/**
 * A network of the catalogue and the weights of a file, whoever wrote it: under our names, under those of a library that is
 * known ({@link Dialect}), or under others, but in our order. Filters and matrices may lie as PyTorch has them or as
 * TensorFlow does, all of a file in one way.
 *
 * @param graph the network, in the form of the library that trained it
 * @param fit how the weights fit it
 * @param notes what whoever takes them should know, a sentence each
 */
public record Fitting(Graph graph, Fit fit, List<String> notes) {
    private static final Pattern AUXILIARY = Pattern.compile("(?i)aux[^.]*\\..*");

    public Fitting {
        notes = List.copyOf(notes);
    }

    /**
     * Reads {@code file} and fits its weights to a network for {@code task}.
     *
     * @throws BrokenFileException as {@link WeightsFile#read} does
     * @throws IllegalArgumentException as {@link Architecture#graph(Task, Options)} does
     */
    public static Fitting of(Architecture architecture, Options options, Task task, Path file) {
        return of(architecture.name(), architecture.graph(task, options), WeightsFile.read(file));
    }

    /**
     * Reads {@code file} and fits its weights to a network for images of that shape, which tells as many classes apart as
     * they do. Throws as the other does.
     */
    public static Fitting of(Architecture architecture, Options options, Shape image, Path file) {
        Weights weights = WeightsFile.read(file);
        Task usual = architecture.usual().image(image);
        Fitting fitting = of(architecture.name(), architecture.graph(usual, options), weights);
        int classes = fitting.fit.classes();
        if (classes < 2 || classes == usual.classes()) return fitting;
        return of(architecture.name(), architecture.graph(usual.classes(classes), options), weights);
    }

    static Fitting of(String network, Graph graph, Weights weights) {
        Fitting best = named(graph, weights);
        if (best.fit.complete()) return best;
        List<Fitting> others = new ArrayList<>();
        for (Dialect d : Dialect.of(network, weights)) {
            List<String> notes = new ArrayList<>(List.of("the names are those of " + d.library()));
            if (!d.note().isEmpty()) notes.add(d.note());
            if (!d.form().equals(Form.OURS)) notes.add("the network has " + d.form() + ", as there");
            others.addAll(inOrder(graph, d, weights, notes));
        }
        if (others.isEmpty())
            others.addAll(inOrder(
                    graph,
                    Dialect.ORDER,
                    weights,
                    List.of("the names are not known; the arrays are taken in the file's order, in which all are of our"
                            + " kinds and shapes")));
        for (Fitting f : others) if (f.fit.matched() > best.fit.matched()) best = f;
        return best;
    }

    /** This fitting with a new head, see {@link Fit#newHead}. */
    public Fitting newHead(long seed) {
        return new Fitting(graph, fit.newHead(seed), notes);
    }

    /** This fitting for other channels of pictures, see {@link Fit#adaptInput}. */
    public Fitting adaptInput() {
        return new Fitting(graph, fit.adaptInput(), notes);
    }

    /** The network's state. Throws {@link WrongUseException} with one line on what does not fit. */
    public Weights weights() {
        return fit.weights();
    }

    /** Several lines for people. */
    public String report() {
        StringBuilder report = new StringBuilder(fit.report());
        notes.forEach(note -> report.append("\nnote: ").append(note));
        return report.toString();
    }

    // -- under our names ------------------------------------------------------------------------------

    private static Fitting named(Graph graph, Weights weights) {
        Fit plain = weights.fit(graph);
        if (plain.complete() || plain.otherShapes().isEmpty()) return new Fitting(graph, plain, List.of());
        Map<String, Tensor> turned = new LinkedHashMap<>(weights.tensors());
        for (Node n : graph.nodes())
            for (Param p : n.params()) {
                Tensor t = turned.get(n.name(p));
                if (t != null) Layout.HWIO.ours(t, n, p).ifPresent(ours -> turned.put(n.name(p), ours));
            }
        Fit other = new Weights(turned).fit(graph);
        return other.matched() > plain.matched()
                ? new Fitting(graph, other, List.of("filters and matrices are turned from TensorFlow's layout"))
                : new Fitting(graph, plain, List.of());
    }

    // -- in our order ---------------------------------------------------------------------------------

    /** A parameter of the network, and whose it is. */
    private record Place(String name, Node node, Param param) {}

    /** The arrays one after another as our parameters, in either layout; none where one is of another kind or shape. */
    private static List<Fitting> inOrder(Graph plain, Dialect dialect, Weights weights, List<String> notes) {
        Graph graph = dialect.form().of(plain);
        List<Map.Entry<String, Tensor>> counted = dialect.ordered(weights).stream()
                .filter(e -> !e.getKey().endsWith("num_batches_tracked")
                        && !AUXILIARY.matcher(e.getKey()).matches())
                .toList();
        List<Place> places = places(graph);
        List<Fitting> found = new ArrayList<>();
        if (counted.size() != places.size()) return found;
        for (Layout layout : Layout.values()) {
            Map<String, Tensor> state = new LinkedHashMap<>();
            for (int i = 0; i < places.size(); i++) {
                Place place = places.get(i);
                Tensor t = counted.get(i).getValue();
                if (!isKind(counted.get(i).getKey(), place.param.name())) break;
                layout.ours(t, place.node, place.param)
                        .filter(ours -> fits(ours.shape(), place, graph))
                        .ifPresent(ours -> state.put(place.name, ours));
                if (state.size() <= i) break;
            }
            if (state.size() == places.size()) found.add(new Fitting(graph, new Weights(state).fit(graph), notes));
        }
        return found;
    }

    /** What prediction needs, in the order of the state. */
    private static List<Place> places(Graph graph) {
        Map<String, Place> all = new HashMap<>();
        for (Node n : graph.inferenceNodes()) for (Param p : n.params()) all.put(n.name(p), new Place(n.name(p), n, p));
        return graph.parameters().keySet().stream()
                .filter(all::containsKey)
                .map(name -> Objects.requireNonNull(all.get(name)))
                .toList();
    }

    /** Whether an array of that name can be such a parameter; names that say nothing can be any. */
    private static boolean isKind(String name, String param) {
        String last = name.substring(Math.max(name.lastIndexOf('.'), name.lastIndexOf('/')) + 1);
        return switch (last) {
            case "weight", "gamma", "kernel", "depthwise_kernel" -> param.equals("weight");
            case "bias", "beta" -> param.equals("bias");
            case "running_mean", "moving_mean" -> param.equals("running_mean");
            case "running_var", "moving_variance" -> param.equals("running_var");
            default -> !name.contains("running_") && !name.contains("moving_") && !param.startsWith("running_");
        };
    }

    /** The shape of ours, but for the classes of the head and the channels of pictures; a matrix may be a filter. */
    private static boolean fits(Shape found, Place place, Graph graph) {
        Shape needed = place.param.shape();
        if (found.equals(needed)) return true;
        Set<Node> heads = new HashSet<>(graph.heads());
        boolean matrix = found.rank() + needed.rank() == 6 && Math.min(found.rank(), needed.rank()) == 2;
        if (matrix && found.dim(0) == needed.dim(0) && found.elements() == needed.elements()) return true;
        if (heads.contains(place.node)) return found.rank() == needed.rank() && sameBut(0, found, needed);
        return place.node.input().op() instanceof Op.Input && found.rank() == 4 && sameBut(1, found, needed);
    }

    private static boolean sameBut(int axis, Shape a, Shape b) {
        for (int i = 0; i < a.rank(); i++) if (i != axis && a.dim(i) != b.dim(i)) return false;
        return true;
    }
}
