package org.convzoo.onednn.loops;

import java.nio.ByteBuffer;
import org.convzoo.onednn.program.Tensor;

/** Arrays of bits, such as those by which a kernel remembers what a ReLU lets pass. */
public final class Bits {
    private Bits() {}

    /** The bits that {@code a} and {@code b} both have. */
    public static void and(Tensor a, Tensor b, Tensor both) {
        ByteBuffer x = a.bytes(), y = b.bytes(), z = both.bytes();
        Flat.parallel(0, z.limit(), () -> {
            byte[] p = new byte[Flat.BLOCK], q = new byte[Flat.BLOCK];
            return (at, n) -> {
                x.get(at, p, 0, n);
                y.get(at, q, 0, n);
                and(p, q, n);
                z.put(at, p, 0, n);
            };
        });
    }

    private static void and(byte[] x, byte[] y, int n) {
        for (int k = 0; k < n; k++) x[k] &= y[k];
    }
}
