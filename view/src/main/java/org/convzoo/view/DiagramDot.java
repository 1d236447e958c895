package org.convzoo.view;

import org.convzoo.view.Diagram.Box;
import org.convzoo.view.Diagram.Edge;
import org.convzoo.view.Diagram.Panel;

/** A {@link Diagram} in the language of Graphviz, a cluster for each panel. */
final class DiagramDot {
    private DiagramDot() {}

    static String of(Diagram diagram) {
        var dot = new StringBuilder(
                "digraph convzoo {\n  label=" + quoted(diagram.title()) + "; labelloc=t; fontname=sans;\n"
                        + "  node [shape=box, style=rounded, fontname=sans, fontsize=11]; edge [arrowsize=0.6];\n");
        for (int p = 0; p < diagram.panels().size(); p++) {
            Panel panel = diagram.panels().get(p);
            dot.append("  subgraph cluster_").append(p).append(" {\n    label=");
            dot.append(quoted(
                            p == 0
                                    ? ""
                                    : panel.mark() + ": " + panel.name() + "\n" + String.join(", ", panel.places())))
                    .append(";\n");
            for (int b = 0; b < panel.boxes().size(); b++) {
                Box box = panel.boxes().get(b);
                String label = (box.mark() + " " + box.text()).strip()
                        + (box.times() > 1 ? " (" + box.times() + " times)" : "")
                        + (box.small().isEmpty() ? "" : "\n" + box.small());
                dot.append("    n%s_%s [label=%s];\n".formatted(p, b, quoted(label)));
            }
            for (Edge e : panel.edges()) dot.append("    n%s_%s -> n%s_%s;\n".formatted(p, e.from(), p, e.to()));
            dot.append("  }\n");
        }
        return dot.append("}\n").toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
