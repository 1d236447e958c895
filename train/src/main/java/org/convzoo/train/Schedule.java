package org.convzoo.train;

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
        @JsonSubTypes.Type(value = Steps.class, name = "steps")
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

    public Schedule {
        if (!(warmUp >= 0 && warmUp < 1))
            throw new IllegalArgumentException("a warm-up is a share of the run from 0 to under 1, got " + warmUp);
    }

    /** The factor of the learning rate at {@code step} (from 0) of a run of {@code steps}. */
    public double factor(long step, long steps) {
        double up = warmUp * steps;
        return step < up ? (step + 1) / (up + 1) : curve.factor((step - up) / (steps - up));
    }
}
