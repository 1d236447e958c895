package org.convzoo.engine;

/** How gradients move parameters, as data. The learning rate is given at each step. */
public sealed interface Optimizer {
    /**
     * The weight decay.
     *
     * @param rate times the parameter
     * @param everywhere also on parameters of rank 1: biases and the scales and shifts of norms
     */
    record Decay(double rate, boolean everywhere) {
        public static final Decay NONE = new Decay(0, true);
    }

    Decay decay();

    /**
     * Stochastic gradient descent: g += decay p; v = momentum v + g; p -= lr v, or with Nesterov's momentum
     * p -= lr (g + momentum v). PyTorch's rule.
     */
    record Sgd(double momentum, boolean nesterov, Decay decay) implements Optimizer {
        public Sgd {
            if (momentum < 0 || momentum >= 1)
                throw new IllegalArgumentException("momentum is at least 0 and under 1, got " + momentum);
            if (nesterov && momentum == 0)
                throw new IllegalArgumentException("Nesterov's rule needs a momentum over 0");
        }
    }

    /**
     * Adam with decoupled weight decay, Loshchilov, Hutter 2017 (1711.05101): p -= lr decay p; m and s move towards g
     * and g^2 by 1 - beta; p -= lr (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + eps).
     */
    record AdamW(double beta1, double beta2, double eps, Decay decay) implements Optimizer {
        public static AdamW of(double decay) {
            return new AdamW(0.9, 0.999, 1e-8, new Decay(decay, false));
        }
    }
}
