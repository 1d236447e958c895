package org.convzoo.view;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A picture and those most like it as one HTML page that loads nothing from elsewhere and runs no script.
 * {@code neighbours.html} is its template.
 *
 * @param network the name of the network that compares
 * @param neighbours the most similar first
 */
public record NeighboursPage(String network, Path picture, List<Neighbour> neighbours) {
    /**
     * A picture that is like another.
     *
     * @param place among all that were compared, counted from 0
     * @param similarity the cosine of both pictures' features
     */
    public record Neighbour(Path picture, int place, double similarity) {}

    /** A picture with its similarity and its name. */
    record Sample(Thumbnails.Framed picture, String similarity, String name) {}

    public NeighboursPage {
        neighbours = List.copyOf(neighbours);
    }

    public String html() {
        return Template.filled("neighbours.html", this);
    }

    String style() {
        return Template.text("report.css");
    }

    String name() {
        return picture.toString();
    }

    Thumbnails.Framed own() {
        return Thumbnails.framed(picture);
    }

    List<Sample> samples() {
        return neighbours.stream()
                .map(n -> new Sample(
                        Thumbnails.framed(n.picture()),
                        String.format(Locale.ROOT, "%.3f", n.similarity()),
                        n.picture().toString()))
                .toList();
    }
}
