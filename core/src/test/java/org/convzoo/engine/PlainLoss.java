package org.convzoo.engine;

import org.convzoo.engine.Loss.BinaryCrossEntropy;
import org.convzoo.engine.Loss.CrossEntropy;
import org.convzoo.engine.Loss.Focal;

/** Losses by their formulas, of one image with logits {@code z} and targets {@code t}; gradients go into {@code d}. */
record PlainLoss(double[] z, double[] t, double[] d) implements Loss.Visitor<Double> {
    @Override
    public Double crossEntropy(CrossEntropy loss) {
        return focal(new Focal(0));
    }

    /** Derivative of each class's part in its p, then of p in the logits: p[k] ([k = j] - p[j]). */
    @Override
    public Double focal(Focal loss) {
        double[] p = PlainForward.softmax(z, 0, z.length, 1);
        double gamma = loss.gamma(), value = 0;
        for (int k = 0; k < z.length; k++) {
            if (t[k] == 0) continue;
            double left = 1 - p[k], log = Math.log(p[k]);
            value -= t[k] * Math.pow(left, gamma) * log;
            double inP = -t[k] * Math.pow(left, gamma) / p[k];
            if (gamma != 0) inP += t[k] * gamma * Math.pow(left, gamma - 1) * log;
            for (int j = 0; j < z.length; j++) d[j] += inP * p[k] * ((k == j ? 1 : 0) - p[j]);
        }
        return value;
    }

    @Override
    public Double binaryCrossEntropy(BinaryCrossEntropy loss) {
        double value = 0;
        for (int k = 0; k < z.length; k++) {
            double s = 1 / (1 + Math.exp(-z[k]));
            value -= (t[k] * Math.log(s) + (1 - t[k]) * Math.log(1 - s)) / z.length;
            d[k] = (s - t[k]) / z.length;
        }
        return value;
    }
}
