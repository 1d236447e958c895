package org.convzoo.graph;

/** How a parameter starts, as data. {@link Rule} makes one from the fans of the layer that owns the parameter. */
public sealed interface Init {
    /** Every element is {@code value}. */
    record Constant(double value) implements Init {}

    /** Uniform in [-bound, bound). */
    record Uniform(double bound) implements Init {}

    /** Normal with mean 0. */
    record Normal(double std) implements Init {}

    /** Normal with mean 0, drawn again outside [-limit, limit]. */
    record TruncatedNormal(double std, double limit) implements Init {}

    /**
     * The choice of an initialisation by fan: of a weight {@code [out, in / groups, ...]}, fan-in is the product of all
     * sizes but the first, fan-out {@code out} times the receptive field, as PyTorch counts them. A bias is given the
     * fans of its weight.
     */
    @FunctionalInterface
    interface Rule {
        Init of(double fanIn, double fanOut, int groups);

        Rule ZERO = constant(0);
        Rule ONE = constant(1);
        /** PyTorch's default for weights and biases: U(±1/√fan-in). */
        Rule UNIFORM_FAN_IN = (i, o, g) -> new Uniform(1 / Math.sqrt(i));
        /** EfficientNet's classifier: U(±1/√fan-out). */
        Rule UNIFORM_FAN_OUT = (i, o, g) -> new Uniform(1 / Math.sqrt(o));
        /** He et al. 2015 (1502.01852), for layers before a ReLU, keeping the size of gradients. */
        Rule KAIMING_FAN_OUT = (i, o, g) -> new Normal(Math.sqrt(2 / o));
        /** The same with the fan-out of one group, TensorFlow's rule for mobile networks. */
        Rule KAIMING_FAN_OUT_OF_GROUP = (i, o, g) -> new Normal(Math.sqrt(2 * g / o));
        /** The same, keeping the size of activations. */
        Rule KAIMING_FAN_IN = (i, o, g) -> new Normal(Math.sqrt(2 / i));
        /** The same, uniform: U(±√(6 / fan-in)). */
        Rule KAIMING_UNIFORM_FAN_IN = (i, o, g) -> new Uniform(Math.sqrt(6 / i));
        /** Glorot, Bengio 2010, for sigmoid and tanh. */
        Rule XAVIER_UNIFORM = (i, o, g) -> new Uniform(Math.sqrt(6 / (i + o)));

        static Rule constant(double value) {
            return (i, o, g) -> new Constant(value);
        }

        static Rule normal(double std) {
            return (i, o, g) -> new Normal(std);
        }

        static Rule truncatedNormal(double std, double limit) {
            return (i, o, g) -> new TruncatedNormal(std, limit);
        }
    }
}
