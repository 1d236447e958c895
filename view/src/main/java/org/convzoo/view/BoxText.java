package org.convzoo.view;

import java.util.List;
import org.convzoo.view.Diagram.Box;

/** A box's text and small text in lines. */
record BoxText(Box box, List<String> text, List<String> small) {
    /** The box's text in lines of at most {@code room} pixels. */
    static BoxText of(Box box, double room) {
        String between = room < 150 ? " " : ", ";
        return new BoxText(
                box,
                Lettering.lines(List.of(box.text().split(between)), between, Lettering.FONT, room),
                Lettering.lines(List.of(box.small().split(between)), between, Lettering.SMALL, room));
    }

    double height() {
        return 27 + 16 * (text.size() - 1) + 14 * small.size();
    }

    /** The width of the box with what stands beside it. */
    double width() {
        double widest = text.stream()
                .mapToDouble(t -> Lettering.wide(t, Lettering.FONT))
                .max()
                .orElse(0);
        double marked = widest + (box.mark().isEmpty() ? 0 : 28);
        return Math.max(Math.max(marked, Lettering.widest(small)) + 22, 46) + 2 * side();
    }

    /** The space for the count, beside a box on both sides so that the box stays in the middle. */
    double side() {
        return box.times() > 1 ? Lettering.wide("×" + box.times(), Lettering.FONT) + 8 : 0;
    }
}
