package org.convzoo.engine;

import java.util.List;

/**
 * How gradients move parameters, as data. The learning rate is given at each step. A step reads the gradients' norm if
 * it clips, then moves each parameter by the rule, then moves its average. In the rules p is a parameter, g its gradient,
 * lr the learning rate and t the number of the step, from 1; "a moves towards b by c" is a = (1 - c) a + c b.
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

        public Decay {
            if (!(rate >= 0 && Double.isFinite(rate)))
                throw new IllegalArgumentException("a weight decay is a number from 0 on, got " + rate);
        }
    }

    /** What is remembered of each parameter from step to step, of its shape; {@code start} is what it begins at. */
    record Slot(String name, float start) {}

    /** One method for each rule. */
    interface Visitor<R> {
        R sgd(Sgd optimizer);

        R adam(Adam optimizer);

        R adamW(AdamW optimizer);

        R rmsProp(RmsProp optimizer);

        R lamb(Lamb optimizer);

        R lion(Lion optimizer);
    }

    <R> R accept(Visitor<R> visitor);

    /** The rule's name, with its momentum, for people. */
    String words();

    /** What is remembered of each parameter, its average aside. */
    List<Slot> slots();

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
            checkShare("momentum", momentum);
            if (nesterov && momentum == 0)
                throw new IllegalArgumentException("Nesterov's rule needs a momentum over 0");
            check(clip, ema);
        }

        /** Neither clips nor averages. */
        public Sgd(double momentum, boolean nesterov, Decay decay) {
            this(momentum, nesterov, decay, 0, 0);
        }

        @Override
        public String words() {
            return momentum == 0 ? "SGD" : "SGD with " + (nesterov ? "Nesterov's momentum " : "momentum ") + momentum;
        }

        @Override
        public List<Slot> slots() {
            return momentum == 0 ? List.of() : List.of(new Slot("momentum", 0));
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.sgd(this);
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
     * Adam, Kingma, Ba 2014 (1412.6980), with the decay in the gradient, as in {@code torch.optim.Adam}: g += decay p; m
     * and s move towards g and g^2 by 1 - beta; p -= lr (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + eps).
     */
    record Adam(double beta1, double beta2, double eps, Decay decay, double clip, double ema) implements Optimizer {
        public Adam {
            checkBetas(beta1, beta2);
            checkEps(eps);
            check(clip, ema);
        }

        /** Neither clips nor averages. */
        public Adam(double beta1, double beta2, double eps, Decay decay) {
            this(beta1, beta2, eps, decay, 0, 0);
        }

        @Override
        public String words() {
            return "Adam";
        }

        @Override
        public List<Slot> slots() {
            return List.of(new Slot("mean", 0), new Slot("square", 0));
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.adam(this);
        }

        @Override
        public Adam clip(double clip) {
            return new Adam(beta1, beta2, eps, decay, clip, ema);
        }

        @Override
        public Adam ema(double ema) {
            return new Adam(beta1, beta2, eps, decay, clip, ema);
        }
    }

    /**
     * Adam with decoupled weight decay, Loshchilov, Hutter 2017 (1711.05101): p -= lr decay p; m and s move towards g
     * and g^2 by 1 - beta; p -= lr (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + eps).
     */
    record AdamW(double beta1, double beta2, double eps, Decay decay, double clip, double ema) implements Optimizer {
        public AdamW {
            checkBetas(beta1, beta2);
            checkEps(eps);
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
        public String words() {
            return "AdamW";
        }

        @Override
        public List<Slot> slots() {
            return List.of(new Slot("mean", 0), new Slot("square", 0));
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.adamW(this);
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

    /**
     * RMSprop, Tieleman, Hinton 2012 (lecture 6e of Neural Networks for Machine Learning), not centred: g += decay p; s
     * moves towards g^2 by 1 - alpha; what follows is in the {@link Form}.
     */
    record RmsProp(double alpha, double momentum, double eps, Form form, Decay decay, double clip, double ema)
            implements Optimizer {
        /** The two rules that go by this name. */
        public enum Form {
            /** That of {@code torch.optim.RMSprop}: s begins at 0; v = momentum v + g / (sqrt(s) + eps); p -= lr v. */
            PYTORCH,
            /**
             * That of TensorFlow's {@code RMSPropOptimizer} and timm's {@code RMSpropTF}, by which the Inceptions, MobileNets
             * and EfficientNets were trained: s begins at 1; v = momentum v + lr g / sqrt(s + eps); p -= v.
             */
            TENSORFLOW
        }

        public RmsProp {
            checkShare("alpha", alpha);
            checkShare("momentum", momentum);
            checkEps(eps);
            check(clip, ema);
        }

        /** Neither clips nor averages. */
        public RmsProp(double alpha, double momentum, double eps, Form form, Decay decay) {
            this(alpha, momentum, eps, form, decay, 0, 0);
        }

        @Override
        public String words() {
            String name = form == Form.TENSORFLOW ? "TensorFlow's RMSprop" : "RMSprop";
            return momentum == 0 ? name : name + " with momentum " + momentum;
        }

        @Override
        public List<Slot> slots() {
            Slot square = new Slot("square", form == Form.TENSORFLOW ? 1 : 0);
            return momentum == 0 ? List.of(square) : List.of(square, new Slot("momentum", 0));
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.rmsProp(this);
        }

        @Override
        public RmsProp clip(double clip) {
            return new RmsProp(alpha, momentum, eps, form, decay, clip, ema);
        }

        @Override
        public RmsProp ema(double ema) {
            return new RmsProp(alpha, momentum, eps, form, decay, clip, ema);
        }
    }

    /**
     * LAMB, You et al. 2019 (1904.00962), algorithm 2, for large batches: u = {@link AdamW}'s (m / (1 - beta1^t)) / (sqrt(s
     * / (1 - beta2^t)) + eps) + decay p; p -= lr (|p| / |u|) u, with the norms of the whole parameter; a ratio is 1 where a
     * norm is 0 or the parameter does not decay. That is timm's {@code Lamb}, whose limit of 1 for the gradients' norm is
     * {@link #clip} here. A step reads all once more, as the norms come before the move.
     */
    record Lamb(double beta1, double beta2, double eps, Decay decay, double clip, double ema) implements Optimizer {
        public Lamb {
            checkBetas(beta1, beta2);
            checkEps(eps);
            check(clip, ema);
        }

        /** Neither clips nor averages. */
        public Lamb(double beta1, double beta2, double eps, Decay decay) {
            this(beta1, beta2, eps, decay, 0, 0);
        }

        /** With timm's other values, which clip to a norm of 1. */
        public static Lamb of(double decay) {
            return new Lamb(0.9, 0.999, 1e-6, new Decay(decay, false), 1, 0);
        }

        @Override
        public String words() {
            return "LAMB";
        }

        @Override
        public List<Slot> slots() {
            return List.of(new Slot("mean", 0), new Slot("square", 0));
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.lamb(this);
        }

        @Override
        public Lamb clip(double clip) {
            return new Lamb(beta1, beta2, eps, decay, clip, ema);
        }

        @Override
        public Lamb ema(double ema) {
            return new Lamb(beta1, beta2, eps, decay, clip, ema);
        }
    }

    /**
     * Lion, Chen et al. 2023 (2302.06675), algorithm 2: p -= lr decay p; p -= lr sign(beta1 v + (1 - beta1) g); v moves
     * towards g by 1 - beta2. All places of a parameter move by as much, so the rate is 3 to 10 times smaller than
     * {@link AdamW}'s, and the decay as many times larger.
     */
    record Lion(double beta1, double beta2, Decay decay, double clip, double ema) implements Optimizer {
        public Lion {
            checkBetas(beta1, beta2);
            check(clip, ema);
        }

        /** Neither clips nor averages. */
        public Lion(double beta1, double beta2, Decay decay) {
            this(beta1, beta2, decay, 0, 0);
        }

        public static Lion of(double decay) {
            return new Lion(0.9, 0.99, new Decay(decay, false));
        }

        @Override
        public String words() {
            return "Lion";
        }

        @Override
        public List<Slot> slots() {
            return List.of(new Slot("momentum", 0));
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.lion(this);
        }

        @Override
        public Lion clip(double clip) {
            return new Lion(beta1, beta2, decay, clip, ema);
        }

        @Override
        public Lion ema(double ema) {
            return new Lion(beta1, beta2, decay, clip, ema);
        }
    }

    private static void check(double clip, double ema) {
        if (!(clip >= 0 && Double.isFinite(clip)))
            throw new IllegalArgumentException("clip is a norm of gradients, or 0 for no limit; got " + clip);
        if (!(ema >= 0 && ema < 1))
            throw new IllegalArgumentException("ema, the decay of an average, is from 0 to under 1; got " + ema);
    }

    private static void checkBetas(double beta1, double beta2) {
        checkShare("beta1", beta1);
        checkShare("beta2", beta2);
    }

    private static void checkShare(String what, double share) {
        if (!(share >= 0 && share < 1))
            throw new IllegalArgumentException(what + " is at least 0 and under 1, got " + share);
    }

    /** In float32, in which engines may compute: what never had a gradient would be 0 / 0. */
    private static void checkEps(double eps) {
        if (!((float) eps > 0 && Double.isFinite(eps)))
            throw new IllegalArgumentException("eps is over 0, also in float32; got " + eps);
    }
}
