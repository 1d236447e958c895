package org.convzoo.onednn.binding;

import com.sun.jna.Function;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How many threads oneDNN uses. That is a setting of OpenMP's, which each thread of this process has for itself, and
 * neither oneDNN nor its binding has a call for it.
 */
public final class Threads {
    private static final Object[] NOTHING = {};
    private static final @Nullable Function SET = function("omp_set_num_threads"),
            MAX = function("omp_get_max_threads");

    private Threads() {}

    /**
     * OpenMP's function {@code name}, if there is one: oneDNN's handle also finds what the libraries below it offer.
     */
    static @Nullable Function function(String name) {
        try {
            return Library.load().getFunction(name);
        } catch (UnsatisfiedLinkError notThere) {
            return null;
        }
    }

    /**
     * Whether this machine's OpenMP lets the number be set; if not, it is what the library took from its environment.
     */
    public static boolean settable() {
        return SET != null && MAX != null;
    }

    /** The number of threads of what the calling thread starts; to be asked only where it is {@link #settable}. */
    public static int max() {
        return Objects.requireNonNull(MAX).invokeInt(NOTHING);
    }

    /** Does {@code work} in the calling thread alone; kernels that it compiles are for one thread. */
    public static <T> T alone(Supplier<T> work) {
        return with(1, work);
    }

    /** Does {@code work} with so many threads, the calling one among them; kernels that it compiles are for as many. */
    public static <T> T with(int threads, Supplier<T> work) {
        int usual = settable() ? max() : threads;
        if (usual == threads) return work.get();
        Function set = Objects.requireNonNull(SET);
        set.invokeVoid(new Object[] {threads});
        try {
            return work.get();
        } finally {
            set.invokeVoid(new Object[] {usual});
        }
    }
}
