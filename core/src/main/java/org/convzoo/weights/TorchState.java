package org.convzoo.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Node;
import org.convzoo.graph.Op;
import org.convzoo.graph.Shape;
import org.convzoo.system.AtomicFile;
import org.convzoo.weights.Weights.Tensor;

/**
 * A network's state for PyTorch's libraries, which load it strictly: under the names that they have, with the counters of
 * batches that their batch norms keep ({@code num_batches_tracked}, int64 without axes, here 0), and without the network.
 */
public final class TorchState {
    /** How the numbers are stored. */
    public enum Type {
        F32("FloatStorage", Float.BYTES),
        F16("HalfStorage", Short.BYTES);

        private final String storage;
        private final int bytes;

        Type(String storage, int bytes) {
            this.storage = storage;
            this.bytes = bytes;
        }
    }

    /** An array of the state; none of the weights' for a counter. */
    private record Entry(String name, Shape shape, List<Tensor> values) {
        boolean isCounter() {
            return values.isEmpty();
        }
    }

    private static final int CHUNK = 1 << 18;

    private final List<Entry> entries = new ArrayList<>();
    private final Type type;

    /**
     * The state of {@code graph}.
     *
     * @throws IllegalArgumentException where the weights are not those of the graph
     * @throws WrongUseException where a number is too large for the type
     */
    public TorchState(Graph graph, Weights weights, Type type) {
        weights.check(graph);
        this.type = type;
        List<String> counted = new ArrayList<>();
        for (Node n : graph.nodes()) if (n.op() instanceof Op.BatchNorm) counted.add(n.path());
        graph.parameters().forEach((name, p) -> {
            Tensor t = weights.get(name);
            if (type == Type.F16) requireHalf(name, t);
            entries.add(new Entry(name, p.shape(), List.of(t)));
            String path = name.substring(0, Math.max(0, name.lastIndexOf('.')));
            if (name.endsWith(".running_var") && counted.contains(path))
                entries.add(new Entry(path + ".num_batches_tracked", new Shape(), List.of()));
        });
    }

    private static void requireHalf(String name, Tensor t) {
        FloatBuffer v = t.values();
        for (int i = 0; i < v.limit(); i++)
            if (Math.abs(v.get(i)) >= 65520)
                throw new WrongUseException(name + " has a value that is too large for float16: " + v.get(i));
    }

    private long bytes(Entry e) {
        return e.isCounter() ? Long.BYTES : e.shape.elements() * type.bytes;
    }

    /** Gives the numbers of an array to {@code out}, little-endian. */
    private void write(Entry e, OutputStream out) throws IOException {
        if (e.isCounter()) {
            out.write(new byte[Long.BYTES]);
            return;
        }
        FloatBuffer v = e.values.get(0).values();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        while (v.hasRemaining()) {
            chunk.clear();
            while (v.hasRemaining() && chunk.remaining() >= type.bytes) {
                if (type == Type.F32) chunk.putFloat(v.get());
                else chunk.putShort(ElementType.toHalf(v.get()));
            }
            out.write(chunk.array(), 0, chunk.position());
        }
    }

    // -- safetensors ----------------------------------------------------------------------------------

    /** Writes {@code file} in the format safetensors, as a whole or not at all. */
    public void writeSafeTensors(Path file) throws IOException {
        // What is longest first, as the format's own writer does, so that all numbers lie at multiples of their size.
        List<Entry> inOrder = new ArrayList<>(entries);
        inOrder.sort((a, b) -> Boolean.compare(b.isCounter(), a.isCounter()));
        var header = new StringJoiner(",", "{", "}").add("\"__metadata__\":{\"format\":\"pt\"}");
        long at = 0;
        for (Entry e : inOrder) {
            String sizes =
                    Arrays.stream(e.shape.dims()).mapToObj(Integer::toString).collect(Collectors.joining(","));
            header.add(Header.quoted(e.name) + ":{\"dtype\":\"" + (e.isCounter() ? "I64" : type) + "\",\"shape\":["
                    + sizes + "],\"data_offsets\":[" + at + "," + (at + bytes(e)) + "]}");
            at += bytes(e);
        }
        byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (text.length + 7) / 8 * 8;
        ByteBuffer head = ByteBuffer.allocate(8 + padded)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded)
                .put(text);
        while (head.hasRemaining()) head.put((byte) ' ');
        AtomicFile.write(file, channel -> {
            OutputStream out = Channels.newOutputStream(channel);
            out.write(head.array());
            for (Entry e : inOrder) write(e, out);
        });
    }

    // -- PyTorch's archive ----------------------------------------------------------------------------

    /** Writes {@code file} as {@code torch.save} does a state, as a whole or not at all. */
    public void writeTorch(Path file) throws IOException {
        AtomicFile.write(file, channel -> {
            var zip = new ZipOutputStream(Channels.newOutputStream(channel));
            put(zip, "data.pkl", pickle());
            put(zip, "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < entries.size(); i++) {
                Entry e = entries.get(i);
                CRC32 crc = new CRC32();
                write(e, new OutputStream() {
                    @Override
                    public void write(int b) {
                        crc.update(b);
                    }

                    @Override
                    public void write(byte[] b, int from, int length) {
                        crc.update(b, from, length);
                    }
                });
                stored(zip, "data/" + i, bytes(e), crc.getValue());
                write(e, zip);
                zip.closeEntry();
            }
            put(zip, "version", "3\n".getBytes(StandardCharsets.US_ASCII));
            zip.finish();
        });
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        stored(zip, name, content.length, crc.getValue());
        zip.write(content);
        zip.closeEntry();
    }

    /** PyTorch's reader wants files that are not compressed. */
    private static void stored(ZipOutputStream zip, String name, long size, long crc) throws IOException {
        ZipEntry entry = new ZipEntry("archive/" + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setTimeLocal(java.time.LocalDateTime.of(1980, 1, 1, 0, 0));
        entry.setSize(size);
        entry.setCrc(crc);
        zip.putNextEntry(entry);
    }

    /** The dict of tensors in protocol 2: each a call that makes one of a storage, which is in a file of its own. */
    private byte[] pickle() {
        var out = new PickleWriter();
        out.op(0x80, 2).name("collections", "OrderedDict").op(')', 'R', '(');
        for (int i = 0; i < entries.size(); i++) {
            Entry e = entries.get(i);
            out.text(e.name).name("torch._utils", "_rebuild_tensor_v2").op('(');
            out.op('(').text("storage").name("torch", e.isCounter() ? "LongStorage" : type.storage);
            out.text("" + i)
                    .text("cpu")
                    .number(Math.toIntExact(e.shape.elements()))
                    .op('t', 'Q');
            out.number(0).tuple(e.shape.dims()).tuple(strides(e.shape)).op(0x89);
            out.name("collections", "OrderedDict").op(')', 'R', 't', 'R');
        }
        return out.op('u', '.').bytes();
    }

    private static int[] strides(Shape shape) {
        int[] strides = shape.dims();
        int step = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            int size = strides[i];
            strides[i] = step;
            step *= size;
        }
        return strides;
    }

    /** Instructions of a pickle, one after another. */
    private static final class PickleWriter {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        PickleWriter op(int... codes) {
            for (int c : codes) out.write(c);
            return this;
        }

        PickleWriter name(String module, String name) {
            op('c');
            out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
            return this;
        }

        PickleWriter text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            op('X').word(utf8.length);
            out.writeBytes(utf8);
            return this;
        }

        PickleWriter number(int n) {
            return op('J').word(n);
        }

        private PickleWriter word(int n) {
            return op(n & 255, n >> 8 & 255, n >> 16 & 255, n >>> 24);
        }

        PickleWriter tuple(int[] items) {
            op('(');
            for (int n : items) number(n);
            return op('t');
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
