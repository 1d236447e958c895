package org.convzoo.view;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the panels of a figure stand.
 *
 * @param places the left upper corner of each, in pixels
 */
record Arrangement(List<Place> places, double width, double height) {
    private static final double GAP = DiagramSvg.GAP, NEARLY = 1e-9;

    record Place(double x, double y) {}

    /**
     * In a width of at most {@code room}, or of the widest panel: of all widths the one that wastes least and comes near
     * to a square, which fits pages and screens.
     */
    static Arrangement of(List<PanelLayout> panels, double room) {
        double widest = panels.stream().mapToDouble(PanelLayout::width).max().orElse(0);
        Arrangement best = inWidth(panels, widest);
        double least = Double.MAX_VALUE;
        for (double width = widest; width <= room + NEARLY; width += (room - widest) / 24 + 1e-6) {
            Arrangement a = inWidth(panels, width);
            double off = Math.abs(Math.log(a.width / a.height)) + Math.log(a.width * a.height) / 2;
            if (off > least - NEARLY) continue;
            least = off;
            best = a;
        }
        return best;
    }

    /** The overview in the left upper corner, each other panel as high as it fits in that width, then as far left. */
    private static Arrangement inWidth(List<PanelLayout> panels, double width) {
        List<Place> places = new ArrayList<>(List.of(new Place(0, 0)));
        for (PanelLayout p : panels.subList(1, panels.size())) {
            List<Double> xs = new ArrayList<>(List.of(0.0)), ys = new ArrayList<>(List.of(0.0));
            for (int i = 0; i < places.size(); i++) {
                xs.add(places.get(i).x + panels.get(i).width() + GAP);
                ys.add(places.get(i).y + panels.get(i).height() + GAP);
            }
            Place found = new Place(0, Double.MAX_VALUE);
            for (double y : ys) {
                for (double x : xs) {
                    boolean earlier = y < found.y || y == found.y && x < found.x;
                    if (earlier && x + p.width() <= width + NEARLY && free(panels, places, p, x, y))
                        found = new Place(x, y);
                }
            }
            places.add(found);
        }
        double right = 0, bottom = 0;
        for (int i = 0; i < places.size(); i++) {
            right = Math.max(right, places.get(i).x + panels.get(i).width());
            bottom = Math.max(bottom, places.get(i).y + panels.get(i).height());
        }
        return new Arrangement(places, right, bottom);
    }

    private static boolean free(List<PanelLayout> panels, List<Place> places, PanelLayout p, double x, double y) {
        for (int i = 0; i < places.size(); i++) {
            PanelLayout q = panels.get(i);
            Place o = places.get(i);
            if (x < o.x + q.width() + GAP - NEARLY
                    && o.x < x + p.width() + GAP - NEARLY
                    && y < o.y + q.height() + GAP - NEARLY
                    && o.y < y + p.height() + GAP - NEARLY) return false;
        }
        return true;
    }
}
