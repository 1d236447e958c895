package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import org.convzoo.graph.Layer;
import org.convzoo.graph.Op.Activation;
import org.convzoo.graph.Window;

/** Blocks that several families share. */
final class Blocks {
    private Blocks() {}

    /** Convolution {@code conv}, batch norm {@code bn}, ReLU: the unit of the Inception networks. */
    static Layer convBnRelu(int out, Window window) {
        return x -> x.conv("conv", out, window).bn("bn").relu();
    }

    static Layer convBnRelu(int out, int kernel, int stride) {
        return convBnRelu(out, k(kernel).stride(stride));
    }

    /**
     * Squeeze-and-excitation, Hu et al. 2017 (1709.01507), section 3: every channel's mean, a bottleneck {@code fc1} of
     * {@code squeeze} channels, {@code fc2}, and a gate a channel.
     */
    static Layer squeezeExcite(int squeeze, Activation inner, Activation gate) {
        return x -> x.scale(x.avgPoolTo(1)
                .conv("fc1", squeeze, k(1).withBias())
                .act(inner)
                .conv("fc2", x.channels(), k(1).withBias())
                .act(gate));
    }

    /** The width rule of the mobile networks: the nearest multiple of 8, or the next where that takes over a tenth. */
    static int multipleOf8(double channels) {
        int near = Math.max(8, (int) (channels + 4) / 8 * 8);
        return near < 0.9 * channels ? near + 8 : near;
    }
}
