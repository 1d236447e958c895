package org.convzoo.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.lang.invoke.MethodHandles;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencl.presets.OpenCL;

/** The native library: its CPU engine and stream, which live as long as the process, and its status codes. */
final class Dnnl {
    static final dnnl_engine CPU;
    static final dnnl_stream STREAM;

    static {
        // JavaCPP's own limits derive from the Java heap and would refuse large networks; engines count for themselves.
        if (System.getProperty("org.bytedeco.javacpp.maxBytes") == null)
            System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
        if (System.getProperty("org.bytedeco.javacpp.maxPhysicalBytes") == null)
            System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        initialiseOpenCl();
        CPU = new dnnl_engine();
        check(dnnl_engine_create(CPU, dnnl_cpu, 0), "engine");
        STREAM = new dnnl_stream();
        check(dnnl_stream_create(STREAM, CPU, dnnl_stream_in_order), "stream");
    }

    private Dnnl() {}

    /**
     * Initialises the description of OpenCL, which that of oneDNN needs. The one that fits was never published, and of
     * any other JavaCPP warns on standard error, except while it is told to load no libraries.
     */
    private static void initialiseOpenCl() {
        String loading = "org.bytedeco.javacpp.loadlibraries", usual = System.getProperty(loading);
        System.setProperty(loading, "false");
        try {
            MethodHandles.lookup().ensureInitialized(OpenCL.class);
        } catch (IllegalAccessException e) {
            throw new LinkageError("the OpenCL binding is not accessible", e);
        } finally {
            if (usual == null) System.clearProperty(loading);
            else System.setProperty(loading, usual);
        }
    }

    /** Where the library lies. */
    static String path() {
        return Loader.load(org.bytedeco.dnnl.global.dnnl.class);
    }

    /** Throws {@link IllegalStateException} with the library's word unless {@code status} is success. */
    static void check(int status, String what) {
        if (status == dnnl_success) return;
        if (status == dnnl_out_of_memory)
            throw new IllegalStateException("oneDNN is out of memory in " + what + "; use a smaller batch");
        String word = "status " + status;
        for (var s : org.bytedeco.dnnl.global.dnnl.status.values()) if (s.value == status) word = s.name();
        throw new IllegalStateException("oneDNN: " + word + " in " + what);
    }

    static String version() {
        var v = org.bytedeco.dnnl.global.dnnl.version();
        return v.major() + "." + v.minor() + "." + v.patch();
    }

    static String instructionSet() {
        int isa = dnnl_get_effective_cpu_isa();
        for (var known : org.bytedeco.dnnl.global.dnnl.cpu_isa.values()) if (known.value == isa) return known.name();
        return "isa " + isa;
    }
}
