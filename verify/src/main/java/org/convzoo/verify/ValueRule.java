package org.convzoo.verify;

import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.convzoo.engine.Batch;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Weights;

/**
 * The values that reference files are computed with: weights and images as a function of a tensor's name and an
 * element's place, so that no file has to carry them. SplitMix64 (Steele, Lea, Flood 2014) started from the name's
 * CRC-32; its upper 24 bits, scaled to [-1, 1), are exact in float32.
 */
public final class ValueRule {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private ValueRule() {}

    /** Element {@code i} of the tensor called {@code key}, in [-1, 1). */
    public static float u(String key, long i) {
        return u(seed(key), i);
    }

    /** {@code offset + scale * u(key, i)} for i = 0 .. n-1, computed in double and rounded once. */
    public static float[] values(String key, int n, double scale, double offset) {
        long seed = seed(key);
        float[] v = new float[n];
        for (int i = 0; i < n; i++) v[i] = (float) (offset + scale * u(seed, i));
        return v;
    }

    /**
     * The state of {@code graph}: every parameter and running statistic by its name's role.
     *
     * @param variance what running variances are multiplied by; 1 unless the reference says otherwise
     */
    public static Weights state(Graph graph, double variance) {
        Map<String, Weights.Tensor> tensors = new LinkedHashMap<>();
        graph.parameters().forEach((name, p) -> tensors.put(name, tensor(name, p.shape(), (float) variance)));
        return new Weights(tensors);
    }

    private static Weights.Tensor tensor(String name, Shape shape, float variance) {
        long seed = seed(name);
        boolean vector = shape.rank() == 1, runningVar = name.endsWith(".running_var");
        boolean aroundOne = runningVar || vector && name.endsWith("weight");
        float offset = aroundOne ? 1 : 0;
        float scale = aroundOne ? 0.25f : vector ? 0.1f : (float) Math.sqrt(6.0 * shape.dim(0) / shape.elements());
        FloatBuffer values = Batch.buffer(shape.elements());
        for (int i = 0; i < values.capacity(); i++) {
            float v = offset + scale * u(seed, i);
            values.put(i, runningVar ? v * variance : v);
        }
        return new Weights.Tensor(shape, values);
    }

    /** {@code count} images of {@code shape}, {@code [N, C, H, W]}: an offset a channel, coarse cells, fine noise. */
    public static FloatBuffer images(Shape shape, int count) {
        int channels = shape.channels(), height = shape.height(), width = shape.width();
        int cell = (height + 6) / 7;
        long offset = seed("input.offset"), coarse = seed("input.coarse"), fine = seed("input");
        FloatBuffer images = Batch.buffer(count * shape.elements());
        int i = 0;
        for (int plane = 0; plane < count * channels; plane++) {
            for (int h = 0; h < height; h++) {
                for (int w = 0; w < width; w++, i++) {
                    long block = (plane * 7L + h / cell) * 7 + w / cell;
                    images.put(i, u(offset, plane) + u(coarse, block) + 0.25f * u(fine, i));
                }
            }
        }
        return images;
    }

    /** {@code count} {@link #images}, labelled 0, 1 and so on, from 0 again after the last class. */
    public static Batch batch(Shape image, int classes, int count) {
        int[] labels = new int[count];
        for (int n = 0; n < count; n++) labels[n] = n % classes;
        return Batch.labelled(images(image, count), classes, labels);
    }

    private static long seed(String key) {
        CRC32 crc = new CRC32();
        crc.update(key.getBytes(StandardCharsets.UTF_8));
        return crc.getValue();
    }

    private static float u(long seed, long i) {
        long z = seed + (i + 1) * GOLDEN;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        z = z ^ (z >>> 31);
        return (z >>> 40) * 0x1p-23f - 1;
    }
}
