package org.convzoo.onednn.binding;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_stream;
import org.convzoo.failure.OutOfMemoryException;

/** The native library: its CPU engine and stream, which live as long as the process, and its status codes. */
public final class Dnnl {
    static final dnnl_engine CPU;
    public static final dnnl_stream STREAM;

    static {
        Library.load();
        CPU = new dnnl_engine();
        check(dnnl_engine_create(CPU, dnnl_cpu, 0), "engine");
        STREAM = new dnnl_stream();
        check(dnnl_stream_create(STREAM, CPU, dnnl_stream_in_order), "stream");
    }

    private Dnnl() {}

    /**
     * Throws {@link OutOfMemoryException}, or {@link IllegalStateException} with the library's word, unless
     * {@code status} is success.
     */
    public static void check(int status, String what) {
        if (status == dnnl_success) return;
        if (status == dnnl_out_of_memory) throw new OutOfMemoryException("oneDNN has no memory for " + what);
        String word = "status " + status;
        for (var s : org.bytedeco.dnnl.global.dnnl.status.values()) if (s.value == status) word = s.name();
        throw new IllegalStateException("oneDNN: " + word + " in " + what);
    }

    public static String version() {
        var v = org.bytedeco.dnnl.global.dnnl.version();
        return v.major() + "." + v.minor() + "." + v.patch();
    }

    public static String instructionSet() {
        int isa = dnnl_get_effective_cpu_isa();
        for (var known : org.bytedeco.dnnl.global.dnnl.cpu_isa.values()) if (known.value == isa) return known.name();
        return "isa " + isa;
    }
}
