package org.convzoo.onednn.binding;

import static org.bytedeco.dnnl.global.dnnl.*;
import static org.convzoo.onednn.binding.Dnnl.check;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_post_ops;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerPointer;

/** Owns native objects of one compiled network and destroys them, the last first, when closed. */
public final class Natives implements AutoCloseable {
    private static final AtomicInteger OPEN = new AtomicInteger();

    private final List<Runnable> destroy = new ArrayList<>();
    private final int type;
    private boolean closed;

    /** The natives of a network whose maps are in float32. */
    public Natives() {
        this(dnnl_f32);
    }

    /** @param type of maps and of the weights that kernels read: {@code dnnl_f32}, {@code dnnl_bf16} */
    public Natives(int type) {
        this.type = type;
        OPEN.incrementAndGet();
    }

    /** How many instances in this process are not closed. */
    public static int open() {
        return OPEN.get();
    }

    public int type() {
        return type;
    }

    private static final int[] ROWS = {dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde};

    /** Creates a primitive descriptor; the result is the status that the library returned. */
    interface Maker {
        int make(PointerPointer<dnnl_primitive_desc> into, dnnl_primitive_attr attributes);
    }

    public void onClose(Runnable r) {
        destroy.add(r);
    }

    public Desc desc(int tag, long... dims) {
        return desc(dnnl_f32, tag, dims);
    }

    /** @param type {@code dnnl_f32}, {@code dnnl_bf16} */
    public Desc desc(int type, int tag, long[] dims) {
        dnnl_memory_desc d = new dnnl_memory_desc();
        check(dnnl_memory_desc_create_with_tag(d, dims.length, dims, type, tag), "layout");
        return own(d, dims);
    }

    public Desc strided(long[] dims, long[] strides) {
        dnnl_memory_desc d = new dnnl_memory_desc();
        check(dnnl_memory_desc_create_with_strides(d, dims.length, dims, type, strides), "layout");
        return own(d, dims);
    }

    /** A layout of the library's choice. */
    public Desc any(long... dims) {
        return desc(type, dnnl_format_tag_any, dims);
    }

    /** Row-major float32: parameters, images, logits. */
    public Desc plain(long... dims) {
        return desc(dnnl_f32, ROWS[dims.length - 1], dims);
    }

    /** Row-major, of the maps' type. */
    public Desc rows(long... dims) {
        return desc(type, ROWS[dims.length - 1], dims);
    }

    /** Channels last: {@code [N, C, H, W]} as nhwc; {@code [N, C]} as it is. */
    public Desc channelsLast(long... dims) {
        return channelsLast(type, dims);
    }

    private Desc channelsLast(int type, long... dims) {
        return desc(type, dims.length == 4 ? dnnl_nhwc : ROWS[dims.length - 1], dims);
    }

    /** Channels in blocks of as many as a vector register of this machine holds. */
    public Desc blocked(long... dims) {
        return blocked(type, dims);
    }

    private Desc blocked(int type, long... dims) {
        return desc(type, Layout.BLOCK == 16 ? dnnl_nChw16c : dnnl_nChw8c, dims);
    }

    /** A depthwise convolution's weight, {@code [channels, 1, 1, h, w]}, with channels in such blocks. */
    public Desc kernels(long channels, long h, long w) {
        return kernels(type, channels, h, w);
    }

    /** The layout of {@link #kernels} with float32 elements. */
    public Desc floatKernels(long channels, long h, long w) {
        return kernels(dnnl_f32, channels, h, w);
    }

    private Desc kernels(int type, long channels, long h, long w) {
        return desc(type, Layout.BLOCK == 16 ? dnnl_Goihw16g : dnnl_Goihw8g, new long[] {channels, 1, 1, h, w});
    }

    /** The layout {@code d} with float32 elements, for loops in Java. */
    public Desc floats(Desc d) {
        return Layout.isChannelsLast(d) ? channelsLast(dnnl_f32, d.dims()) : blocked(dnnl_f32, d.dims());
    }

    /** Channels {@code from} to {@code to} of {@code whole}. */
    public Desc channels(Desc whole, long from, long to) {
        long[] dims = whole.dims().clone(), offsets = new long[dims.length];
        dims[1] = to - from;
        offsets[1] = from;
        return part(whole, dims, offsets);
    }

    /** The part of {@code whole} that begins at {@code offsets} and has the sizes {@code dims}. */
    public Desc part(Desc whole, long[] dims, long[] offsets) {
        dnnl_memory_desc d = new dnnl_memory_desc();
        check(dnnl_memory_desc_create_submemory(d, whole.handle(), dims, offsets), "view");
        return own(d, dims);
    }

    /**
     * One image of maps with channels in blocks. The blocks of an image lie one after the other, so that this is its
     * layout even if {@code maps} are some blocks of larger ones.
     */
    public Desc image(Desc maps) {
        long[] dims = maps.dims().clone();
        dims[0] = 1;
        return blocked(dims);
    }

    /** How many bytes lie before image {@code i} of {@code maps}, of this network's type. */
    public long imageOffset(Desc maps, int i) {
        try (PointerPointer<LongPointer> strides = new PointerPointer<>(1)) {
            check(dnnl_memory_desc_query(maps.handle(), dnnl_query_strides, strides), "layout");
            long each = strides.get(LongPointer.class).get(0);
            return (maps.offset() + i * each) * dnnl_data_type_size(type);
        }
    }

    /** The layout that a kernel uses for an argument: {@code dnnl_query_weights_md}. */
    public Desc query(Kernel k, int what, long... dims) {
        return query(k, what, 0, dims);
    }

    /** The working memory that {@code k} needs; empty (0 bytes) for most. */
    public Desc scratchpad(Kernel k) {
        return query(k, dnnl_query_scratchpad_md, 0);
    }

    private Desc query(Kernel k, int what, int index, long... dims) {
        dnnl_memory_desc d = new dnnl_memory_desc();
        check(dnnl_memory_desc_clone(d, dnnl_primitive_desc_query_md(k.handle(), what, index)), k.name());
        return own(d, dims);
    }

    /** A copy of the layout {@code d} that may outlive the owner of {@code d}. */
    public Desc copy(Desc d) {
        dnnl_memory_desc copy = new dnnl_memory_desc();
        check(dnnl_memory_desc_clone(copy, d.handle()), "layout");
        return own(copy, d.dims());
    }

    private Desc own(dnnl_memory_desc d, long[] dims) {
        destroy.add(() -> dnnl_memory_desc_destroy(d));
        return new Desc(d, dims);
    }

    /** A kernel that stores its results as they are; {@code what} it computes is for messages and profiles. */
    Kernel kernel(String what, Maker maker) {
        return kernel(what, new PostOps(), maker);
    }

    /**
     * A kernel that does {@code after} to each result. Its working memory is given by the program that runs it, so that
     * programs of several threads cannot meet in it.
     */
    Kernel kernel(String what, PostOps after, Maker maker) {
        dnnl_primitive_attr attributes = new dnnl_primitive_attr();
        check(dnnl_primitive_attr_create(attributes), what);
        dnnl_post_ops posts = new dnnl_post_ops();
        check(dnnl_post_ops_create(posts), what);
        try {
            check(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), what);
            after.append(posts);
            check(dnnl_primitive_attr_set_post_ops(attributes, posts), what);
            try (PointerPointer<dnnl_primitive_desc> made = new PointerPointer<>(1);
                    PointerPointer<BytePointer> name = new PointerPointer<>(1)) {
                check(maker.make(made, attributes), what);
                dnnl_primitive_desc pd = made.get(dnnl_primitive_desc.class);
                destroy.add(() -> dnnl_primitive_desc_destroy(pd));
                check(dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, name), what);
                return new Kernel(pd, what, name.get(BytePointer.class).getString());
            }
        } finally {
            dnnl_post_ops_destroy(posts);
            dnnl_primitive_attr_destroy(attributes);
        }
    }

    public dnnl_primitive primitive(Kernel k) {
        dnnl_primitive p = new dnnl_primitive();
        check(dnnl_primitive_create(p, k.handle()), k.name());
        destroy.add(() -> dnnl_primitive_destroy(p));
        return p;
    }

    /** An argument of a primitive: an array that lies {@code at}. */
    public dnnl_memory memory(Desc d, BytePointer at) {
        dnnl_memory m = new dnnl_memory();
        check(dnnl_memory_create(m, d.handle(), Dnnl.CPU, at), "memory");
        destroy.add(() -> dnnl_memory_destroy(m));
        return m;
    }

    @Override
    public void close() {
        for (int i = destroy.size() - 1; i >= 0; i--) destroy.get(i).run();
        destroy.clear();
        if (!closed) OPEN.decrementAndGet();
        closed = true;
    }
}
