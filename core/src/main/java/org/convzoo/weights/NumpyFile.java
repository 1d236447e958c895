package org.convzoo.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.StoppedException;
import org.convzoo.weights.Pickle.Named;
import org.convzoo.weights.Pickle.Refused;
import org.convzoo.weights.Pickle.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Files of NumPy's arrays: {@code .npz}, a zip archive of {@code .npy} files ({@code numpy.savez}), and a pickle of dicts
 * and lists of arrays, of which nothing but arrays is taken, see {@link Pickle}.
 */
public final class NumpyFile {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern HEADER = Pattern.compile(
            "\\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \\(((?:\\d+, ?)*(?:\\d+,?)?)\\),? *\\}\\s*");

    /** Dicts and lists in each other at most; deeper is no network. */
    private static final int DEEPEST = 16;

    private NumpyFile() {}

    /**
     * Reads the arrays of floats in {@code file}. The names of an archive's arrays are those of its files; in a pickle the
     * keys of dicts and the places in lists lead to an array, joined by dots: {@code conv1.0}. Left out are arrays of
     * integers, and arrays without elements or axes. Throws {@link BrokenFileException} for what is cut off, no such file,
     * or asks for anything but arrays, then with the name that it asks for; {@link OutOfMemoryException}; {@link StoppedException} when interrupted.
     */
    public static Weights read(Path file) {
        return ForeignFile.read(file, f -> Archive.isZip(f) ? readArchive(f) : readPickle(f));
    }

    // -- archives -------------------------------------------------------------------------------------

    private static Map<String, Weights.Tensor> readArchive(Path file) throws IOException, Refused {
        Map<String, Weights.Tensor> all = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry e : Collections.list(zip.entries())) {
                if (!e.getName().endsWith(".npy")) continue;
                String name = e.getName().substring(0, e.getName().length() - ".npy".length());
                Array a = npy(ByteBuffer.wrap(Archive.content(zip, e)), name);
                a.tensor(name).ifPresent(t -> all.put(name, t));
            }
        }
        if (all.isEmpty()) throw new Refused("is an archive without arrays of floats (.npy)");
        return all;
    }

    /** Reads one array, as {@code numpy.lib.format} describes it, versions 1 to 3. */
    private static Array npy(ByteBuffer in, String name) throws Refused {
        in.order(ByteOrder.LITTLE_ENDIAN);
        if (in.remaining() < 12) throw new Refused("has an array that is cut off: " + Header.plain(name));
        for (byte b : MAGIC) if (in.get() != b) throw new Refused("has a file that is no array: " + Header.plain(name));
        int version = in.get();
        in.get();
        long length = version == 1 ? in.getShort() & 0xFFFF : in.getInt() & 0xFFFFFFFFL;
        if (length > in.remaining()) throw new Refused("has an array that is cut off: " + Header.plain(name));
        byte[] text = new byte[(int) length];
        in.get(text);
        Matcher m = HEADER.matcher(new String(text, StandardCharsets.ISO_8859_1));
        if (text.length > 10_000 || !m.matches())
            throw new Refused("has an array of a kind that is not read: " + Header.plain(name));
        List<Object> sizes = new ArrayList<>();
        for (String size : m.group(3).split(", ?"))
            if (!size.isEmpty()) {
                if (size.length() > 18) throw new Refused("has an array of impossible sizes: " + Header.plain(name));
                sizes.add(Long.valueOf(size));
            }
        return new Array(Dtype.of(m.group(1)), sizes, m.group(2).equals("True"), in.slice());
    }

    // -- pickles --------------------------------------------------------------------------------------

    private static Map<String, Weights.Tensor> readPickle(Path file) throws IOException, Refused {
        if (Files.size(file) > Integer.MAX_VALUE - 8) throw new Refused("is larger than 2 GiB");
        Map<String, Weights.Tensor> all = new LinkedHashMap<>();
        collect("", Pickle.read(ByteBuffer.wrap(Files.readAllBytes(file)), NumpyFile::named), 0, all);
        if (all.isEmpty()) throw new Refused("is a pickle without arrays of floats");
        return all;
    }

    private static void collect(String name, Object o, int depth, Map<String, Weights.Tensor> into) throws Refused {
        if (depth > DEEPEST) throw new Refused("nests dicts and lists too deep for a network's weights");
        if (o instanceof Array a) {
            a.tensor(name).ifPresent(t -> into.put(name, t));
        } else if (o instanceof Map<?, ?> m) {
            for (Map.Entry<?, ?> e : m.entrySet()) collect(joined(name, e.getKey()), e.getValue(), depth + 1, into);
        } else if (o instanceof List<?> || o instanceof Tuple) {
            List<?> items = o instanceof Tuple t ? t.items() : (List<?>) o;
            for (int i = 0; i < items.size(); i++) collect(joined(name, i), items.get(i), depth + 1, into);
        }
    }

    private static String joined(String name, Object key) {
        return name.isEmpty() ? key.toString() : name + "." + key;
    }

    /** What stands for a name of NumPy's, and for those of {@link PlainObjects}. */
    static @Nullable Named named(String module, String name) {
        return switch (module.replaceFirst("^numpy\\._core", "numpy.core") + "." + name) {
            case "numpy.ndarray" ->
                arguments -> {
                    throw new Refused("its pickle makes an array by itself");
                };
            case "numpy.core.multiarray._reconstruct" ->
                arguments -> new Array(null, List.of(), false, ByteBuffer.allocate(0));
            case "numpy.core.numeric._frombuffer" -> NumpyFile::fromBuffer;
            case "numpy.dtype" -> NumpyFile::dtype;
            case "_codecs.encode" -> NumpyFile::encoded;
            default -> PlainObjects.named(module, name);
        };
    }

    private static Object dtype(List<Object> arguments) throws Refused {
        if (!arguments.isEmpty() && arguments.get(0) instanceof String code) return Dtype.of(code);
        throw new Refused("its pickle is broken (a type of numbers has no name)");
    }

    /** Bytes of Python 3 in a pickle for Python 2. */
    private static Object encoded(List<Object> arguments) throws Refused {
        if (arguments.size() == 2
                && arguments.get(0) instanceof String s
                && arguments.get(1).equals("latin1")) return s.getBytes(StandardCharsets.ISO_8859_1);
        throw new Refused("its pickle encodes other things than bytes");
    }

    private static Object fromBuffer(List<Object> arguments) throws Refused {
        if (arguments.size() == 4
                && arguments.get(0) instanceof byte[] bytes
                && arguments.get(1) instanceof Dtype type
                && arguments.get(2) instanceof Tuple sizes)
            return new Array(type, sizes.items(), "F".equals(arguments.get(3)), ByteBuffer.wrap(bytes));
        throw new Refused("its pickle is broken (an array is made of other things than bytes and sizes)");
    }

    // -- arrays ---------------------------------------------------------------------------------------

    /** A type of numbers: {@code <f4}; in a pickle the order of bytes is its state. */
    private static final class Dtype implements Pickle.Stateful {
        private final @Nullable ElementType type;
        private ByteOrder order;

        private Dtype(@Nullable ElementType type, ByteOrder order) {
            this.type = type;
            this.order = order;
        }

        /** Types that are no floats of a known size are those of arrays that are left out. */
        static Dtype of(String code) {
            ByteOrder order = code.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            ElementType type =
                    switch (code.replaceFirst("^[<>|=]", "")) {
                        case "f2" -> ElementType.F16;
                        case "f4" -> ElementType.F32;
                        case "f8" -> ElementType.F64;
                        default -> null;
                    };
            return new Dtype(type, order);
        }

        @Override
        public void state(Object state) throws Refused {
            if (!(state instanceof Tuple t && t.size() > 1))
                throw new Refused("its pickle is broken (a type of numbers)");
            if (t.get(1).equals(">")) order = ByteOrder.BIG_ENDIAN;
        }
    }

    /** An array; what a pickle reconstructs gets all of it as its state. */
    static final class Array implements Pickle.Stateful {
        private @Nullable Dtype dtype;
        private List<Object> sizes;
        private boolean columnMajor;
        private ByteBuffer bytes;

        Array(@Nullable Dtype dtype, List<Object> sizes, boolean columnMajor, ByteBuffer bytes) {
            this.dtype = dtype;
            this.sizes = sizes;
            this.columnMajor = columnMajor;
            this.bytes = bytes;
        }

        /** {@code (version, sizes, dtype, column-major, bytes)}; bytes are a string if Python 2 wrote them. */
        @Override
        public void state(Object state) throws Refused {
            if (!(state instanceof Tuple t
                    && t.size() == 5
                    && t.get(1) instanceof Tuple s
                    && t.get(2) instanceof Dtype d
                    && t.get(3) instanceof Boolean f)) throw new Refused("its pickle is broken (an array's state)");
            byte[] all = t.get(4) instanceof byte[] b ? b : new byte[0];
            if (t.get(4) instanceof String text) all = text.getBytes(StandardCharsets.ISO_8859_1);
            dtype = d;
            sizes = s.items();
            columnMajor = f;
            bytes = ByteBuffer.wrap(all);
        }

        Optional<Weights.Tensor> tensor(String name) throws Refused {
            if (dtype == null || dtype.type == null) return Optional.empty();
            ElementType type = dtype.type;
            int rank = sizes.size();
            Object[] strides = new Object[rank];
            long step = 1;
            for (int i = 0; i < rank; i++) {
                int axis = columnMajor ? i : rank - 1 - i;
                strides[axis] = step;
                if (!(sizes.get(axis) instanceof Long size) || size < 0 || size > Integer.MAX_VALUE)
                    throw new Refused("has an array of impossible sizes: " + Header.plain(name));
                step = Math.min(Integer.MAX_VALUE, step * size);
            }
            ByteBuffer numbers = bytes.slice().order(dtype.order);
            return new Strided(type, numbers, numbers.capacity() / type.bytes).tensor(name, 0, sizes, List.of(strides));
        }
    }
}
