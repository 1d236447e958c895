package org.convzoo.weights;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.convzoo.failure.Near;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Param;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Weights.Tensor;

/**
 * How the weights of others fit a network, name by name and shape by shape. A fit does not change: {@link #newHead} and
 * {@link #adaptInput} give another, in which more matches, and {@link #weights} the network's whole state or a failure.
 *
 * <p>A matrix {@code [out, in]} and filters {@code [out, c, h, w]} of as many numbers are the same to it. Counters of
 * batches do not count, and of auxiliary heads neither what the file has and the network lacks nor what the network has
 * and the file lacks wholly, which is drawn anew.
 */
public final class Fit {
    /** Auxiliary heads as PyTorch's networks name them: {@code aux1.}, {@code AuxLogits.}. */
    private static final Pattern AUXILIARY = Pattern.compile("(?i)aux[^.]*\\..*");

    private static final String COUNTER = "num_batches_tracked";
    private static final int SHOWN = 3, LISTED = 12, LONGEST_NAME = 200, MOST_NEAR = 100;

    /**
     * A name that the network needs and the weights lack.
     *
     * @param near at most three names that are left over and have arrays of that shape, the nearest first
     */
    public record Missing(String name, Shape shape, List<String> near) {
        public Missing {
            near = List.copyOf(near);
        }
    }

    /** A name that both have, with its shape in the weights and the one in the network. */
    public record OtherShape(String name, Shape found, Shape needed) {}

    private final Graph graph;
    private final Weights given;
    private final boolean lenient;
    private final List<String> words;
    private final Map<String, Tensor> state = new LinkedHashMap<>();
    private final List<Missing> missing = new ArrayList<>();
    private final List<String> unexpected, notFinite = new ArrayList<>();
    private final List<OtherShape> otherShapes = new ArrayList<>();

    /**
     * @param broken names of {@code given} whose numbers are no numbers
     * @param lenient whether counters and auxiliary heads do not count
     * @param words what was done until here so that it fits
     */
    private Fit(Graph graph, Weights given, Set<String> broken, boolean lenient, List<String> words) {
        this.graph = graph;
        this.given = given;
        this.lenient = lenient;
        this.words = new ArrayList<>(words);
        unexpected = leftOver();
        Map<Shape, List<String>> spare = unexpected.stream()
                .filter(name -> name.length() < LONGEST_NAME)
                .collect(Collectors.groupingBy(name -> given.get(name).shape()));
        Set<String> drawn = lenient ? auxiliary(graph) : Set.of();
        if (!Collections.disjoint(drawn, given.tensors().keySet())) drawn = Set.of();
        if (!drawn.isEmpty()) this.words.add(drawn.size() + " arrays of auxiliary heads are drawn anew");
        for (var e : graph.parameters().entrySet()) {
            String name = e.getKey();
            Param p = e.getValue();
            Tensor t = given.tensors().get(name);
            if (drawn.contains(name)) state.put(name, Weights.drawn(name, p, 0));
            else if (t == null) {
                List<String> same = spare.getOrDefault(p.shape(), List.of());
                missing.add(new Missing(
                        name, p.shape(), Near.names(name, same.subList(0, Math.min(MOST_NEAR, same.size())))));
            } else if (!t.shape().equals(p.shape())) otherShapes.add(new OtherShape(name, t.shape(), p.shape()));
            else if (broken.contains(name)) notFinite.add(name);
            else state.put(name, t);
        }
    }

    private List<String> leftOver() {
        Set<String> left = new LinkedHashSet<>(given.tensors().keySet());
        left.removeAll(graph.parameters().keySet());
        if (!lenient) return List.copyOf(left);
        left.removeIf(name -> name.endsWith(COUNTER));
        int all = left.size();
        left.removeIf(name -> AUXILIARY.matcher(name).matches());
        if (left.size() < all) words.add((all - left.size()) + " arrays of auxiliary heads are left out");
        return List.copyOf(left);
    }

    static Fit of(Weights weights, Graph graph) {
        Map<String, Tensor> given = new LinkedHashMap<>();
        Set<String> broken = new HashSet<>();
        weights.tensors().forEach((name, t) -> {
            Param p = graph.parameters().get(name);
            given.put(name, p != null && alike(t.shape(), p.shape()) ? new Tensor(p.shape(), t.values()) : t);
            if (p != null && !isFinite(t.values())) broken.add(name);
        });
        return new Fit(graph, new Weights(given), broken, true, List.of());
    }

    /** Names and shapes alone, and all of them. */
    static Fit exact(Weights weights, Graph graph) {
        return new Fit(graph, weights, Set.of(), false, List.of());
    }

    private static boolean alike(Shape a, Shape b) {
        return Math.min(a.rank(), b.rank()) == 2
                && Math.max(a.rank(), b.rank()) == 4
                && a.dim(0) == b.dim(0)
                && a.elements() == b.elements();
    }

    private static boolean isFinite(FloatBuffer values) {
        for (int i = 0; i < values.limit(); i++) if (!Float.isFinite(values.get(i))) return false;
        return true;
    }

    /** The names of what only training needs. */
    private static Set<String> auxiliary(Graph graph) {
        Set<String> names = new LinkedHashSet<>();
        if (graph.auxiliaries().isEmpty()) return names;
        names.addAll(graph.parameters().keySet());
        for (Node n : graph.inferenceNodes()) for (Param p : n.params()) names.remove(n.name(p));
        return names;
    }

    // -- what there is --------------------------------------------------------------------------------

    /** How many arrays of the network's state there are. */
    public int matched() {
        return state.size();
    }

    /** All arrays that were fitted, under the network's names where they have such. */
    public Weights given() {
        return given;
    }

    /** How many classes the weights tell apart; 0 where they have no classifier. */
    public int classes() {
        Node head = graph.heads().get(0);
        return head.params().stream()
                .map(p -> given.tensors().get(head.name(p)))
                .filter(Objects::nonNull)
                .mapToInt(t -> t.shape().channels())
                .findFirst()
                .orElse(0);
    }

    public List<Missing> missing() {
        return Collections.unmodifiableList(missing);
    }

    /** Names that the network does not have. */
    public List<String> unexpected() {
        return unexpected;
    }

    public List<OtherShape> otherShapes() {
        return Collections.unmodifiableList(otherShapes);
    }

    /** Names of arrays that would fit, but have values that are not finite. */
    public List<String> notFinite() {
        return Collections.unmodifiableList(notFinite);
    }

    /** Whether {@link #weights} gives a state. */
    public boolean complete() {
        return missing.isEmpty() && unexpected.isEmpty() && otherShapes.isEmpty() && notFinite.isEmpty();
    }

    /** Whether the weights tell another number of classes apart than the network, or have no classifier at all. */
    public boolean otherClasses() {
        return lacks(graph.heads().get(0));
    }

    /**
     * The network's state.
     *
     * @throws WrongUseException with one line on what does not fit
     */
    public Weights weights() {
        if (!complete()) throw new WrongUseException(failure());
        return new Weights(state);
    }

    // -- making it fit --------------------------------------------------------------------------------

    /**
     * This fit with a new head: the layers that make the logits ({@link Graph#heads}) are drawn from {@code seed}, whatever
     * the weights have there, and so are the linear layers right before them that the weights lack.
     */
    public Fit newHead(long seed) {
        Set<Node> anew = new LinkedHashSet<>(graph.heads());
        List<Node> nodes = graph.inferenceNodes();
        // Auxiliary heads that the file lacks wholly are drawn without being asked for.
        if (Collections.disjoint(auxiliary(graph), given.tensors().keySet())) anew.retainAll(nodes);
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node n = nodes.get(i);
            if (n.params().isEmpty() || anew.contains(n)) continue;
            if (!(n.op() instanceof Op.Linear && lacks(n))) break;
            anew.add(n);
        }
        Map<String, Tensor> now = new LinkedHashMap<>(given.tensors());
        Set<String> broken = new HashSet<>(notFinite);
        for (Node n : anew) {
            for (Param p : n.params()) {
                now.put(n.name(p), Weights.drawn(n.name(p), p, seed));
                broken.remove(n.name(p));
            }
        }
        String paths = anew.stream().map(Node::path).collect(Collectors.joining(", "));
        return new Fit(
                graph,
                new Weights(now),
                broken,
                true,
                more("a new head for " + graph.classes() + " classes is drawn: " + paths));
    }

    /** Whether one of its arrays is missing, of another number of outputs, or not finite. */
    private boolean lacks(Node n) {
        return n.params().stream().anyMatch(p -> {
            Tensor t = given.tensors().get(n.name(p));
            return t == null || t.shape().channels() != p.shape().channels() || notFinite.contains(n.name(p));
        });
    }

    /**
     * This fit with filters of the first layer for as many channels as the network's images have: for one channel the sum
     * over those of the weights, for others theirs by turns, so scaled that the sum stays what it was. From 3 channels it
     * is what timm does ({@code adapt_input_conv}); from 1 it is the same rule. Other weights stay as they are.
     */
    public Fit adaptInput() {
        Map<String, Tensor> now = new LinkedHashMap<>(given.tensors());
        List<String> then = words;
        for (OtherShape s : otherShapes) {
            int from = s.found.rank() == 4 ? s.found.dim(1) : 0, to = s.needed.rank() == 4 ? s.needed.dim(1) : 0;
            if (!stems().contains(s.name) || !s.found.equals(withInputs(s.needed, from)) || from != 1 && from != 3)
                continue;
            now.put(s.name, adapted(given.get(s.name), s.needed));
            String how = to == 1 ? "summed" : "taken by turns and scaled by " + from + "/" + to;
            then = more(s.name + " is adapted from " + from + " to " + to + " input channels (" + how + ")");
        }
        return new Fit(graph, new Weights(now), Set.copyOf(notFinite), true, then);
    }

    /** The filters that see the image itself. */
    private Set<String> stems() {
        Set<Node> images = new HashSet<>();
        Set<String> stems = new HashSet<>();
        for (Node n : graph.nodes()) {
            if (n.op() instanceof Op.Input) images.add(n);
            else if (!images.containsAll(n.inputs())) continue;
            else if (n.op() instanceof Op.Conv c && c.groups() == 1) stems.add(n.path() + ".weight");
            else if (n.params().isEmpty()
                    && n.shape().channels() == n.input().shape().channels()) images.add(n);
        }
        return stems;
    }

    private static Shape withInputs(Shape filters, int channels) {
        return channels < 1 || filters.rank() != 4
                ? filters
                : new Shape(filters.dim(0), channels, filters.dim(2), filters.dim(3));
    }

    private static Tensor adapted(Tensor filters, Shape to) {
        int from = filters.shape().dim(1), channels = to.dim(1), area = to.dim(2) * to.dim(3);
        float scale = channels == 1 ? 1 : (float) from / channels;
        FloatBuffer v = filters.values();
        float[] adapted = new float[Math.toIntExact(to.elements())];
        for (int i = 0; i < adapted.length; i++) {
            int out = i / area / channels, channel = i / area % channels, at = i % area;
            int first = out * from * area + at;
            if (channels > 1) adapted[i] = scale * v.get(first + channel % from * area);
            else for (int c = 0; c < from; c++) adapted[i] += v.get(first + c * area);
        }
        return new Tensor(to, adapted);
    }

    private List<String> more(String word) {
        List<String> all = new ArrayList<>(words);
        // What is said of auxiliary heads is said again where it still holds.
        all.removeIf(w -> w.contains("arrays of auxiliary heads"));
        all.add(word);
        return all;
    }

    // -- in words -------------------------------------------------------------------------------------

    /** Several lines for people: what matched, what was done for it, and everything that does not fit. */
    public String report() {
        var lines = new StringJoiner("\n");
        lines.add(graph.name() + ": " + matched() + " of " + graph.parameters().size() + " arrays match");
        words.forEach(w -> lines.add("  " + w));
        list(
                lines,
                "missing",
                missing,
                m -> m.name + " " + m.shape + (m.near.isEmpty() ? "" : ", like " + m.near.get(0)));
        list(
                lines,
                "not of this network",
                unexpected,
                name -> name + " " + given.get(name).shape());
        list(lines, "of another shape", otherShapes, Fit::text);
        list(lines, "with values that are not finite", notFinite, name -> name);
        return lines.toString();
    }

    private static <T> void list(StringJoiner lines, String what, List<T> items, Function<T, String> text) {
        if (items.isEmpty()) return;
        lines.add(items.size() + " " + what + ":");
        items.stream().limit(LISTED).forEach(i -> lines.add("  " + plain(text.apply(i))));
        if (items.size() > LISTED) lines.add("  and " + (items.size() - LISTED) + " more");
    }

    private static String plain(String line) {
        return line.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "?");
    }

    private static String text(OtherShape s) {
        return s.name + " is " + s.found + ", needs " + s.needed;
    }

    /** One line on what does not fit; empty where everything does. */
    String failure() {
        if (complete()) return "";
        String classes = lenient ? otherClassesOnly() : "";
        if (!classes.isEmpty()) return classes;
        List<String> all = new ArrayList<>();
        tell(all, "missing", missing.stream().map(Missing::name).toList());
        tell(all, "not of this network", unexpected);
        tell(all, "of another shape", otherShapes.stream().map(Fit::text).toList());
        tell(all, "with values that are not finite", notFinite);
        missing.stream()
                .filter(m -> !m.near.isEmpty())
                .findFirst()
                .ifPresent(m -> all.add(Header.plain(m.near.get(0)) + " may be " + m.name));
        return "the weights do not fit " + graph.name() + ": " + String.join("; ", all);
    }

    /** What is wrong, where nothing but the number of classes is. */
    private String otherClassesOnly() {
        if (otherShapes.isEmpty() || !missing.isEmpty() || !unexpected.isEmpty() || !notFinite.isEmpty()) return "";
        Set<String> heads = new HashSet<>();
        for (Node n : graph.heads()) for (Param p : n.params()) heads.add(n.name(p));
        for (OtherShape s : otherShapes)
            if (!heads.contains(s.name) || !s.found.withChannels(1).equals(s.needed.withChannels(1))) return "";
        return "the weights are for " + otherShapes.get(0).found.channels() + " classes, " + graph.name() + " is for "
                + graph.classes() + ": it needs a new head";
    }

    private static void tell(List<String> report, String what, List<String> names) {
        if (names.isEmpty()) return;
        String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
        report.add(names.size() + " " + what + " ("
                + names.stream().limit(SHOWN).map(Header::plain).collect(Collectors.joining(", ")) + more + ")");
    }
}
