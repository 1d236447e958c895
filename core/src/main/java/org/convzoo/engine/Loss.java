package org.convzoo.engine;

/**
 * What training makes small, as data. A batch's loss is the mean over its images; in the formulas z are the logits of one
 * image, K of them, t its target row, and p = softmax(z). Rows may hold any numbers: smoothed, mixed, weighted. The
 * gradients in the logits are exact.
 */
public sealed interface Loss {
    /** One method for each loss. */
    interface Visitor<R> {
        R crossEntropy(CrossEntropy loss);

        R focal(Focal loss);

        R binaryCrossEntropy(BinaryCrossEntropy loss);
    }

    <R> R accept(Visitor<R> visitor);

    /** The loss's name, with its gamma, for people. */
    String words();

    /** Whether an image whose row is multiplied counts as many times; else that changes what its logits are drawn to. */
    boolean weighs();

    /** Sum over k of -t[k] log p[k]: PyTorch's {@code CrossEntropyLoss} with probabilities as targets. */
    record CrossEntropy() implements Loss {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.crossEntropy(this);
        }

        @Override
        public String words() {
            return "cross-entropy";
        }

        @Override
        public boolean weighs() {
            return true;
        }
    }

    /**
     * Sum over k of -t[k] (1 - p[k])^gamma log p[k], Lin et al. 2017 (1708.02002), equation 4, with a softmax: images that
     * are told apart already count less, the more so the larger gamma is; 2 in the paper. With 0 it is
     * {@link CrossEntropy}.
     */
    record Focal(double gamma) implements Loss {
        public Focal {
            if (!(gamma >= 0 && Double.isFinite(gamma)))
                throw new IllegalArgumentException("gamma of a focal loss is a number from 0 on, got " + gamma);
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.focal(this);
        }

        @Override
        public String words() {
            return "focal loss with gamma " + gamma;
        }

        @Override
        public boolean weighs() {
            return true;
        }
    }

    /**
     * Each class as a question of its own, Wightman et al. 2021 (2110.00476), section 3: with s = sigmoid(z), the sum over
     * k of -(t[k] log s[k] + (1 - t[k]) log(1 - s[k])), over K. PyTorch's {@code BCEWithLogitsLoss}, timm's
     * {@code BinaryCrossEntropy}. Weights of classes in the rows are part of what a class should come to, not of how much
     * it counts.
     */
    record BinaryCrossEntropy() implements Loss {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.binaryCrossEntropy(this);
        }

        @Override
        public String words() {
            return "binary cross-entropy";
        }

        @Override
        public boolean weighs() {
            return false;
        }
    }
}
