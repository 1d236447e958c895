package org.convzoo.onednn.binding;

import org.bytedeco.dnnl.dnnl_primitive_desc;

/** A primitive descriptor, what it computes, and its implementation's name, {@code brgconv_1x1:avx512_core}. */
public record Kernel(dnnl_primitive_desc handle, String what, String name) {}
