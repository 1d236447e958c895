package org.convzoo.graph;

/**
 * What a family's layers take unless told otherwise: how convolutions and linear layers start, and batch norm's epsilon
 * and momentum. Batch norm starts as the identity.
 */
public record Defaults(
        Init.Rule conv, Init.Rule convBias, Init.Rule linear, Init.Rule linearBias, double eps, double momentum) {

    /** PyTorch's, which a published network uses where it says nothing. */
    public static final Defaults PYTORCH = new Defaults(
            Init.Rule.UNIFORM_FAN_IN,
            Init.Rule.UNIFORM_FAN_IN,
            Init.Rule.UNIFORM_FAN_IN,
            Init.Rule.UNIFORM_FAN_IN,
            1e-5,
            0.1);

    public Defaults conv(Init.Rule weight, Init.Rule bias) {
        return new Defaults(weight, bias, linear, linearBias, eps, momentum);
    }

    public Defaults linear(Init.Rule weight, Init.Rule bias) {
        return new Defaults(conv, convBias, weight, bias, eps, momentum);
    }

    public Defaults norm(double eps, double momentum) {
        return new Defaults(conv, convBias, linear, linearBias, eps, momentum);
    }
}
