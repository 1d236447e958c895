package org.convzoo.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Init;
import org.convzoo.graph.Param;
import org.convzoo.graph.Shape;
import org.jspecify.annotations.Nullable;

/** Arrays of float32 by name, in order: a network's state, its gradients or its optimizer's slots. */
public final class Weights {
    /**
     * An array in row-major order, in memory or read each time that its values are asked for. Equal to another with the
     * same shape and values.
     */
    public static final class Tensor {
        private final Shape shape;
        private final Supplier<FloatBuffer> source;

        private Tensor(Shape shape, Supplier<FloatBuffer> source) {
            this.shape = shape;
            this.source = source;
        }

        public Tensor(Shape shape, FloatBuffer values) {
            this(shape, values.slice()::duplicate);
            if (values.remaining() != shape.elements()) {
                throw new IllegalArgumentException(
                        "a tensor of " + shape + " needs " + shape.elements() + " values, got " + values.remaining());
            }
        }

        public Tensor(Shape shape, float[] values) {
            this(shape, FloatBuffer.wrap(values));
        }

        /**
         * An array that is kept elsewhere, in a file or by an engine.
         *
         * @param source reads as many values as {@code shape} has elements into a buffer that is new each time
         */
        public static Tensor read(Shape shape, Supplier<FloatBuffer> source) {
            return new Tensor(shape, source);
        }

        public Shape shape() {
            return shape;
        }

        /** A fresh view from 0 to the number of elements. */
        public FloatBuffer values() {
            return source.get();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Tensor t && shape.equals(t.shape) && values().equals(t.values());
        }

        @Override
        public int hashCode() {
            return Objects.hash(shape, values());
        }

        @Override
        public String toString() {
            return "Tensor[" + shape + "]";
        }

        /** What is done with some bytes, from the buffer's position to its limit. */
        @FunctionalInterface
        public interface Sink<X extends Exception> {
            void take(ByteBuffer bytes) throws X;
        }

        /** Gives the values to {@code sink} as little-endian bytes, each time as many as fit into {@code chunk}. */
        public <X extends Exception> void bytes(ByteBuffer chunk, Sink<X> sink) throws X {
            FloatBuffer left = values();
            chunk.order(ByteOrder.LITTLE_ENDIAN);
            while (left.hasRemaining()) {
                int n = Math.min(left.remaining(), chunk.capacity() / Float.BYTES);
                chunk.clear().asFloatBuffer().put(left.slice(left.position(), n));
                left.position(left.position() + n);
                sink.take(chunk.limit(n * Float.BYTES));
            }
        }

        public float[] toArray() {
            FloatBuffer values = values();
            float[] a = new float[values.remaining()];
            values.get(a);
            return a;
        }
    }

    private final Map<String, Tensor> tensors;

    public Weights(Map<String, Tensor> tensors) {
        this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /**
     * The starting state of {@code graph}: each parameter drawn as its {@link Init} says, from {@code seed} and its
     * name alone, so that a layer starts the same whatever stands beside it.
     */
    public static Weights initial(Graph graph, long seed) {
        Map<String, Tensor> t = new LinkedHashMap<>();
        graph.parameters().forEach((name, p) -> t.put(name, drawn(name, p, seed)));
        return new Weights(t);
    }

    static Tensor drawn(String name, Param p, long seed) {
        return new Tensor(p.shape(), draw(name, p, seed));
    }

    private static float[] draw(String name, Param p, long seed) {
        CRC32 crc = new CRC32();
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        var random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + crc.getValue());
        float[] v = new float[Math.toIntExact(p.shape().elements())];
        for (int i = 0; i < v.length; i++) v[i] = (float) draw(p.init(), random);
        return v;
    }

    private static double draw(Init init, SplittableRandom random) {
        if (init instanceof Init.Constant c) return c.value();
        if (init instanceof Init.Uniform u) return u.bound() * (2 * random.nextDouble() - 1);
        if (init instanceof Init.Normal n) return n.std() * random.nextGaussian();
        var t = (Init.TruncatedNormal) init;
        for (; ; ) {
            double x = t.std() * random.nextGaussian();
            if (Math.abs(x) <= t.limit()) return x;
        }
    }

    public Map<String, Tensor> tensors() {
        return tensors;
    }

    /** Throws {@link IllegalArgumentException} when there is none of that name. */
    public Tensor get(String name) {
        Tensor t = tensors.get(name);
        if (t == null) throw new IllegalArgumentException("there is no tensor named " + name);
        return t;
    }

    /**
     * These arrays under other names.
     *
     * @throws IllegalArgumentException where two names become one
     */
    public Weights rename(UnaryOperator<String> names) {
        Map<String, Tensor> renamed = new LinkedHashMap<>();
        Map<String, String> before = new HashMap<>();
        tensors.forEach((name, t) -> {
            String now = names.apply(name), other = before.put(now, name);
            if (other != null)
                throw new IllegalArgumentException(other + " and " + name + " would both be named " + now);
            renamed.put(now, t);
        });
        return new Weights(renamed);
    }

    /** Those of these arrays whose names are wanted. */
    public Weights filter(Predicate<String> wanted) {
        Map<String, Tensor> chosen = new LinkedHashMap<>(tensors);
        chosen.keySet().removeIf(wanted.negate());
        return new Weights(chosen);
    }

    /** These arrays as they are now, in memory. */
    public Weights copy() {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        tensors.forEach((name, t) -> copies.put(name, new Tensor(t.shape(), t.toArray())));
        return new Weights(copies);
    }

    /** How these arrays fit the state of {@code graph}, in whatever order they are. */
    public Fit fit(Graph graph) {
        return Fit.of(this, graph);
    }

    /**
     * Throws {@link IllegalArgumentException} with a report of what is missing, left over or of another shape, unless
     * these are exactly the parameters and buffers of {@code graph} (in whatever order).
     */
    public void check(Graph graph) {
        if (tensors.size() == graph.parameters().size()
                && graph.parameters().entrySet().stream().allMatch(e -> has(e.getKey(), e.getValue()))) return;
        throw new IllegalArgumentException(Fit.exact(this, graph).failure());
    }

    private boolean has(String name, Param p) {
        Tensor t = tensors.get(name);
        return t != null && t.shape().equals(p.shape());
    }
}
