package org.convzoo.view;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.convzoo.view.Diagram.Box;
import org.convzoo.view.Diagram.Panel;
import org.convzoo.view.Drawn.Form;

/**
 * What the colours and the signs of a figure mean, of those that occur in it.
 *
 * @param height in pixels, with the space below
 */
record DiagramLegend(List<Svg> entries, double height) {
    private static final double ROW = 22, BELOW = 36;

    /** The legend in rows of at most {@code room} pixels. */
    static DiagramLegend of(List<Panel> panels, double room) {
        Set<Form> forms = EnumSet.noneOf(Form.class);
        panels.forEach(p -> p.boxes().forEach(b -> forms.add(b.form())));
        forms.remove(Form.INPUT);
        List<Svg> entries = new ArrayList<>();
        double x = 0, y = 0;
        for (Form form : forms) {
            double w = Lettering.wide(form.text(), Lettering.SMALL) + 44;
            if (x > 0 && x + w > room) {
                x = 0;
                y += ROW;
            }
            entries.add(DiagramSvg.rect(form, x, y, 22, 14));
            entries.add(Svg.text("s l", x + 28, y + 11, form.text()));
            x += w;
        }
        for (String note : notes(panels)) {
            double w = Lettering.wide(note, Lettering.SMALL) + 16;
            if (x > 0 && x + w > room) {
                x = 0;
                y += ROW;
            }
            entries.add(Svg.text("s l", x, y + 11, note));
            x += w;
        }
        return new DiagramLegend(entries, y + BELOW);
    }

    Svg svg(double x, double y) {
        Svg group = Svg.group(x, y);
        entries.forEach(group::add);
        return group;
    }

    /** What the signs mean that occur. */
    private static List<String> notes(List<Panel> panels) {
        List<String> notes = new ArrayList<>();
        if (any(panels, b -> b.times() > 1)) notes.add("×N: N in a row");
        if (any(panels, b -> b.text().contains(" / "))) notes.add("64 / 128: not the same in all of these blocks");
        if (any(panels, b -> b.mark().isEmpty() && b.text().matches(".*\\d–\\d.*")))
            notes.add("16–96: from 16 to 96, more than four numbers");
        if (panels.stream().anyMatch(p -> p.places().stream().anyMatch(r -> r.contains("–"))))
            notes.add("layer1.1–3: from layer1.1 to layer1.3");
        return notes;
    }

    private static boolean any(List<Panel> panels, Predicate<Box> of) {
        return panels.stream().anyMatch(p -> p.boxes().stream().anyMatch(of));
    }
}
