package org.convzoo.onednn.binding;

import static org.bytedeco.dnnl.global.dnnl.*;
import static org.convzoo.onednn.binding.Dnnl.check;

import java.util.Arrays;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;

/** A layout: sizes and where each element lies. A view's layout carries its offset. */
public record Desc(dnnl_memory_desc handle, long[] dims) {
    public long bytes() {
        return dnnl_memory_desc_get_size(handle);
    }

    /** The bytes of the elements alone; an opaque layout has no elements, but a size. */
    public long elementBytes() {
        if (dims.length == 0) return bytes();
        try (IntPointer type = new IntPointer(1)) {
            check(dnnl_memory_desc_query(handle, dnnl_query_data_type, type), "layout");
            return elements() * dnnl_data_type_size(type.get());
        }
    }

    public long elements() {
        return Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    }

    /** How many elements of something larger lie before this part of it. */
    public long offset() {
        try (LongPointer offset = new LongPointer(1)) {
            check(dnnl_memory_desc_query(handle, dnnl_query_submemory_offset_s64, offset), "layout");
            return offset.get();
        }
    }

    public boolean same(Desc other) {
        return handle.equals(other.handle) || dnnl_memory_desc_equal(handle, other.handle) != 0;
    }
}
