package org.convzoo.bench;

import java.util.Map;

/** The programs that take turns, by the names that the comparison's scripts give them. */
final class Variants {
    // spotless:off
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("ours", "convzoo"),
            Map.entry("ours_bf16", "convzoo bf16"),
            Map.entry("ours_checkpointing", "convzoo, --checkpointing"),
            Map.entry("torch", "PyTorch"),
            Map.entry("torch_cl", "PyTorch, channels last"),
            Map.entry("torch_cl_m", "PyTorch, channels last, tuned allocator"),
            Map.entry("bf16_cl", "PyTorch bf16 autocast"),
            Map.entry("compile", "torch.compile"),
            Map.entry("compile_m", "torch.compile, tuned allocator"),
            Map.entry("ort_py", "ONNX Runtime"),
            Map.entry("ort_java", "ONNX Runtime from Java"),
            Map.entry("ov_f32", "OpenVINO"),
            Map.entry("ov_default", "OpenVINO, its default precision"),
            Map.entry("djl", "DJL"),
            Map.entry("libtorch_java", "libtorch from Java"),
            Map.entry("libtorch_java_cl", "libtorch from Java, channels last"),
            Map.entry("dl4j", "DL4J"),
            Map.entry("dl4j_onednn512", "DL4J on oneDNN"));
    // spotless:on

    private Variants() {}

    static String name(String variant) {
        return NAMES.getOrDefault(variant, variant);
    }

    static boolean isOurs(String variant) {
        return variant.startsWith("ours");
    }

    /** Others that train in float32. */
    static boolean isFloat32(String variant) {
        return !isOurs(variant) && !isHalf(variant);
    }

    /** Others that compute in bfloat16 where the processor has it. */
    static boolean isHalf(String variant) {
        return variant.equals("bf16_cl") || variant.equals("ov_default");
    }

    /** Runtimes that only predict, in float32. */
    static boolean isRuntime(String variant) {
        return variant.startsWith("ort_") || variant.equals("ov_f32");
    }
}
