package org.convzoo.view;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;

/**
 * Divides a network into its blocks, such as a bottleneck or an inception module, and the layers between them. A block
 * is the outermost scope that branches once at most and is no sequence of blocks; a scope that does not branch is one
 * only where its kind recurs or blocks stand beside it. A sum or concatenation of a block with its own input belongs to it (dense connections).
 */
final class Blocks {
    /** A block, or one layer on its own. Two blocks are of one kind when they differ in numbers only. */
    record Unit(String path, List<Node> nodes) {
        boolean block() {
            return nodes.size() > 1;
        }

        String parent() {
            return path.substring(0, Math.max(0, path.lastIndexOf('.')));
        }

        Node last() {
            return nodes.get(nodes.size() - 1);
        }

        /** The values from outside that it reads, each once. */
        List<Node> sources() {
            return nodes.stream()
                    .flatMap(n -> n.inputs().stream())
                    .filter(n -> !nodes.contains(n))
                    .distinct()
                    .toList();
        }

        /** What it computes, each layer by {@code word}, and how its layers are wired. */
        String wiring(Function<Node, String> word) {
            List<Node> known = new ArrayList<>(sources());
            known.addAll(nodes);
            Map<Node, Integer> at = new HashMap<>();
            for (Node n : known) at.put(n, at.size());
            return nodes.stream()
                    .map(n -> word.apply(n) + n.inputs().stream().map(at::get).toList())
                    .collect(Collectors.joining(" "));
        }

        String kind() {
            return wiring(n -> Drawn.of(n).kind());
        }
    }

    private final Map<Node, List<Node>> consumers = new HashMap<>();
    private final List<Unit> units = new ArrayList<>();

    private Blocks() {}

    /** The units of {@code nodes}, which stand in execution order. */
    static List<Unit> of(List<Node> nodes) {
        Blocks blocks = new Blocks();
        for (Node n : nodes)
            for (Node in : n.inputs())
                blocks.consumers.computeIfAbsent(in, x -> new ArrayList<>()).add(n);
        blocks.split(0, nodes);
        return blocks.dissolved(blocks.joined());
    }

    private void split(int scope, List<Node> nodes) {
        for (int i = 0; i < nodes.size(); ) {
            String name = child(nodes.get(i), scope);
            int end = i + 1;
            if (!name.isEmpty())
                while (end < nodes.size() && child(nodes.get(end), scope).equals(name)) end++;
            List<Node> run = nodes.subList(i, end);
            if (name.isEmpty()) units.add(new Unit(run.get(0).path(), run));
            else if (isBlock(name, run)) units.add(new Unit(name, run));
            else split(name.length() + 1, run);
            i = end;
        }
    }

    /** The scope below the one whose name with its dot is {@code scope} long; empty for a layer that stands there. */
    private static String child(Node n, int scope) {
        int dot = n.path().indexOf('.', scope);
        return dot < 0 ? "" : n.path().substring(0, dot);
    }

    private boolean isBlock(String name, List<Node> nodes) {
        if (work(nodes) < 2) return false;
        int[] live = live(nodes);
        int branchings = 0, serial = 0;
        boolean open = false;
        for (int i = 0; i < nodes.size(); i++) {
            open |= nodes.get(i).inputs().size() > 1;
            if (live[i] > 1) continue;
            if (open) branchings++;
            open = false;
        }
        for (int i = 0; i < nodes.size(); ) {
            String part = child(nodes.get(i), name.length() + 1);
            int end = i + 1;
            while (end < nodes.size()
                    && child(nodes.get(end), name.length() + 1).equals(part)) end++;
            boolean alone = (i == 0 || live[i - 1] == 1) && live[end - 1] == 1;
            if (!part.isEmpty() && alone && work(nodes.subList(i, end)) > 1) serial++;
            i = end;
        }
        return serial < 2 && (branchings == 1 || branchings == 0 && Character.isDigit(name.charAt(name.length() - 1)));
    }

    private static long work(List<Node> nodes) {
        return nodes.stream()
                .filter(n -> n.op() instanceof Op.Conv || n.op() instanceof Op.Linear)
                .count();
    }

    /** How many values wait for a later layer or for the outside, after each of {@code nodes}. */
    private int[] live(List<Node> nodes) {
        Map<Node, Integer> at = new HashMap<>(), last = new HashMap<>();
        for (Node n : nodes) {
            at.put(n, at.size());
            for (Node in : n.inputs()) last.put(in, at.get(n));
        }
        int[] live = new int[nodes.size()];
        for (Node n : nodes)
            if (consumers.getOrDefault(n, List.of()).stream().anyMatch(c -> !at.containsKey(c))
                    || !consumers.containsKey(n)) last.put(n, nodes.size());
        last.forEach((value, end) -> {
            for (int i = at.getOrDefault(value, 0); i < end; i++) live[i]++;
        });
        return live;
    }

    private List<Unit> joined() {
        List<Unit> joined = new ArrayList<>();
        for (Unit u : units) {
            Unit before = joined.isEmpty() ? u : joined.get(joined.size() - 1);
            if (before.block() && u.nodes().size() == 1 && u.last().inputs().size() == 2) {
                Set<Node> both = new HashSet<>(before.sources());
                both.add(before.last());
                if (both.size() == 2 && both.equals(new HashSet<>(u.last().inputs()))) {
                    List<Node> nodes = new ArrayList<>(before.nodes());
                    nodes.add(u.last());
                    joined.set(joined.size() - 1, new Unit(before.path(), nodes));
                    continue;
                }
            }
            joined.add(u);
        }
        return joined;
    }

    private List<Unit> dissolved(List<Unit> all) {
        Map<String, Long> often =
                all.stream().filter(Unit::block).collect(Collectors.groupingBy(Unit::kind, Collectors.counting()));
        Map<String, Long> beside =
                all.stream().filter(Unit::block).collect(Collectors.groupingBy(Unit::parent, Collectors.counting()));
        List<Unit> kept = new ArrayList<>();
        for (Unit u : all) {
            boolean branches = u.nodes().stream().anyMatch(n -> n.inputs().size() > 1);
            if (u.block()
                    && !branches
                    && Objects.equals(often.get(u.kind()), 1L)
                    && Objects.equals(beside.get(u.parent()), 1L))
                u.nodes().forEach(n -> kept.add(new Unit(n.path(), List.of(n))));
            else kept.add(u);
        }
        return kept;
    }
}
