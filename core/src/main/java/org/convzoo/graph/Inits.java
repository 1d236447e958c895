package org.convzoo.graph;

/** The initialisation of a family's convolutions and linear layers; batch norm starts as the identity unless told. */
public record Inits(Init.Rule conv, Init.Rule convBias, Init.Rule linear, Init.Rule linearBias) {
    /** PyTorch's defaults, which a published network uses where it says nothing. */
    public static final Inits DEFAULT = new Inits(
            Init.Rule.UNIFORM_FAN_IN, Init.Rule.UNIFORM_FAN_IN, Init.Rule.UNIFORM_FAN_IN, Init.Rule.UNIFORM_FAN_IN);

    public Inits conv(Init.Rule weight, Init.Rule bias) {
        return new Inits(weight, bias, linear, linearBias);
    }

    public Inits linear(Init.Rule weight, Init.Rule bias) {
        return new Inits(conv, convBias, weight, bias);
    }
}
