package org.convzoo.view;

import java.util.Locale;

/**
 * An element of an SVG picture: attributes in the order in which they are set, then what it holds. Text is escaped here
 * and numbers have at most one decimal, so that a picture is small and the same on every machine.
 */
final class Svg {
    private final String name;
    private final StringBuilder attributes = new StringBuilder();
    private final StringBuilder content = new StringBuilder();

    private Svg(String name) {
        this.name = name;
    }

    static Svg of(String element) {
        return new Svg(element);
    }

    /**
     * A picture that is a file of its own, on a ground of the colour {@code --ground}.
     *
     * @param style its style sheet
     */
    static Svg document(double width, double height, String title, String style) {
        Svg svg = of("svg")
                .set("xmlns", "http://www.w3.org/2000/svg")
                .set("viewBox", "0 0 " + number(width) + " " + number(height))
                .set("width", width)
                .set("height", height)
                .titled(title);
        Svg sheet = of("style");
        sheet.content.append(style);
        return svg.add(sheet)
                .add(of("rect").set("width", "100%").set("height", "100%").set("fill", "var(--ground)"));
    }

    /**
     * A picture inside the report, whose style sheet colours it.
     *
     * @param label what is read out to those who do not see it
     */
    static Svg inPage(int width, int height, String label) {
        return of("svg")
                .style("curves")
                .set("viewBox", "0 0 " + width + " " + height)
                .set("role", "img")
                .set("aria-label", label);
    }

    static Svg text(String style, double x, double y, String text) {
        return of("text").style(style).set("x", x).set("y", y).text(text);
    }

    static Svg line(String style, double x1, double y1, double x2, double y2) {
        return of("line").style(style).set("x1", x1).set("y1", y1).set("x2", x2).set("y2", y2);
    }

    static Svg rect(String style, double x, double y, double width, double height) {
        return of("rect")
                .style(style)
                .set("x", x)
                .set("y", y)
                .set("width", width)
                .set("height", height);
    }

    static Svg circle(String style, double x, double y, double radius) {
        return of("circle").style(style).set("cx", x).set("cy", y).set("r", radius);
    }

    /** A group whose origin stands at {@code x}, {@code y} of what holds it. */
    static Svg group(double x, double y) {
        return of("g").set("transform", moved(x, y));
    }

    /** The transformation that moves an element there. */
    static String moved(double x, double y) {
        return "translate(" + number(x) + " " + number(y) + ")";
    }

    /** {@code 12}, {@code 12.5}. */
    static String number(double d) {
        return String.format(Locale.ROOT, "%.1f", d).replaceAll("\\.0$", "");
    }

    /** Sets the classes of the style sheet, which may be none. */
    Svg style(String classes) {
        return classes.isEmpty() ? this : set("class", classes);
    }

    Svg set(String attribute, String value) {
        attributes
                .append(' ')
                .append(attribute)
                .append("=\"")
                .append(Html.escape(value))
                .append('"');
        return this;
    }

    Svg set(String attribute, double value) {
        return set(attribute, number(value));
    }

    Svg text(String text) {
        content.append(Html.escape(text));
        return this;
    }

    /** Adds what browsers tell of the element under the pointer. */
    Svg titled(String title) {
        content.append("<title>").append(Html.escape(title)).append("</title>");
        return this;
    }

    /** Adds an element as it is now. */
    Svg add(Svg element) {
        content.append(element);
        return this;
    }

    /** The element, its end ends the line. */
    @Override
    public String toString() {
        return "<" + name + attributes + (content.isEmpty() ? "/>\n" : ">" + content + "</" + name + ">\n");
    }
}
