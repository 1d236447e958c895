package org.convzoo.onednn;

import static org.convzoo.onednn.loops.Flat.combine;

import org.convzoo.engine.Optimizer;

/** The optimizers' rules in float32, as loops over a block of one parameter. */
final class Rules implements Optimizer.Visitor<Rules.Rule> {
    /** How the first {@code n} places of a block move. */
    interface Rule {
        /**
         * @param p the parameter
         * @param g its gradient, not yet clipped; what is left of it has no meaning
         * @param s the optimizer's slots
         */
        void move(float[] p, float[] g, float[][] s, double rate, double decay, int n);
    }

    private final double clip;
    private final long t;

    /**
     * @param clip what gradients are multiplied by
     * @param t the number of the step, from 1
     */
    Rules(double clip, long t) {
        this.clip = clip;
        this.t = t;
    }

    @Override
    public Rule sgd(Optimizer.Sgd sgd) {
        float momentum = (float) sgd.momentum();
        return (p, g, s, rate, decay, n) -> {
            combine(g, (float) clip, p, (float) decay, n);
            if (momentum != 0) combine(s[0], momentum, g, 1, n);
            if (sgd.nesterov()) combine(g, 1, s[0], momentum, n);
            combine(p, 1, momentum == 0 || sgd.nesterov() ? g : s[0], (float) -rate, n);
        };
    }

    @Override
    public Rule adam(Optimizer.Adam a) {
        Moments moments = new Moments(a.beta1(), a.beta2(), a.eps());
        return (p, g, s, rate, decay, n) -> {
            combine(g, (float) clip, p, (float) decay, n);
            moments.move(s, g, 1, n);
            moments.descend(p, 1, s, rate, n);
        };
    }

    @Override
    public Rule adamW(Optimizer.AdamW a) {
        Moments moments = new Moments(a.beta1(), a.beta2(), a.eps());
        return (p, g, s, rate, decay, n) -> {
            moments.move(s, g, clip, n);
            moments.descend(p, 1 - rate * decay, s, rate, n);
        };
    }

    @Override
    public Rule rmsProp(Optimizer.RmsProp r) {
        float alpha = (float) r.alpha(), rest = (float) (1 - r.alpha()), momentum = (float) r.momentum();
        float eps = (float) r.eps();
        boolean inRoot = r.form() == Optimizer.RmsProp.Form.TENSORFLOW;
        return (p, g, s, rate, decay, n) -> {
            combine(g, (float) clip, p, (float) decay, n);
            combineSquares(s[0], alpha, g, rest, n);
            if (inRoot) divideByRootOf(g, s[0], eps, n);
            else divideByRoot(g, s[0], eps, n);
            if (momentum == 0) combine(p, 1, g, (float) -rate, n);
            else {
                combine(s[1], momentum, g, inRoot ? (float) rate : 1, n);
                combine(p, 1, s[1], inRoot ? -1 : (float) -rate, n);
            }
        };
    }

    /** The move alone, by slots that {@link #lambsDirection} has moved; the rate has the trust ratio in it. */
    @Override
    public Rule lamb(Optimizer.Lamb l) {
        Moments moments = new Moments(l.beta1(), l.beta2(), l.eps());
        return (p, g, s, rate, decay, n) -> {
            moments.direction(g, s, n);
            combine(g, 1, p, (float) decay, n);
            combine(p, 1, g, (float) -rate, n);
        };
    }

    /** Moves the slots, and leaves in place of the gradient what the rate and the trust ratio multiply. */
    Rule lambsDirection(Optimizer.Lamb l) {
        Moments moments = new Moments(l.beta1(), l.beta2(), l.eps());
        return (p, g, s, rate, decay, n) -> {
            moments.move(s, g, clip, n);
            moments.direction(g, s, n);
            combine(g, 1, p, (float) decay, n);
        };
    }

    @Override
    public Rule lion(Optimizer.Lion l) {
        float beta1 = (float) l.beta1(), beta2 = (float) l.beta2();
        float rest1 = (float) ((1 - l.beta1()) * clip), rest2 = (float) ((1 - l.beta2()) * clip);
        return (p, g, s, rate, decay, n) -> {
            descendBySign(p, (float) (1 - rate * decay), s[0], beta1, g, rest1, (float) rate, n);
            combine(s[0], beta2, g, rest2, n);
        };
    }

    /** Adam's two moving means, which begin at 0, and are divided by what makes up for that. */
    private final class Moments {
        private final double beta1, beta2, first;
        private final float root, eps;

        Moments(double beta1, double beta2, double eps) {
            this.beta1 = beta1;
            this.beta2 = beta2;
            this.first = 1 - Math.pow(beta1, t);
            this.root = (float) (1 / Math.sqrt(1 - Math.pow(beta2, t)));
            this.eps = (float) eps;
        }

        /** Towards {@code factor g} and its square. */
        void move(float[][] s, float[] g, double factor, int n) {
            combine(s[0], (float) beta1, g, (float) ((1 - beta1) * factor), n);
            combineSquares(s[1], (float) beta2, g, (float) ((1 - beta2) * factor * factor), n);
        }

        void descend(float[] p, double keep, float[][] s, double rate, int n) {
            Rules.descend(p, (float) keep, s[0], s[1], (float) (rate / first), root, eps, n);
        }

        void direction(float[] to, float[][] s, int n) {
            Rules.direction(to, s[0], (float) (1 / first), s[1], root, eps, n);
        }
    }

    // Methods of their own with one index for all arrays, which compilers turn into vector instructions.

    private static void combineSquares(float[] x, float a, float[] y, float b, int n) {
        for (int k = 0; k < n; k++) x[k] = a * x[k] + b * (y[k] * y[k]);
    }

    private static void descend(
            float[] p, float keep, float[] mean, float[] square, float step, float root, float eps, int n) {
        for (int k = 0; k < n; k++) p[k] = keep * p[k] - step * mean[k] / ((float) Math.sqrt(square[k]) * root + eps);
    }

    private static void direction(
            float[] to, float[] mean, float factor, float[] square, float root, float eps, int n) {
        for (int k = 0; k < n; k++) to[k] = factor * mean[k] / ((float) Math.sqrt(square[k]) * root + eps);
    }

    private static void divideByRoot(float[] g, float[] square, float eps, int n) {
        for (int k = 0; k < n; k++) g[k] = g[k] / ((float) Math.sqrt(square[k]) + eps);
    }

    private static void divideByRootOf(float[] g, float[] square, float eps, int n) {
        for (int k = 0; k < n; k++) g[k] = g[k] / (float) Math.sqrt(square[k] + eps);
    }

    private static void descendBySign(
            float[] p, float keep, float[] v, float a, float[] g, float b, float rate, int n) {
        for (int k = 0; k < n; k++) p[k] = keep * p[k] - rate * Math.signum(a * v[k] + b * g[k]);
    }
}
