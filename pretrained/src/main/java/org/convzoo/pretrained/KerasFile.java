package org.convzoo.pretrained;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.ConvzooException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.graph.Shape;
import org.convzoo.weights.Weights;
import org.convzoo.weights.Weights.Tensor;

/**
 * Weights that Keras wrote in HDF5: {@code .h5} of weights and of whole models, and {@code .weights.h5} of Keras 3, which is
 * also what a {@code .keras} archive has. Names are those of the layer and of its variable, {@code bn_Conv1/gamma};
 * filters and matrices lie as in TensorFlow. State of optimizers is left out.
 */
final class KerasFile {
    /** Groups in each other at most. */
    private static final int DEEPEST = 24;

    private static final int MOST_ARRAYS = 100_000;

    /** How many times as long as the whole file its arrays may be; Keras does not compress. */
    private static final int MOST_COMPRESSED = 16;

    private final Path file;
    private final Map<String, Tensor> arrays = new LinkedHashMap<>();
    private long left;
    private int nodes;

    private KerasFile(Path file, long size) {
        this.file = file;
        left = Math.max(1 << 20, MOST_COMPRESSED * size);
    }

    /**
     * Reads the floats of {@code file}.
     *
     * @throws BrokenFileException for what is no HDF5 or broken, and where it claims more numbers than it can have
     * @throws OutOfMemoryException where the arrays need more memory than there is
     */
    static Weights read(Path file) throws IOException {
        var reader = new KerasFile(file, Files.size(file));
        try (FileChannel channel = FileChannel.open(file);
                HdfFile hdf = open(channel)) {
            Node old = hdf.getChildren().get("model_weights");
            reader.collect(old instanceof Group g ? g : hdf, "", 0);
        } catch (ConvzooException e) {
            throw e;
        } catch (OutOfMemoryError e) {
            throw new OutOfMemoryException(file + ": its arrays need more memory than Java may use", e);
        } catch (RuntimeException | StackOverflowError e) {
            // The library for HDF5 throws what it happens to meet in a broken file.
            throw new BrokenFileException(file + ": is broken, or of a kind of HDF5 that is not read (" + e + ")", e);
        }
        if (reader.arrays.isEmpty()) throw new BrokenFileException(file + ": has no arrays of floats");
        return new Weights(reader.arrays);
    }

    /**
     * The file mapped into memory where that is possible, in up to 2 GiB: what claims to be longer than the file is then
     * refused before the library makes room for it.
     */
    private static HdfFile open(FileChannel channel) throws IOException {
        return channel.size() > Integer.MAX_VALUE
                ? new HdfFile(channel)
                : HdfFile.fromByteBuffer(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
    }

    private void collect(Group group, String layer, int depth) {
        if (depth > DEEPEST) throw broken("its groups are nested too deep");
        for (Node n : group.getChildren().values()) {
            if (++nodes > MOST_ARRAYS) throw broken("it has more than " + MOST_ARRAYS + " groups and arrays");
            if (n.isLink()) throw broken("it refers to other files or groups");
            if (n instanceof Group g && !n.getName().startsWith("optimizer")) {
                // Layers hold groups of their own: the innermost name is the layer's, but for "vars", which says its
                // name.
                boolean variables = n.getName().equals("vars");
                collect(g, variables ? name(g).orElse(layer) : n.getName(), depth + 1);
            } else if (n instanceof Dataset d) add(d, group, layer);
        }
    }

    private static Optional<String> name(Group variables) {
        Attribute name = variables.getAttributes().get("name");
        return name != null && name.isScalar() && name.getData() instanceof String s
                ? Optional.of(s)
                : Optional.empty();
    }

    private void add(Dataset d, Group group, String layer) {
        Class<?> type = d.getJavaType();
        if (type != float.class && type != double.class || d.isScalar() || d.isEmpty()) return;
        int[] dims = d.getDimensions();
        long elements = 1;
        for (int size : dims) {
            if (size < 1 || size > Integer.MAX_VALUE / elements) throw broken(d.getPath() + " has impossible sizes");
            elements *= size;
        }
        left -= elements * (type == double.class ? Double.BYTES : Float.BYTES);
        if (left < 0) throw broken("its arrays would be longer than the file can hold");
        Object data = d.getDataFlat();
        float[] values;
        if (data instanceof float[] f) values = f;
        else if (data instanceof double[] all) {
            values = new float[all.length];
            for (int i = 0; i < values.length; i++) values[i] = (float) all[i];
        } else return;
        if (values.length != elements) throw broken(d.getPath() + " has another number of values than it says");
        String variable = group.getName().equals("vars")
                ? variable(d.getName(), dims.length, group.getChildren().size())
                : d.getName().replaceFirst(":\\d+$", "");
        String name = layer + "/" + variable;
        arrays.put(arrays.containsKey(name) ? d.getPath() : name, new Tensor(new Shape(dims), values));
    }

    /** Keras 3 numbers the variables of a layer: filters and bias, or the four of a batch norm, of which gamma may lack. */
    private static String variable(String number, int rank, int variables) {
        if (rank > 1) return number.equals("0") ? "kernel" : "kernel" + number;
        if (variables < 3) return "bias";
        return switch (variables == 3 ? "" + (char) (number.charAt(0) + 1) : number) {
            case "0" -> "gamma";
            case "1" -> "beta";
            case "2" -> "moving_mean";
            case "3" -> "moving_variance";
            default -> number;
        };
    }

    private BrokenFileException broken(String why) {
        return new BrokenFileException(file + ": " + why.replaceAll("\\p{C}", "?"));
    }
}
