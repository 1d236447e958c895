package org.convzoo.engine;

import java.util.Locale;

/** The numbers that activations, gradients and products are made of. Parameters and the optimizer stay in float32. */
public enum Precision {
    /** IEEE 754 binary32. */
    F32,
    /** bfloat16: the upper half of a binary32; sums are float32. Only where the processor computes with it. */
    BF16;

    /** The precision's word in commands and files: {@code f32}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
