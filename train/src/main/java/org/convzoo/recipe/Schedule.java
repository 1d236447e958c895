package org.convzoo.recipe;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/**
 * How the learning rate moves over a run, step by step, as data: linearly from 0 to the full rate, then along a curve.
 * Places are shares of the run, so that a run of another length keeps its form. A warm-up of about a third with a
 * cosine is the one-cycle policy of Smith, Topin 2017 (1708.07120).
 *
 * @param warmUp the share of the run, from 0 to under 1, in which the rate rises (Goyal et al. 2017, 1706.02677,
 *     section 2.2)
 * @param curve what follows
 */
public record Schedule(double warmUp, Curve curve) {
    /** The rate from the end of the warm-up (place 0) to the end of the run (place 1), as a factor of the full one. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Constant.class, name = "constant"),
        @JsonSubTypes.Type(value = Linear.class, name = "linear"),
        @JsonSubTypes.Type(value = Cosine.class, name = "cosine"),
        @JsonSubTypes.Type(value = CosineRestarts.class, name = "cosine_restarts"),
        @JsonSubTypes.Type(value = OneCycle.class, name = "one_cycle"),
        @JsonSubTypes.Type(value = Polynomial.class, name = "polynomial"),
        @JsonSubTypes.Type(value = Exponential.class, name = "exponential"),
        @JsonSubTypes.Type(value = Step.class, name = "step"),
        @JsonSubTypes.Type(value = Steps.class, name = "steps"),
        @JsonSubTypes.Type(value = Plateau.class, name = "plateau")
    })
    public sealed interface Curve {
        double factor(double place);
    }

    /** Stays. */
    public record Constant() implements Curve {
        @Override
        public double factor(double place) {
            return 1;
        }
    }

    /** Falls evenly to 0. */
    public record Linear() implements Curve {
        @Override
        public double factor(double place) {
            return 1 - place;
        }
    }

    /** Half a cosine down to 0: Loshchilov, Hutter 2016 (1608.03983), equation 5, without restarts. */
    public record Cosine() implements Curve {
        @Override
        public double factor(double place) {
            return 0.5 * (1 + Math.cos(Math.PI * place));
        }
    }

    /**
     * Cosines one after another, each down to 0: Loshchilov, Hutter 2016 (1608.03983), section 3.
     *
     * @param cycles how many
     * @param growth how many times as long as the one before each is, at least 1; the paper's T_mult
     * @param height how many times as high as the one before each begins, over 0 and at most 1
     */
    public record CosineRestarts(int cycles, double growth, double height) implements Curve {
        public CosineRestarts {
            if (cycles < 1) throw new IllegalArgumentException("a cosine has at least 1 cycle, got " + cycles);
            if (!(growth >= 1)) throw new IllegalArgumentException("the growth of cycles is at least 1, got " + growth);
            checkFactor("height of a cycle", height);
            if (!(first(cycles, growth) >= 1e-3))
                throw new IllegalArgumentException("the first of " + cycles + " cycles, each " + growth
                        + " times as long as the one before, is under a thousandth of the run");
        }

        private static double first(int cycles, double growth) {
            return growth == 1 ? 1.0 / cycles : (growth - 1) / (Math.pow(growth, cycles) - 1);
        }

        @Override
        public double factor(double place) {
            double from = 0, length = first(cycles, growth), top = 1;
            for (int i = 1; i < cycles && place >= from + length - ROUNDING; i++) {
                from += length;
                length *= growth;
                top *= height;
            }
            return top * between(1, 0, (place - from) / length);
        }
    }

    /**
     * Half a cosine up and half a cosine down, with a warm-up of its own: Smith, Topin 2017 (1708.07120), in the form of
     * PyTorch's {@code OneCycleLR}, without its cycle of the momentum.
     *
     * @param peak the place of the full rate, over 0 and under 1
     * @param start the factor at the beginning; PyTorch's is 1/25
     * @param end the factor at the end; PyTorch's is 1/250000
     */
    public record OneCycle(double peak, double start, double end) implements Curve {
        public OneCycle {
            if (!(peak > 0 && peak < 1))
                throw new IllegalArgumentException("the peak of a cycle is over 0 and under 1, got " + peak);
            checkFactor("start of a cycle", start);
            checkFactor("end of a cycle", end);
        }

        @Override
        public double factor(double place) {
            return place < peak ? between(start, 1, place / peak) : between(1, end, (place - peak) / (1 - peak));
        }
    }

    /** Falls to 0 as a power of what is left of the run. */
    public record Polynomial(double power) implements Curve {
        public Polynomial {
            if (!(power > 0 && Double.isFinite(power)))
                throw new IllegalArgumentException("the power of a polynomial is over 0, got " + power);
        }

        @Override
        public double factor(double place) {
            return Math.pow(1 - place, power);
        }
    }

    /** Falls by the same factor with every step, to {@code end} at the end of the run. */
    public record Exponential(double end) implements Curve {
        public Exponential {
            checkFactor("end of an exponential", end);
        }

        @Override
        public double factor(double place) {
            return Math.pow(end, place);
        }
    }

    /** Is multiplied by {@code factor} each time that the share {@code every} of the run is over. */
    public record Step(double every, double factor) implements Curve {
        public Step {
            if (!(every > 0 && every <= 1))
                throw new IllegalArgumentException("steps come every so often, over 0 and at most 1, got " + every);
            checkFactor("factor of a step", factor);
        }

        @Override
        public double factor(double place) {
            return Math.pow(factor, Math.floor(place / every + ROUNDING));
        }
    }

    /** Is multiplied by {@code factor} at each of the places {@code at}. */
    public record Steps(List<Double> at, double factor) implements Curve {
        public Steps {
            at = List.copyOf(at);
        }

        @Override
        public double factor(double place) {
            return Math.pow(factor, at.stream().filter(a -> place >= a).count());
        }
    }

    /**
     * Is multiplied by {@code factor} after more than {@code patience} epochs in which the loss of the validation images was
     * not by a ten thousandth under the least before: PyTorch's {@code ReduceLROnPlateau}.
     */
    public record Plateau(double factor, int patience) implements Curve {
        public Plateau {
            checkFactor("factor of a plateau", factor);
            if (patience < 0) throw new IllegalArgumentException("patience is a number of epochs, got " + patience);
        }

        /** 1: no place decides. */
        @Override
        public double factor(double place) {
            return 1;
        }

        double after(List<EpochMetrics> epochs) {
            double product = 1, least = Double.POSITIVE_INFINITY;
            int waited = 0;
            for (EpochMetrics e : epochs) {
                boolean better = e.loss() < least * (1 - 1e-4);
                if (better) least = e.loss();
                waited = better ? 0 : waited + 1;
                if (waited > patience) {
                    product *= factor;
                    waited = 0;
                }
            }
            return product;
        }
    }

    /** A place that is 3 times a tenth may be a little before that of 0.3. */
    private static final double ROUNDING = 1e-9;

    /** From {@code start} to {@code end} along half a cosine, at a place from 0 to 1. */
    private static double between(double start, double end, double place) {
        return end + (start - end) * 0.5 * (1 + Math.cos(Math.PI * place));
    }

    private static void checkFactor(String what, double factor) {
        if (!(factor > 0 && factor <= 1))
            throw new IllegalArgumentException("the " + what + " is over 0 and at most 1, got " + factor);
    }

    public Schedule {
        if (!(warmUp >= 0 && warmUp < 1))
            throw new IllegalArgumentException("a warm-up is a share of the run from 0 to under 1, got " + warmUp);
    }

    /** The factor of the learning rate at {@code step} (from 0) of a run of {@code steps}. */
    public double factor(long step, long steps) {
        double up = warmUp * steps;
        return step < up ? (step + 1) / (up + 1) : curve.factor((step - up) / (steps - up));
    }

    /** The factor in the epoch after some: what {@link Plateau} says; 1 by all other curves. */
    public double factor(List<EpochMetrics> epochs) {
        return curve instanceof Plateau plateau ? plateau.after(epochs) : 1;
    }
}
