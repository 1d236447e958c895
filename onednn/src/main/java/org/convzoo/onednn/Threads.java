package org.convzoo.onednn;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.util.function.Supplier;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;

/**
 * How many threads oneDNN uses. That is a setting of OpenMP's, which each thread of this process has for itself, and
 * neither oneDNN nor its binding has a call for it.
 */
final class Threads {
    private static final Object[] NOTHING = {};
    private static final Function SET = function("omp_set_num_threads"), MAX = function("omp_get_max_threads");

    private Threads() {}

    /** A function of OpenMP's: a library's handle also finds what the libraries below it offer. */
    static Function function(String name) {
        return NativeLibrary.getInstance(Loader.load(dnnl.class)).getFunction(name);
    }

    /** Whether this machine lets it be set. */
    static boolean settable() {
        try {
            return max() > 0;
        } catch (LinkageError e) {
            return false;
        }
    }

    /** Of what the calling thread starts. */
    static int max() {
        return MAX.invokeInt(NOTHING);
    }

    /** Does {@code work} in the calling thread alone; what it compiles is for one thread. */
    static <T> T alone(Supplier<T> work) {
        int usual = max();
        SET.invokeVoid(new Object[] {1});
        try {
            return work.get();
        } finally {
            SET.invokeVoid(new Object[] {usual});
        }
    }
}
