package org.convzoo.engine;

/**
 * The specification of every optimizer as loops over one parameter in double: the formulas of {@link Optimizer}, one
 * after another.
 */
final class PlainRules implements Optimizer.Visitor<Boolean> {
    private final float[] p;
    private final double[] g;
    private final float[][] s;
    private final double rate, decay;
    private final long t;

    /** Moves {@code p} and its slots {@code s} by the gradient {@code g}, when an optimizer accepts it. */
    PlainRules(float[] p, double[] g, float[][] s, double rate, double decay, long t) {
        this.p = p;
        this.g = g;
        this.s = s;
        this.rate = rate;
        this.decay = decay;
        this.t = t;
    }

    @Override
    public Boolean sgd(Optimizer.Sgd o) {
        for (int i = 0; i < p.length; i++) {
            double d = g[i] + decay * p[i], v = d;
            if (o.momentum() != 0) v = s[0][i] = (float) (o.momentum() * s[0][i] + d);
            p[i] = (float) (p[i] - rate * (o.nesterov() ? d + o.momentum() * v : v));
        }
        return true;
    }

    @Override
    public Boolean adam(Optimizer.Adam o) {
        for (int i = 0; i < p.length; i++) {
            g[i] += decay * p[i];
            p[i] = (float) (p[i] - rate * adams(o.beta1(), o.beta2(), o.eps(), i));
        }
        return true;
    }

    @Override
    public Boolean adamW(Optimizer.AdamW o) {
        for (int i = 0; i < p.length; i++)
            p[i] = (float) (p[i] - rate * decay * p[i] - rate * adams(o.beta1(), o.beta2(), o.eps(), i));
        return true;
    }

    private double adams(double beta1, double beta2, double eps, int i) {
        s[0][i] = (float) (beta1 * s[0][i] + (1 - beta1) * g[i]);
        s[1][i] = (float) (beta2 * s[1][i] + (1 - beta2) * g[i] * g[i]);
        double mean = s[0][i] / (1 - Math.pow(beta1, t)), square = s[1][i] / (1 - Math.pow(beta2, t));
        return mean / (Math.sqrt(square) + eps);
    }

    @Override
    public Boolean rmsProp(Optimizer.RmsProp o) {
        boolean tensorFlow = o.form() == Optimizer.RmsProp.Form.TENSORFLOW;
        for (int i = 0; i < p.length; i++) {
            double d = g[i] + decay * p[i];
            double square = s[0][i] = (float) (o.alpha() * s[0][i] + (1 - o.alpha()) * d * d);
            double v = tensorFlow ? rate * d / Math.sqrt(square + o.eps()) : d / (Math.sqrt(square) + o.eps());
            if (o.momentum() != 0) v = s[1][i] = (float) (o.momentum() * s[1][i] + v);
            p[i] = (float) (p[i] - (tensorFlow ? v : rate * v));
        }
        return true;
    }

    @Override
    public Boolean lamb(Optimizer.Lamb o) {
        double[] u = new double[p.length];
        double parameter = 0, direction = 0;
        for (int i = 0; i < p.length; i++) {
            u[i] = adams(o.beta1(), o.beta2(), o.eps(), i) + decay * p[i];
            parameter += (double) p[i] * p[i];
            direction += u[i] * u[i];
        }
        double ratio = decay == 0 || parameter == 0 || direction == 0 ? 1 : Math.sqrt(parameter / direction);
        for (int i = 0; i < p.length; i++) p[i] = (float) (p[i] - rate * ratio * u[i]);
        return true;
    }

    @Override
    public Boolean lion(Optimizer.Lion o) {
        for (int i = 0; i < p.length; i++) {
            double sign = Math.signum(o.beta1() * s[0][i] + (1 - o.beta1()) * g[i]);
            p[i] = (float) (p[i] - rate * decay * p[i] - rate * sign);
            s[0][i] = (float) (o.beta2() * s[0][i] + (1 - o.beta2()) * g[i]);
        }
        return true;
    }
}
