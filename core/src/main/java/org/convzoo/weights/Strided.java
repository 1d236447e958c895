package org.convzoo.weights;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Pickle.Refused;

/**
 * A flat array of numbers, of which tensors are windows: with an offset, and a stride for each axis.
 *
 * @param bytes the numbers, in the buffer's order of bytes
 * @param elements how many there are
 */
record Strided(ElementType type, ByteBuffer bytes, long elements) {
    /** Elements at most of a window that repeats numbers. */
    private static final int MOST_REPEATED = 1 << 20;

    /**
     * The window as an array of its own, in row-major order.
     *
     * @param sizes and {@code strides}, whole numbers as a {@link Pickle} has them
     * @return none for a window without axes or elements
     * @throws Refused for sizes that are none, and a window that reaches beyond the numbers
     */
    Optional<Weights.Tensor> tensor(String name, long offset, List<Object> sizes, List<Object> strides) throws Refused {
        int rank = sizes.size();
        if (rank == 0 || sizes.contains(0L)) return Optional.empty();
        if (strides.size() != rank) throw refused("has an array with other strides than axes: ", name);
        if (offset < 0 || offset >= elements) throw beyond(name);
        int[] dims = new int[rank];
        long[] steps = new long[rank];
        long count = 1, last = offset;
        for (int i = 0; i < rank; i++) {
            if (!(sizes.get(i) instanceof Long size && strides.get(i) instanceof Long stride))
                throw refused("has an array whose sizes are no numbers: ", name);
            if (size < 0 || size > Integer.MAX_VALUE || stride < 0 || stride > elements)
                throw refused("has an array of impossible sizes: ", name);
            dims[i] = size.intValue();
            steps[i] = stride;
            count *= size;
            last += (size - 1) * stride;
            // A stride of 0 repeats numbers, and a few bytes could claim all memory.
            if (count > Math.max(elements, MOST_REPEATED) || last >= elements) throw beyond(name);
        }
        if (count * Float.BYTES > Integer.MAX_VALUE) throw refused("has an array of more than 2 GiB: ", name);
        FloatBuffer values = type == ElementType.F32 && isPlain(dims, steps)
                ? bytes.slice((int) offset * Float.BYTES, (int) count * Float.BYTES)
                        .order(bytes.order())
                        .asFloatBuffer()
                : gathered(offset, dims, steps, (int) count);
        return Optional.of(new Weights.Tensor(new Shape(dims), values));
    }

    /** Whether the window is a piece of the array as it lies. */
    private static boolean isPlain(int[] dims, long[] steps) {
        long step = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            if (dims[i] > 1 && steps[i] != step) return false;
            step *= dims[i];
        }
        return true;
    }

    private static Refused refused(String why, String name) {
        return new Refused(why + Header.plain(name));
    }

    private static Refused beyond(String name) {
        return refused("has an array that reaches beyond its numbers: ", name);
    }

    private FloatBuffer gathered(long offset, int[] dims, long[] steps, int count) {
        FloatBuffer values = FloatBuffer.allocate(count);
        int[] index = new int[dims.length];
        long at = offset;
        for (int i = 0; i < count; i++) {
            values.put(type.get(bytes, (int) (at * type.bytes)));
            for (int axis = dims.length - 1; axis >= 0; axis--) {
                at += steps[axis];
                if (++index[axis] < dims[axis]) break;
                at -= steps[axis] * dims[axis];
                index[axis] = 0;
            }
        }
        return values.flip();
    }
}
