package org.convzoo.engine;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.convzoo.failure.Near;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Param;
import org.jspecify.annotations.Nullable;

/**
 * Parameters that learn otherwise than the rest of a network, or not at all: PyTorch's parameter groups. A group that is
 * not trainable freezes what it names: no step moves such parameters, and a batch norm whose running statistics it names
 * keeps them, and normalises by them in training, too. In a group that is trainable, running statistics move as always.
 *
 * @param names of parameters and running statistics, as {@link Graph#parameters} has them
 * @param rate what the learning rate of each step is multiplied with
 * @param decay what the {@linkplain Optimizer#decay decay's} rate is multiplied with, where parameters decay at all
 * @param trainable whether the parameters learn
 */
public record ParameterGroup(Set<String> names, double rate, double decay, boolean trainable) {
    public ParameterGroup {
        names = Collections.unmodifiableSet(new LinkedHashSet<>(names));
        check("learning rate", rate);
        check("weight decay", decay);
    }

    private static void check(String of, double factor) {
        if (!(factor >= 0 && Double.isFinite(factor)))
            throw new IllegalArgumentException(
                    "a group's factor of the " + of + " is a number from 0 on, got " + factor);
    }

    /** Parameters with factors of their own for the learning rate and the weight decay. */
    public static ParameterGroup learning(Collection<String> names, double rate, double decay) {
        return new ParameterGroup(new LinkedHashSet<>(names), rate, decay, true);
    }

    /** Parameters and running statistics that stay as they are. */
    public static ParameterGroup frozen(Collection<String> names) {
        return new ParameterGroup(new LinkedHashSet<>(names), 1, 1, false);
    }

    /**
     * The parameters and running statistics of {@code graph} that {@code pattern} means, in their order. In a pattern
     * {@code *} stands for any characters, dots as well, and {@code ?} for one; it means all names that match it, and all
     * in the scopes that match it: {@code layer1} and {@code layer1.*} are the same, {@code *.running_*} are all running
     * statistics.
     *
     * @throws WrongUseException with near names if the pattern means nothing
     */
    public static Set<String> matching(Graph graph, String pattern) {
        Pattern p = Pattern.compile(pattern.chars()
                .mapToObj(c -> c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(Character.toString(c)))
                .collect(Collectors.joining("", "(", ")(\\..*)?")));
        Set<String> all = graph.parameters().keySet();
        Set<String> meant = all.stream()
                .filter(name -> p.matcher(name).matches())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (meant.isEmpty())
            throw new WrongUseException("no parameter of " + graph.name() + " is named '" + pattern + "'; near are "
                    + String.join(", ", Near.names(pattern.replace("*", "").replace("?", ""), all)));
        return Collections.unmodifiableSet(meant);
    }

    /** What any of some patterns means. Throws as {@link #matching} does. */
    public static Set<String> matchingAny(Graph graph, Collection<String> patterns) {
        Set<String> meant = new LinkedHashSet<>();
        for (String pattern : patterns) meant.addAll(matching(graph, pattern));
        return meant;
    }

    /**
     * Throws {@link IllegalArgumentException} with one line unless the groups fit together and fit {@code graph}: each
     * name is one of its own and in one group only, both running statistics of a batch norm are frozen or none, and
     * something learns.
     */
    static void check(List<ParameterGroup> groups, Graph graph) {
        Map<String, Param> all = graph.parameters();
        Map<String, ParameterGroup> of = new HashMap<>();
        for (ParameterGroup g : groups) {
            for (String name : g.names) {
                if (!all.containsKey(name))
                    throw new IllegalArgumentException(graph.name() + " has no parameter named '" + name
                            + "', which a group holds; near are " + String.join(", ", Near.names(name, all.keySet())));
                if (of.put(name, g) != null)
                    throw new IllegalArgumentException("two groups of parameters hold " + name);
            }
        }
        for (Node n : graph.nodes()) {
            if (!(n.op() instanceof Op.BatchNorm)) continue;
            String mean = n.path() + ".running_mean", variance = n.path() + ".running_var";
            if (isFrozen(of.get(mean)) != isFrozen(of.get(variance)))
                throw new IllegalArgumentException("a group that is not trainable holds one of " + mean + " and "
                        + variance + "; both stay as they are, or neither");
        }
        boolean learns = all.isEmpty()
                || all.entrySet().stream().anyMatch(e -> e.getValue().trainable() && !isFrozen(of.get(e.getKey())));
        if (!learns)
            throw new IllegalArgumentException(
                    "all parameters of " + graph.name() + " are frozen: nothing would learn");
    }

    private static boolean isFrozen(@Nullable ParameterGroup group) {
        return group != null && !group.trainable;
    }
}
