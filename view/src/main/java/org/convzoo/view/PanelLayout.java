package org.convzoo.view;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.convzoo.view.Diagram.Box;
import org.convzoo.view.Diagram.Edge;
import org.convzoo.view.Diagram.Panel;
import org.eclipse.elk.alg.layered.options.LayeredMetaDataProvider;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.alg.layered.options.NodePlacementStrategy;
import org.eclipse.elk.alg.layered.options.OrderingStrategy;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.math.KVector;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.HierarchyHandling;
import org.eclipse.elk.core.options.SizeConstraint;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/**
 * A panel of a figure as ELK lays it out.
 *
 * @param name the kind of block in lines
 * @param heading where such blocks stand and their strides, in lines
 * @param line how wide a line in a box may be
 * @param boxes the boxes and arrows, relative to the panel's inside
 * @param nodes the layout's node of each box
 * @param scale what it is shrunk by, at most 1
 * @param width in pixels, shrunk, as {@code height} is
 */
record PanelLayout(
        Panel panel,
        List<String> name,
        List<String> heading,
        double line,
        ElkNode boxes,
        List<ElkNode> nodes,
        double scale,
        double width,
        double height) {
    /** The space inside a panel's frame. */
    static final double PAD = 14;

    static final String EXCITATION = "squeeze-and-excite";

    /** How wide the lines of a box may be, one after the other until a panel is narrow enough. */
    private static final double[] LINES = {Double.MAX_VALUE, 170, 110};

    /**
     * All panels, the first as it is, the others narrow enough to stand beside it, or else in {@code room}. What is
     * wider than that is shrunk to it, though to no less than {@code smallest}.
     */
    static List<PanelLayout> of(List<Panel> panels, double room, double smallest) {
        List<PanelLayout> all = new ArrayList<>();
        for (Panel panel : panels) {
            double beside = all.isEmpty() ? room : room - all.get(0).width - DiagramSvg.GAP;
            all.add(narrow(panel, room, beside));
        }
        return all.stream().map(p -> p.shrunk(room, smallest)).toList();
    }

    private static PanelLayout narrow(Panel panel, double room, double beside) {
        List<PanelLayout> tried = new ArrayList<>();
        for (double line : LINES) {
            PanelLayout layout = of(panel, room, line);
            if (layout.width <= beside) return layout;
            tried.add(layout);
        }
        return tried.stream().filter(p -> p.width <= room).findFirst().orElse(tried.get(tried.size() - 1));
    }

    private PanelLayout shrunk(double room, double smallest) {
        double by = Math.max(smallest, Math.min(1, room / width));
        return new PanelLayout(panel, name, heading, line, boxes, nodes, by, by * width, by * height);
    }

    /** Where the boxes begin, below name and heading. */
    double top() {
        return PAD + (panel.mark().isEmpty() ? 0 : 12 + 16 * name.size() + 14 * heading.size());
    }

    private static PanelLayout of(Panel panel, double space, double line) {
        ElkNode root = root();
        List<ElkNode> nodes = nodes(panel, root, line);
        for (Edge e : panel.edges()) ElkGraphUtil.createSimpleEdge(nodes.get(e.from()), nodes.get(e.to()));
        new RecursiveGraphLayoutEngine().layout(root, new BasicProgressMonitor());
        double room = Math.min(Math.max(root.getWidth(), 230), space - 2 * PAD);
        List<String> name = panel.name().isEmpty()
                ? List.of()
                : Lettering.lines(List.of(panel.name().split(" ")), " ", 1.08 * Lettering.FONT, room - 26);
        List<String> heading = new ArrayList<>(Lettering.lines(panel.places(), room));
        panel.strides().forEach(s -> heading.addAll(Lettering.lines(List.of(s.split(", ")), room)));
        double words = Math.max(
                Lettering.widest(heading),
                name.stream()
                        .mapToDouble(l -> 1.08 * Lettering.wide(l, Lettering.FONT) + 26)
                        .max()
                        .orElse(0));
        double width = Math.max(root.getWidth(), words) + 2 * PAD;
        var bare = new PanelLayout(panel, name, heading, line, root, nodes, 1, width, 0);
        double height = bare.top() + root.getHeight() + PAD;
        return new PanelLayout(panel, name, heading, line, root, nodes, 1, width, height);
    }

    private static ElkNode root() {
        LayoutMetaDataService.getInstance().registerLayoutMetaDataProviders(new LayeredMetaDataProvider());
        ElkNode root = ElkGraphUtil.createGraph();
        root.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID);
        settings(root);
        root.setProperty(CoreOptions.HIERARCHY_HANDLING, HierarchyHandling.INCLUDE_CHILDREN);
        return root;
    }

    /** A node for each box, inside a frame where it belongs to a squeeze-and-excitation. */
    private static List<ElkNode> nodes(Panel panel, ElkNode root, double line) {
        Map<Integer, ElkNode> frames = new HashMap<>();
        for (List<Integer> excitation : panel.excitations()) {
            ElkNode frame = ElkGraphUtil.createNode(root);
            frame.setProperty(CoreOptions.PADDING, new ElkPadding(10, 28, 10, 10));
            frame.setProperty(CoreOptions.NODE_SIZE_CONSTRAINTS, EnumSet.of(SizeConstraint.MINIMUM_SIZE));
            double tall = Lettering.wide(EXCITATION, Lettering.SMALL) + 16;
            frame.setProperty(CoreOptions.NODE_SIZE_MINIMUM, new KVector(0, tall));
            settings(frame);
            excitation.forEach(b -> frames.put(b, frame));
        }
        List<ElkNode> nodes = new ArrayList<>();
        for (int b = 0; b < panel.boxes().size(); b++) {
            Box box = panel.boxes().get(b);
            ElkNode node = ElkGraphUtil.createNode(frames.getOrDefault(b, root));
            BoxText text = BoxText.of(box, line);
            node.setWidth(text.width());
            node.setHeight(text.height());
            nodes.add(node);
        }
        return nodes;
    }

    private static void settings(ElkNode node) {
        node.setProperty(LayeredOptions.DIRECTION, Direction.DOWN);
        node.setProperty(LayeredOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
        node.setProperty(LayeredOptions.NODE_PLACEMENT_STRATEGY, NodePlacementStrategy.NETWORK_SIMPLEX);
        node.setProperty(LayeredOptions.CONSIDER_MODEL_ORDER_STRATEGY, OrderingStrategy.NODES_AND_EDGES);
        node.setProperty(LayeredOptions.SPACING_NODE_NODE, 18.0);
        node.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 20.0);
        node.setProperty(LayeredOptions.SPACING_EDGE_NODE, 12.0);
        node.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, 10.0);
        node.setProperty(LayeredOptions.SPACING_EDGE_EDGE_BETWEEN_LAYERS, 8.0);
    }
}
