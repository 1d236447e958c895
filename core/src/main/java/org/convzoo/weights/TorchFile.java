package org.convzoo.weights;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
 * A file of PyTorch's ({@code torch.save}): {@code .pth}, {@code .pt}, {@code .th}, {@code .bin}. Since version 1.6 it is a
 * zip archive with a pickle and a file for each storage; before, pickles and storages one after another. A tensor is a
 * window into a storage, with an offset and a stride for each axis; several may share a storage. Of the pickle only
 * arrays are taken, see {@link Pickle}.
 */
public final class TorchFile {
    /** Names under which training scripts keep a network's state beside other things, the preferred ones first. */
    private static final List<String> WRAPPERS = List.of(
            "state_dict",
            "model",
            "model_state_dict",
            "model_state",
            "net",
            "network",
            "weights",
            "params",
            "module",
            "state_dict_ema",
            "model_ema",
            "ema");

    /** Wrappers in each other at most. */
    private static final int DEEPEST = 4;

    /** Numbers of all arrays at most, as a multiple of those that the file has; tied layers have some twice. */
    private static final int MOST_SHARED = 8;

    private static final long SMALL = 1 << 22;

    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long PROTOCOL = 1001;

    private static final Map<String, ElementType> STORAGES = Map.of(
            "DoubleStorage", ElementType.F64,
            "FloatStorage", ElementType.F32,
            "HalfStorage", ElementType.F16,
            "BFloat16Storage", ElementType.BF16,
            "LongStorage", ElementType.I64,
            "IntStorage", ElementType.I32,
            "ShortStorage", ElementType.I16,
            "CharStorage", ElementType.I8,
            "ByteStorage", ElementType.U8,
            "BoolStorage", ElementType.BOOL);

    private TorchFile() {}

    /**
     * Reads the floats of the network's state in {@code file}, bare or under one of the usual names such as
     * {@code state_dict}, also under several of them. Left out are arrays of integers, such as counters of batches, and arrays without elements or
     * axes. Throws {@link BrokenFileException} for what is cut off, no such file, or asks for anything but arrays, then
     * with the name that it asks for; {@link OutOfMemoryException}; {@link StoppedException} when interrupted.
     */
    public static Weights read(Path file) {
        return ForeignFile.read(file, f -> Archive.isZip(f) ? readZip(f) : readLegacy(f));
    }

    // -- the archive ----------------------------------------------------------------------------------

    private static Map<String, Weights.Tensor> readZip(Path file) throws IOException, Refused {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            if (zip.stream().anyMatch(e -> e.getName().endsWith("/constants.pkl")))
                throw new Refused("is a TorchScript program, no network's state; whoever made it can save the network's"
                        + " state_dict()");
            ZipEntry pickle = zip.stream()
                    .filter(e -> e.getName().equals("data.pkl") || e.getName().endsWith("/data.pkl"))
                    .findFirst()
                    .orElseThrow(() -> new Refused("is an archive without PyTorch's data.pkl"));
            String folder = pickle.getName().substring(0, pickle.getName().length() - "data.pkl".length());
            ByteOrder order = order(zip, folder);
            Storages storages = new Storages();
            Object root = Pickle.read(ByteBuffer.wrap(Archive.content(zip, pickle)), storages);
            for (Storage s : storages.all()) {
                ZipEntry data = zip.getEntry(folder + "data/" + s.key);
                if (data == null) throw new Refused("lacks the numbers of storage " + Header.plain(s.key));
                if (data.getSize() < s.size())
                    throw new Refused("has too few numbers in storage " + Header.plain(s.key));
                s.bytes = ByteBuffer.wrap(Archive.content(zip, data)).order(order);
            }
            return tensors(root);
        }
    }

    private static ByteOrder order(ZipFile zip, String folder) throws IOException, Refused {
        ZipEntry order = zip.getEntry(folder + "byteorder");
        boolean big = order != null && new String(Archive.content(zip, order), StandardCharsets.US_ASCII).equals("big");
        return big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    // -- pickles and storages one after another -------------------------------------------------------

    private static Map<String, Weights.Tensor> readLegacy(Path file) throws IOException, Refused {
        ByteBuffer all;
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.size() > Integer.MAX_VALUE - 8)
                throw new Refused("is larger than 2 GiB, in PyTorch's old format");
            all = ByteBuffer.allocate((int) channel.size());
            InputStream in = Channels.newInputStream(channel);
            if (in.readNBytes(all.array(), 0, all.capacity()) < all.capacity()) throw new EOFException("too short");
        }
        Storages storages = new Storages();
        Object magic = Pickle.read(all, storages);
        if (!magic.equals(MAGIC)) throw new Refused("is a pickle, but not PyTorch's");
        if (!Pickle.read(all, storages).equals(PROTOCOL))
            throw new Refused("has an unknown version of PyTorch's format");
        Object system = Pickle.read(all, storages);
        boolean big = system instanceof Map<?, ?> m && Boolean.FALSE.equals(m.get("little_endian"));
        Object root = Pickle.read(all, storages);
        if (!(Pickle.read(all, storages) instanceof List<?> keys)) throw new Refused("lacks the list of its storages");
        all.order(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        for (Object key : keys) {
            Storage s = storages.get(String.valueOf(key));
            if (all.remaining() < 8) throw new Refused("is cut off");
            long elements = all.getLong();
            if (elements != s.elements) throw new Refused("has a storage of another size than it says");
            if (s.size() > all.remaining()) throw new Refused("is cut off");
            s.bytes = all.slice(all.position(), (int) s.size()).order(all.order());
            all.position(all.position() + (int) s.size());
        }
        return tensors(root);
    }

    // -- what a pickle may name -----------------------------------------------------------------------

    /** A flat array; its numbers are known once they are read. */
    private static final class Storage {
        final String key;
        final ElementType type;
        final long elements;

        @Nullable
        ByteBuffer bytes;

        Storage(String key, ElementType type, long elements) {
            this.key = key;
            this.type = type;
            this.elements = elements;
        }

        long size() {
            return elements * type.bytes;
        }
    }

    /** A window into a storage. */
    private record View(Storage storage, long offset, List<Object> sizes, List<Object> strides) {}

    /** The class of a storage, as a pickle names it. */
    private record StorageClass(ElementType type) implements Named {
        @Override
        public Object call(List<Object> arguments) throws Refused {
            throw new Refused("its pickle makes a storage of its own");
        }
    }

    private static final class Storages implements Pickle.Names {
        private static final Named VIEW = Storages::view;

        private final Map<String, Storage> known = new LinkedHashMap<>();

        @Override
        public @Nullable Named named(String module, String name) {
            return switch (module + "." + name) {
                case "torch.Size" -> arguments -> first(arguments);
                case "torch._utils._rebuild_tensor",
                        "torch._utils._rebuild_tensor_v2",
                        "torch._utils._rebuild_tensor_v3" -> VIEW;
                case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" -> Storages::first;
                case "torch._tensor._rebuild_from_type_v2" -> Storages::ofType;
                // Numbers of 8 bits and others that no network here has; the pickle says how many bytes they take.
                case "torch.storage.UntypedStorage" -> new StorageClass(ElementType.U8);
                default -> {
                    Named storage = storageClass(module, name);
                    yield storage == null ? NumpyFile.named(module, name) : storage;
                }
            };
        }

        @Override
        public String remedy() {
            return "; whoever made the file can save the network's state_dict() alone";
        }

        /** A tensor with attributes, or of a subclass: what makes it, its class, and the arguments. */
        private static Object ofType(List<Object> arguments) throws Refused {
            if (arguments.size() > 2 && arguments.get(0) == VIEW && arguments.get(2) instanceof Tuple t)
                return view(t.items());
            throw new Refused("its pickle is broken (a tensor is made of other things than a storage and sizes)");
        }

        private static @Nullable Named storageClass(String module, String name) {
            ElementType type = module.equals("torch") ? STORAGES.get(name) : null;
            return type == null ? null : new StorageClass(type);
        }

        private static Object first(List<Object> arguments) throws Refused {
            if (arguments.isEmpty()) throw new Refused("its pickle is broken (an argument is missing)");
            return arguments.get(0);
        }

        private static Object view(List<Object> arguments) throws Refused {
            if (arguments.size() >= 4
                    && arguments.get(0) instanceof Storage s
                    && arguments.get(1) instanceof Long offset
                    && arguments.get(2) instanceof Tuple sizes
                    && arguments.get(3) instanceof Tuple strides)
                return new View(s, offset, sizes.items(), strides.items());
            throw new Refused("its pickle is broken (a tensor is made of other things than a storage and sizes)");
        }

        /** {@code ('storage', class, key, device, elements)}, and in old files a view of it, which must be none. */
        @Override
        public Object persistent(Object id) throws Refused {
            if (id instanceof Tuple t
                    && t.size() >= 5
                    && t.get(0).equals("storage")
                    && t.get(1) instanceof StorageClass c
                    && t.get(2) instanceof String key
                    && t.get(4) instanceof Long elements) {
                if (elements < 0 || elements > Long.MAX_VALUE / 8)
                    throw new Refused("has a storage of a size that is none");
                if (t.size() > 5 && t.get(5) != Pickle.NONE)
                    throw new Refused("has views of storages, as PyTorch before 0.4");
                Storage s = known.computeIfAbsent(key, k -> new Storage(k, c.type, elements));
                if (s.type != c.type || s.elements != elements)
                    throw new Refused("reads storage " + Header.plain(key) + " in two ways");
                return s;
            }
            throw new Refused("its pickle refers to an object outside of it that is no storage");
        }

        Iterable<Storage> all() {
            return known.values();
        }

        Storage get(String key) throws Refused {
            Storage s = known.get(key);
            if (s == null) throw new Refused("has a storage that no tensor reads: " + Header.plain(key));
            return s;
        }
    }

    // -- from windows to arrays -----------------------------------------------------------------------

    private static Map<String, Weights.Tensor> tensors(Object root) throws Refused {
        Map<?, ?> state = state(root, 0)
                .orElseThrow(
                        () -> new Refused("holds no network's state: no dict from names to tensors, bare or under one"
                                + " of " + String.join(", ", WRAPPERS)));
        Map<String, Weights.Tensor> all = new LinkedHashMap<>();
        Set<Storage> storages = new HashSet<>();
        long claimed = 0, held = 0;
        for (Map.Entry<?, ?> e : state.entrySet()) {
            if (!(e.getKey() instanceof String name)) continue;
            Optional<Weights.Tensor> t = Optional.empty();
            if (e.getValue() instanceof View v) {
                if (storages.add(v.storage)) held += v.storage.elements;
                t = tensor(name, v);
                claimed += t.map(x -> x.shape().elements()).orElse(0L);
                if (claimed > SMALL + MOST_SHARED * held)
                    throw new Refused("has arrays of many times more numbers than it holds");
            } else if (e.getValue() instanceof NumpyFile.Array a) t = a.tensor(name);
            t.ifPresent(array -> all.put(name, array));
        }
        return all;
    }

    private static Optional<Map<?, ?>> state(@Nullable Object root, int depth) {
        if (!(root instanceof Map<?, ?> map) || depth > DEEPEST) return Optional.empty();
        for (String wrapper : WRAPPERS) {
            Optional<Map<?, ?>> inner = state(map.get(wrapper), depth + 1);
            if (inner.isPresent()) return inner;
        }
        boolean arrays = map.values().stream().anyMatch(v -> v instanceof View || v instanceof NumpyFile.Array);
        return arrays ? Optional.of(map) : Optional.empty();
    }

    private static Optional<Weights.Tensor> tensor(String name, View v) throws Refused {
        Storage storage = v.storage;
        if (!storage.type.isFloat()) return Optional.empty();
        ByteBuffer bytes = storage.bytes;
        if (bytes == null) throw new Refused("lacks the numbers of storage " + Header.plain(storage.key));
        return new Strided(storage.type, bytes, storage.elements).tensor(name, v.offset, v.sizes, v.strides);
    }
}
