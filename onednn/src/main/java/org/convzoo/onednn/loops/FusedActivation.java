package org.convzoo.onednn.loops;

import java.util.Optional;
import org.convzoo.graph.Op;

/** An activation that a loop applies in the pass that makes its argument: one whose slope costs a few instructions. */
public enum FusedActivation {
    /** No activation: the result is the argument. */
    NONE,
    RELU,
    RELU6,
    HARDSWISH;

    private static final float HUGE = Float.MAX_VALUE;

    /** The activation {@code a}, if loops have it. */
    public static Optional<FusedActivation> of(Op.Activation a) {
        return switch (a) {
            case RELU -> Optional.of(RELU);
            case RELU6 -> Optional.of(RELU6);
            case HARDSWISH -> Optional.of(HARDSWISH);
            default -> Optional.empty();
        };
    }

    /** Whether the slope follows from the result, so that the argument need not be known. */
    public boolean slopeFromResult() {
        return this != HARDSWISH;
    }

    /** {@code z = f(z)}. */
    public void apply(float[] z, int n) {
        switch (this) {
            case NONE -> {}
            case RELU -> relu(z, n);
            case RELU6 -> relu6(z, n);
            case HARDSWISH -> hardswish(z, n);
        }
    }

    /** {@code d = d f'(z)}. */
    void multiplyBySlope(float[] z, float[] d, int n) {
        switch (this) {
            case NONE -> {}
            case RELU -> slopeOfRelu(z, d, n);
            case RELU6 -> slopeOfRelu6(z, d, n);
            case HARDSWISH -> slopeOfHardswish(z, d, n);
        }
    }

    // Methods of their own with one index for all arrays, which compilers turn into vector instructions.

    private static void relu(float[] z, int n) {
        for (int k = 0; k < n; k++) z[k] = Math.max(0f, z[k]);
    }

    private static void relu6(float[] z, int n) {
        for (int k = 0; k < n; k++) z[k] = Math.min(6f, Math.max(0f, z[k]));
    }

    private static void hardswish(float[] z, int n) {
        for (int k = 0; k < n; k++) z[k] = z[k] * Math.min(1f, Math.max(0f, z[k] * (1 / 6f) + 0.5f));
    }

    /** A product with {@link #HUGE} cut to 0 to 1 is 1 for positive numbers and else 0, without a branch. */
    private static void slopeOfRelu(float[] z, float[] d, int n) {
        for (int k = 0; k < n; k++) d[k] *= Math.min(1f, Math.max(0f, z[k] * HUGE));
    }

    /** The slope is 1 between 0 and 6, where the distance to 3 is under 3. */
    private static void slopeOfRelu6(float[] z, float[] d, int n) {
        for (int k = 0; k < n; k++) d[k] *= Math.min(1f, Math.max(0f, (3f - Math.abs(z[k] - 3f)) * HUGE));
    }

    private static void slopeOfHardswish(float[] z, float[] d, int n) {
        for (int k = 0; k < n; k++) {
            float rising = Math.min(1f, Math.max(0f, (3f - Math.abs(z[k])) * HUGE));
            d[k] *= Math.min(1f, Math.max(0f, z[k] * (1 / 6f) + 0.5f)) + rising * z[k] * (1 / 6f);
        }
    }
}
