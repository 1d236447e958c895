package org.convzoo.models;

import static org.convzoo.graph.Window.k;

import java.util.List;
import java.util.function.BiFunction;
import org.convzoo.graph.Filters;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Op.Activation;
import org.convzoo.graph.Value;
import org.convzoo.graph.Window;

/** Blocks that several families share. */
final class Blocks {
    private Blocks() {}

    /** A 3x3 window at every second place, inside the image only. */
    static final Window DOWN = k(3).stride(2).pad(0);

    /** Convolution {@code conv}, batch norm {@code bn}, ReLU: the unit of the Inception networks. */
    static Layer convBnRelu(int out, Filters filters) {
        return x -> x.conv("conv", out, filters).bn("bn").relu();
    }

    static Layer convBnRelu(int out, Window window) {
        return convBnRelu(out, new Filters(window));
    }

    static Layer convBnRelu(int out, int kernel, int stride) {
        return convBnRelu(out, k(kernel).stride(stride));
    }

    /** Layers one after another, named by their numbers. */
    static Layer chain(List<Layer> layers) {
        return x -> {
            for (Layer layer : layers) x = x.in(layer);
            return x;
        };
    }

    static Layer chain(Layer... layers) {
        return chain(List.of(layers));
    }

    /** Layers side by side, named {@code branch} and a number from {@code first} on, joined along the channels. */
    static Layer branches(int first, Layer... layers) {
        return x -> {
            Value[] out = new Value[layers.length];
            for (int i = 0; i < layers.length; i++) out[i] = x.in("branch" + (first + i), layers[i]);
            return Value.concat(out);
        };
    }

    /** {@code n} units named {@code unit1}, {@code unit2}, ...: pytorchcv's stages. */
    static Layer units(int n, BiFunction<Value, Integer, Value> unit) {
        return x -> {
            for (int i = 0; i < n; i++) {
                int at = i;
                x = x.in("unit" + (i + 1), y -> unit.apply(y, at));
            }
            return x;
        };
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

    /** The width rule of the mobile networks: the nearest multiple, or the next where that takes over a tenth. */
    static int multipleOf(int divisor, double channels) {
        int near = Math.max(divisor, (int) (channels + divisor / 2) / divisor * divisor);
        return near < 0.9 * channels ? near + divisor : near;
    }
}
