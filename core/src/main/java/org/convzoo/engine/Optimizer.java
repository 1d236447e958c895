package org.convzoo.engine;

/**
 * How gradients move parameters, as data. The learning rate is given at each step. A step reads the gradients' norm if
 * it clips, then moves each parameter by the rule, then moves its average.
 */
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
     * The norm of all gradients together that a step takes, Pascanu et al. 2012 (1211.5063), algorithm 1; 0 for no
     * limit: g *= min(1, clip / (norm + 1e-6)) before all else. PyTorch's {@code clip_grad_norm_}.
     */
    double clip();

    /**
     * The highest decay of the weights' exponential moving average, 0 for none. The average starts at what the weights
     * are; after step t, from 1, it is d a + (1 - d) value with d = {@link #ema(long)}. Running statistics are averaged
     * as parameters are.
     */
    double ema();

    /**
     * The decay of step {@code t}: min(ema, (1 + t) / (10 + t)). With the full decay from the start, the average of a
     * short run would be of weights that had hardly learnt. TensorFlow's {@code ExponentialMovingAverage} with
     * {@code num_updates}.
     */
    default double ema(long t) {
        return Math.min(ema(), (1.0 + t) / (10 + t));
    }

    /** This optimizer with another {@link #clip}. */
    Optimizer clip(double clip);

    /** This optimizer with another {@link #ema}. */
    Optimizer ema(double ema);

    /**
     * Stochastic gradient descent: g += decay p; v = momentum v + g; p -= lr v, or with Nesterov's momentum
     * p -= lr (g + momentum v). PyTorch's rule.
     */
    record Sgd(double momentum, boolean nesterov, Decay decay, double clip, double ema) implements Optimizer {
        public Sgd {
            if (momentum < 0 || momentum >= 1)
                throw new IllegalArgumentException("momentum is at least 0 and under 1, got " + momentum);
            if (nesterov && momentum == 0)
                throw new IllegalArgumentException("Nesterov's rule needs a momentum over 0");
            check(clip, ema);
        }

        /** Neither clips nor averages. */
        public Sgd(double momentum, boolean nesterov, Decay decay) {
            this(momentum, nesterov, decay, 0, 0);
        }

        @Override
        public Sgd clip(double clip) {
            return new Sgd(momentum, nesterov, decay, clip, ema);
        }

        @Override
        public Sgd ema(double ema) {
            return new Sgd(momentum, nesterov, decay, clip, ema);
        }
    }

    /**
     * Adam with decoupled weight decay, Loshchilov, Hutter 2017 (1711.05101): p -= lr decay p; m and s move towards g
     * and g^2 by 1 - beta; p -= lr (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + eps).
     */
    record AdamW(double beta1, double beta2, double eps, Decay decay, double clip, double ema) implements Optimizer {
        public AdamW {
            check(clip, ema);
        }

        /** Neither clips nor averages. */
        public AdamW(double beta1, double beta2, double eps, Decay decay) {
            this(beta1, beta2, eps, decay, 0, 0);
        }

        public static AdamW of(double decay) {
            return new AdamW(0.9, 0.999, 1e-8, new Decay(decay, false));
        }

        @Override
        public AdamW clip(double clip) {
            return new AdamW(beta1, beta2, eps, decay, clip, ema);
        }

        @Override
        public AdamW ema(double ema) {
            return new AdamW(beta1, beta2, eps, decay, clip, ema);
        }
    }

    private static void check(double clip, double ema) {
        if (!(clip >= 0 && Double.isFinite(clip)))
            throw new IllegalArgumentException("clip is a norm of gradients, or 0 for no limit; got " + clip);
        if (!(ema >= 0 && ema < 1))
            throw new IllegalArgumentException("ema, the decay of an average, is from 0 to under 1; got " + ema);
    }
}
