package org.convzoo.engine;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import org.convzoo.failure.WrongUseException;
import org.convzoo.system.Machine;

/**
 * How an engine is opened; a change is made from {@link #DEFAULTS}.
 *
 * @param threads how many threads compute, at most {@link #MOST_THREADS}. 0: as many as the environment variable {@code
 *     OMP_NUM_THREADS} says, or else {@link Machine#cores}
 * @param tuning whether ways to run a network are measured
 * @param plans the file in which {@link Tuning#MEASURED} remembers what was the fastest; made when it is missing
 */
@RecordBuilder
public record EngineOptions(int threads, Tuning tuning, Path plans) implements EngineOptionsBuilder.With {
    /** More do not help on any machine, and far more crash the libraries that start them. */
    public static final int MOST_THREADS = 1024;

    /** All cores; measured, and remembered in {@code convzoo/plans.properties} in the user's cache folder. */
    public static final EngineOptions DEFAULTS =
            new EngineOptions(0, Tuning.MEASURED, Machine.cache().resolve("plans.properties"));

    /** Throws {@link WrongUseException} for a number of threads that is out of bounds. */
    public EngineOptions {
        if (threads != 0) check("an engine's threads", Integer.toString(threads));
    }

    /** The number of threads that {@code text} gives; {@code what} is where it stands. */
    private static int check(String what, String text) {
        if (text.matches("\\d{1,4}")) {
            int n = Integer.parseInt(text);
            if (n >= 1 && n <= MOST_THREADS) return n;
        }
        throw new WrongUseException(what + " are from 1 to " + MOST_THREADS + ", best the " + Machine.cores()
                + " cores that this process may use; got '" + text + "'");
    }

    /** {@link #threads}, or what it stands for if 0. Throws {@link WrongUseException} as the constructor does. */
    public int threadsOrCores() {
        return threads == 0 ? threads(System.getenv().getOrDefault("OMP_NUM_THREADS", "")) : threads;
    }

    /** The threads that OMP_NUM_THREADS gives: OpenMP takes a number for each level of nesting, the outermost first. */
    static int threads(String given) {
        return given.isEmpty()
                ? Machine.cores()
                : check("the threads of OMP_NUM_THREADS", given.split(",", 2)[0].trim());
    }
}
