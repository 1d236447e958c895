package org.convzoo.graph;

/** How a parameter starts, as data. {@link Rule} makes one from the fans of the layer that owns the parameter. */
public sealed interface Init {
    /** Every element is {@code value}. */
    record Constant(double value) implements Init {
        public Constant {
            check(Double.isFinite(value), "a finite value", value);
        }
    }

    /** Uniform in [-bound, bound). */
    record Uniform(double bound) implements Init {
        public Uniform {
            check(bound >= 0 && Double.isFinite(bound), "a finite bound of at least 0", bound);
        }
    }

    /** Normal with mean 0. */
    record Normal(double std) implements Init {
        public Normal {
            check(std >= 0 && Double.isFinite(std), "a finite deviation of at least 0", std);
        }
    }

    /** Normal with mean 0, drawn again outside [-limit, limit], which is at least a hundredth of {@code std}. */
    record TruncatedNormal(double std, double limit) implements Init {
        public TruncatedNormal {
            check(std >= 0 && Double.isFinite(std), "a finite deviation of at least 0", std);
            check(limit > 0 && limit >= std / 100, "a limit of at least a hundredth of its deviation", limit);
        }
    }

    private static void check(boolean right, String what, double got) {
        if (!right) throw new IllegalArgumentException("a parameter starts with " + what + ", got " + got);
    }

    /**
     * The choice of an initialisation by fan: of a weight {@code [out, in / groups, ...]}, fan-in is the product of all
     * sizes but the first, fan-out {@code out} times the receptive field, as PyTorch counts them. A bias is given the
     * fans of its weight.
     */
    @FunctionalInterface
    interface Rule {
        Init of(double fanIn, double fanOut, int groups);

        /** One way to start, whatever the fans are. */
        record Always(Init init) implements Rule {
            @Override
            public Init of(double fanIn, double fanOut, int groups) {
                return init;
            }
        }

        Rule ZERO = constant(0);
        Rule ONE = constant(1);
        /** PyTorch's default for weights and biases: U(±1/√fan-in). */
        Rule UNIFORM_FAN_IN = (i, o, g) -> new Uniform(1 / Math.sqrt(i));
        /** EfficientNet's classifier: U(±1/√fan-out). */
        Rule UNIFORM_FAN_OUT = (i, o, g) -> new Uniform(1 / Math.sqrt(o));
        /** He et al. 2015 (1502.01852), for layers before a ReLU, keeping the size of gradients. */
        Rule KAIMING_FAN_OUT = (i, o, g) -> new Normal(Math.sqrt(2 / o));
        /** {@link #KAIMING_FAN_OUT} with the fan-out of one group, TensorFlow's rule for mobile networks. */
        Rule KAIMING_FAN_OUT_OF_GROUP = (i, o, g) -> new Normal(Math.sqrt(2 * g / o));
        /** He et al. 2015, section 2.2, equation 10: keeps the size of activations. */
        Rule KAIMING_FAN_IN = (i, o, g) -> new Normal(Math.sqrt(2 / i));
        /** {@link #KAIMING_FAN_IN} as a uniform distribution: U(±√(6 / fan-in)). */
        Rule KAIMING_UNIFORM_FAN_IN = (i, o, g) -> new Uniform(Math.sqrt(6 / i));
        /** Glorot, Bengio 2010, for sigmoid and tanh. */
        Rule XAVIER_UNIFORM = (i, o, g) -> new Uniform(Math.sqrt(6 / (i + o)));

        static Rule constant(double value) {
            return new Always(new Constant(value));
        }

        static Rule normal(double std) {
            return new Always(new Normal(std));
        }

        static Rule truncatedNormal(double std, double limit) {
            return new Always(new TruncatedNormal(std, limit));
        }
    }
}
