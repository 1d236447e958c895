package org.convzoo.onednn.binding;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencl.presets.OpenCL;
import org.convzoo.failure.WrongUseException;
import org.jspecify.annotations.Nullable;

/** oneDNN's file: unpacked and loaded once, when it is first needed. */
public final class Library {
    private static final String LOAD = "org.bytedeco.javacpp.loadlibraries";

    private static @Nullable NativeLibrary loaded;

    private Library() {}

    /**
     * Loads the library, if that has not been done. Throws {@link LinkageError} where it does not load, and
     * {@link WrongUseException} where there is no safe place to unpack it.
     */
    public static synchronized NativeLibrary load() {
        if (loaded == null) {
            // JavaCPP's own limits derive from the Java heap and would refuse large networks; engines count for
            // themselves.
            setUnlessGiven("org.bytedeco.javacpp.maxBytes", "0");
            setUnlessGiven("org.bytedeco.javacpp.maxPhysicalBytes", "0");
            checkCache(NativeCache.use());
            initialiseOpenCl();
            loaded = NativeLibrary.getInstance(Loader.load(dnnl.class));
        }
        return loaded;
    }

    private static void setUnlessGiven(String property, String value) {
        if (System.getProperty(property) == null) System.setProperty(property, value);
    }

    /** Another library in this process may have made JavaCPP choose its folder before. */
    private static void checkCache(Path chosen) {
        try {
            Path used = Loader.getCacheDir().toPath();
            if (!used.equals(chosen)) NativeCache.choose(List.of(used));
        } catch (IOException e) {
            throw new WrongUseException("native libraries cannot be unpacked: " + e.getMessage(), e);
        }
    }

    /**
     * Initialises the description of OpenCL, which that of oneDNN needs. The one that fits was never published, and of
     * any other JavaCPP warns on standard error, except while it is told to load no libraries.
     */
    private static void initialiseOpenCl() {
        String usual = System.getProperty(LOAD);
        System.setProperty(LOAD, "false");
        try {
            MethodHandles.lookup().ensureInitialized(OpenCL.class);
        } catch (IllegalAccessException e) {
            throw new LinkageError("the OpenCL binding is not accessible", e);
        } finally {
            if (usual == null) System.clearProperty(LOAD);
            else System.setProperty(LOAD, usual);
        }
    }
}
