package org.convzoo.classify;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.convzoo.graph.Filters;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Init;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Param;
import org.convzoo.graph.Shape;
import org.convzoo.graph.Window;
import org.convzoo.json.Field;
import org.convzoo.json.FieldException;

/**
 * Networks as JSON: {@code name}, the shape {@code input}, {@code nodes}, the number of the {@code output} node, and
 * {@code auxiliaries}. Node 0 is the image and is not listed. A node has its {@code path}, its {@code op} with the
 * values of that, and {@code from}, the numbers of its inputs, which stand before it; without {@code from} it is the
 * node before. Of a window only what departs from the plain one is said. Shapes follow from all that. Numbers are
 * written so that they are read back to the bit; how a parameter starts is written as what its rule came to, such as
 * {@code ["uniform", 0.125]}.
 */
final class GraphJson {
    private static final int LONGEST_NAME = 500;

    private static final Map<String, Op.Activation> ACTIVATIONS =
            Stream.of(Op.Activation.values()).collect(Collectors.toMap(Op.Activation::kind, Function.identity()));

    private GraphJson() {}

    static ObjectNode write(Graph graph) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", graph.name());
        ArrayNode input = json.putArray("input");
        for (int d : graph.input().shape().dims()) input.add(d);
        ArrayNode nodes = json.putArray("nodes");
        for (Node n : graph.nodes().subList(1, graph.nodes().size())) {
            ObjectNode node = nodes.addObject().put("path", n.path());
            n.op().accept(new Writer(node), n);
            if (n.inputs().size() != 1 || n.input().id() != n.id() - 1) {
                ArrayNode from = node.putArray("from");
                n.inputs().forEach(i -> from.add(i.id()));
            }
        }
        json.put("output", graph.output().id());
        if (!graph.auxiliaries().isEmpty()) {
            ArrayNode auxiliaries = json.putArray("auxiliaries");
            for (Graph.Auxiliary a : graph.auxiliaries())
                auxiliaries
                        .addObject()
                        .put("name", a.name())
                        .put("weight", a.weight())
                        .put("output", a.output().id());
        }
        return json;
    }

    /** Reads what {@link #write} wrote. Throws {@link IllegalArgumentException} with one line for all else. */
    static Graph read(Field json) {
        Shape input = shape(json.at("input"));
        requireName(json.at("name"));
        Graph.Builder graph = new Graph.Builder(json.at("name").text(), input);
        List<Node> nodes = new ArrayList<>(List.of(graph.input()));
        for (Field n : json.at("nodes").list()) {
            requireName(n.at("path"));
            List<Node> from = n.at("from").present()
                    ? n.at("from").list().stream().map(i -> node(i, nodes)).toList()
                    : List.of(nodes.get(nodes.size() - 1));
            Op op = op(n);
            try {
                nodes.add(graph.add(n.at("path").text(), op, from));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(n.place() + " does not fit: " + e.getMessage(), e);
            }
        }
        List<String> heads = new ArrayList<>();
        for (Field a : json.at("auxiliaries").optionalList()) {
            requireName(a.at("name"));
            String name = a.at("name").text();
            if (heads.contains(name)) throw a.at("name").not("a name of its own");
            heads.add(name);
            graph.auxiliary(name, a.at("weight").number(), node(a.at("output"), nodes));
        }
        return graph.build(node(json.at("output"), nodes));
    }

    /** Names stand in messages, which are one line. */
    private static void requireName(Field name) {
        if (name.text().isBlank()
                || name.text().length() > LONGEST_NAME
                || name.text().chars().anyMatch(Character::isISOControl))
            throw name.not("a name of 1 to " + LONGEST_NAME + " characters");
    }

    static Shape shape(Field json) {
        int sizes = json.list().size();
        if (sizes != 1 && sizes != 3) throw json.not("a shape of 1 or 3 sizes");
        return json.shape();
    }

    private static Node node(Field number, List<Node> nodes) {
        return nodes.get((int) number.integer(0, nodes.size() - 1L));
    }

    private static Op op(Field n) {
        Field kind = n.at("op");
        Op.Activation activation = ACTIVATIONS.get(kind.text());
        if (activation != null) return activation;
        try {
            return switch (kind.text()) {
                case "conv" -> {
                    int groups = n.at("groups").present() ? n.at("groups").count() : 1;
                    boolean biased = n.at("bias").present();
                    yield new Op.Conv(
                            n.at("out").count(),
                            new Filters(window(n), groups, biased),
                            rule(n.at("weight")),
                            biased ? rule(n.at("bias")) : Init.Rule.ZERO);
                }
                case "batch_norm" ->
                    new Op.BatchNorm(n.at("eps").number(), n.at("momentum").number(), rule(n.at("weight")));
                case "linear" -> {
                    boolean biased = n.at("bias").present();
                    Init.Rule bias = biased ? rule(n.at("bias")) : Init.Rule.ZERO;
                    yield new Op.Linear(n.at("out").count(), biased, rule(n.at("weight")), bias);
                }
                case "max_pool" -> new Op.MaxPool(window(n));
                case "avg_pool" ->
                    new Op.AvgPool(window(n), n.at("count_padding").truth());
                case "adaptive_avg_pool" ->
                    new Op.AdaptiveAvgPool(n.at("height").count(), n.at("width").count());
                case "local_response_norm" ->
                    new Op.LocalResponseNorm(
                            n.at("size").count(),
                            n.at("alpha").number(),
                            n.at("beta").number(),
                            n.at("k").number());
                case "flatten" -> new Op.Flatten();
                case "softmax" -> new Op.Softmax(n.at("ways").count());
                case "dropout" -> new Op.Dropout(n.at("p").number());
                case "drop_path" -> new Op.DropPath(n.at("p").number());
                case "slice" ->
                    new Op.Slice(
                            (int) n.at("begin").integer(0, Integer.MAX_VALUE),
                            n.at("end").count());
                case "shuffle" -> new Op.Shuffle(n.at("groups").count());
                case "pad_channels" -> new Op.PadChannels(n.at("channels").count());
                case "multiply" -> new Op.Multiply(n.at("factor").number());
                case "add" -> new Op.Add();
                case "scale" -> new Op.Scale();
                case "concat" -> new Op.Concat();
                default -> throw kind.not("an op that this version knows");
            };
        } catch (FieldException e) {
            throw e; // names its place itself
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(n.place() + ": " + e.getMessage(), e);
        }
    }

    private static Window window(Field n) {
        int[] kernel = pair(n.at("kernel"), 1);
        Window w = Window.k(kernel[0], kernel[1]);
        if (n.at("stride").present()) {
            int[] stride = pair(n.at("stride"), 1);
            w = w.stride(stride[0], stride[1]);
        }
        if (n.at("dilation").present()) {
            int[] dilation = pair(n.at("dilation"), 1);
            w = w.dilation(dilation[0], dilation[1]);
        }
        if (n.at("ceil").present() && n.at("ceil").truth()) w = w.ceilMode();
        Field pad = n.at("pad");
        if (!pad.present()) return w;
        if (pad.json().isTextual() && pad.text().equals("same")) return w.padSame();
        int[] both = pair(pad, 0);
        return w.pad(both[0], both[1]);
    }

    private static int[] pair(Field json, int least) {
        int[] both = json.list().stream()
                .mapToInt(i -> (int) i.integer(least, Integer.MAX_VALUE))
                .toArray();
        if (both.length != 2) throw json.not("a pair of numbers");
        return both;
    }

    private static Init.Rule rule(Field json) {
        List<Field> parts = json.list();
        if (parts.isEmpty()) throw json.not("how a parameter starts");
        String kind = parts.get(0).text();
        if (parts.size() != (kind.equals("truncated_normal") ? 3 : 2)) throw json.not("how a parameter starts");
        double value = parts.get(1).number();
        return new Init.Rule.Always(
                switch (kind) {
                    case "constant" -> new Init.Constant(value);
                    case "uniform" -> new Init.Uniform(value);
                    case "normal" -> new Init.Normal(value);
                    case "truncated_normal" ->
                        new Init.TruncatedNormal(value, parts.get(2).number());
                    default -> throw json.not("how a parameter starts");
                });
    }

    /** Puts an op with its values into the JSON of its node. */
    private record Writer(ObjectNode json) implements Op.Visitor<ObjectNode> {
        private ObjectNode op(String kind) {
            return json.put("op", kind);
        }

        private ObjectNode window(String kind, Window w) {
            op(kind);
            pair("kernel", w.kh(), w.kw());
            Window plain = Window.k(w.kh(), w.kw());
            if (w.sh() != 1 || w.sw() != 1) pair("stride", w.sh(), w.sw());
            if (w.same()) json.put("pad", "same");
            else if (w.ph() != plain.ph() || w.pw() != plain.pw()) pair("pad", w.ph(), w.pw());
            if (w.dh() != 1 || w.dw() != 1) pair("dilation", w.dh(), w.dw());
            if (w.ceil()) json.put("ceil", true);
            return json;
        }

        private void pair(String name, int a, int b) {
            json.putArray(name).add(a).add(b);
        }

        /** How each parameter that learns starts, but for those that the op itself decides. */
        private ObjectNode starts(Node n, String... names) {
            for (Param p : n.params()) {
                if (!List.of(names).contains(p.name())) continue;
                ArrayNode start = json.putArray(p.name());
                Init init = p.init();
                if (init instanceof Init.Constant c) start.add("constant").add(c.value());
                else if (init instanceof Init.Uniform u) start.add("uniform").add(u.bound());
                else if (init instanceof Init.Normal d) start.add("normal").add(d.std());
                else if (init instanceof Init.TruncatedNormal t)
                    start.add("truncated_normal").add(t.std()).add(t.limit());
            }
            return json;
        }

        @Override
        public ObjectNode input(Node n, Op.Input op) {
            throw new IllegalStateException("only the first node is an image");
        }

        @Override
        public ObjectNode conv(Node n, Op.Conv op) {
            window("conv", op.w());
            if (op.groups() != 1) json.put("groups", op.groups());
            json.put("out", op.out());
            return starts(n, "weight", "bias");
        }

        @Override
        public ObjectNode batchNorm(Node n, Op.BatchNorm op) {
            op("batch_norm").put("eps", op.eps()).put("momentum", op.momentum());
            return starts(n, "weight");
        }

        @Override
        public ObjectNode linear(Node n, Op.Linear op) {
            op("linear").put("out", op.out());
            return starts(n, "weight", "bias");
        }

        @Override
        public ObjectNode activation(Node n, Op.Activation op) {
            return op(op.kind());
        }

        @Override
        public ObjectNode maxPool(Node n, Op.MaxPool op) {
            return window("max_pool", op.w());
        }

        @Override
        public ObjectNode avgPool(Node n, Op.AvgPool op) {
            return window("avg_pool", op.w()).put("count_padding", op.countPadding());
        }

        @Override
        public ObjectNode adaptiveAvgPool(Node n, Op.AdaptiveAvgPool op) {
            return op("adaptive_avg_pool").put("height", op.height()).put("width", op.width());
        }

        @Override
        public ObjectNode localResponseNorm(Node n, Op.LocalResponseNorm op) {
            return op("local_response_norm")
                    .put("size", op.size())
                    .put("alpha", op.alpha())
                    .put("beta", op.beta())
                    .put("k", op.k());
        }

        @Override
        public ObjectNode flatten(Node n, Op.Flatten op) {
            return op("flatten");
        }

        @Override
        public ObjectNode softmax(Node n, Op.Softmax op) {
            return op("softmax").put("ways", op.ways());
        }

        @Override
        public ObjectNode dropout(Node n, Op.Dropout op) {
            return op("dropout").put("p", op.p());
        }

        @Override
        public ObjectNode dropPath(Node n, Op.DropPath op) {
            return op("drop_path").put("p", op.p());
        }

        @Override
        public ObjectNode slice(Node n, Op.Slice op) {
            return op("slice").put("begin", op.from()).put("end", op.to());
        }

        @Override
        public ObjectNode shuffle(Node n, Op.Shuffle op) {
            return op("shuffle").put("groups", op.groups());
        }

        @Override
        public ObjectNode padChannels(Node n, Op.PadChannels op) {
            return op("pad_channels").put("channels", op.channels());
        }

        @Override
        public ObjectNode multiply(Node n, Op.Multiply op) {
            return op("multiply").put("factor", op.factor());
        }

        @Override
        public ObjectNode add(Node n, Op.Add op) {
            return op("add");
        }

        @Override
        public ObjectNode scale(Node n, Op.Scale op) {
            return op("scale");
        }

        @Override
        public ObjectNode concat(Node n, Op.Concat op) {
            return op("concat");
        }
    }
}
