package org.convzoo.pretrained;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.StoppedException;
import org.convzoo.weights.NumpyFile;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.TorchFile;
import org.convzoo.weights.Weights;

/**
 * A file of weights in any of the formats in which they are found; which it is, is told by its content. PyTorch's two
 * formats, safetensors, NumPy's archives and pickles of arrays, Keras' files, and any of these in a zip archive, such as a
 * package of Python's.
 */
public final class WeightsFile {
    /** What data-parallel training, compilation and training scripts put before every name. */
    private static final List<String> PREFIXES = List.of("module.", "_orig_mod.", "model.", "net.", "network.");

    private static final int MOST_PREFIXES = 8;

    /** Archives in archives at most. */
    private static final int DEEPEST = 3;

    /** How many times as long as in the archive a file in it may be, where it is more than a mebibyte. */
    private static final int MOST_COMPRESSED = 64;

    private static final int HEAD = 64;

    private WeightsFile() {}

    /**
     * Reads the arrays of floats in {@code file}, under the names that they have there, but without what stands before all
     * of them for other reasons than the network: {@code module.}, {@code _orig_mod.}, {@code model.}. Filters and matrices
     * are laid out as the file has them.
     *
     * @throws BrokenFileException with one line for no such file, for what is cut off or of no known format, for what asks
     *     for more than arrays, and for archives with several files of weights, which are named
     * @throws OutOfMemoryException where the arrays need more memory than there is
     * @throws StoppedException when interrupted
     */
    public static Weights read(Path file) {
        return withoutPrefixes(read(file, 0));
    }

    private static Weights read(Path file, int depth) {
        if (!Files.isRegularFile(file)) throw new BrokenFileException(file + ": there is no such file");
        try {
            byte[] head;
            try (InputStream in = Files.newInputStream(file)) {
                head = in.readNBytes(HEAD);
            }
            return switch (Format.of(head)) {
                case ZIP -> archive(file, depth);
                case TORCH -> TorchFile.read(file);
                case PICKLE -> NumpyFile.read(file);
                case HDF5 -> KerasFile.read(file);
                case SAFETENSORS -> SafeTensors.read(file).weights();
                case OTHER -> throw new BrokenFileException(file + ": " + unknown(head));
            };
        } catch (ClosedByInterruptException e) {
            throw new StoppedException(file + ": reading was interrupted", e);
        } catch (IOException e) {
            throw new BrokenFileException(file + ": cannot be read (" + e.getMessage() + ")", e);
        }
    }

    /** What a file is, by its first bytes. */
    private enum Format {
        ZIP,
        TORCH,
        PICKLE,
        SAFETENSORS,
        HDF5,
        OTHER;

        static Format of(byte[] head) {
            if (begins(head, 'P', 'K', 3, 4)) return ZIP;
            if (begins(head, 0x89, 'H', 'D', 'F', 13, 10, 26, 10)) return HDF5;
            if (begins(head, 0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9)) return TORCH;
            if (head.length > 2 && begins(head, 0x80) && head[1] >= 2 && head[1] <= 5) return PICKLE;
            // A length of eight bytes, of which a header of under 100 MB leaves the upper four empty.
            if (head.length > 8 && head[4] == 0 && head[5] == 0 && head[6] == 0 && head[7] == 0 && head[8] == '{')
                return SAFETENSORS;
            if (begins(head, '(', 'd', 'p') || begins(head, '(', 'l', 'p') || begins(head, 'c', 'c', 'o'))
                return PICKLE;
            return OTHER;
        }
    }

    private static boolean begins(byte[] head, int... bytes) {
        if (head.length < bytes.length) return false;
        for (int i = 0; i < bytes.length; i++) if ((head[i] & 0xFF) != bytes[i]) return false;
        return true;
    }

    private static String unknown(byte[] head) {
        String text = new String(head, StandardCharsets.ISO_8859_1).strip();
        if (text.isEmpty()) return "is empty";
        if (text.startsWith("version https://git-lfs"))
            return "is only a pointer of Git LFS to a file of weights; git lfs pull fetches that";
        if (text.startsWith("<")) return "is a web page, no file of weights; something went wrong when it was fetched";
        if (begins(head, 0x1F, 0x8B)) return "is compressed (gzip); unpack it first";
        return "is of no format of weights that is known here: safetensors, PyTorch's, NumPy's, Keras'";
    }

    // -- archives -------------------------------------------------------------------------------------

    private static Weights archive(Path file, int depth) throws IOException {
        List<ZipEntry> found = new ArrayList<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry e : Collections.list(zip.entries())) {
                String name = e.getName();
                if (name.equals("data.pkl") || name.endsWith("/data.pkl")) return TorchFile.read(file);
                if (e.isDirectory()) continue;
                byte[] head;
                try (InputStream in = zip.getInputStream(e)) {
                    head = in.readNBytes(HEAD);
                }
                if (begins(head, 0x93, 'N', 'U', 'M', 'P', 'Y')) return NumpyFile.read(file);
                if (Format.of(head) != Format.OTHER) found.add(e);
            }
            if (found.isEmpty()) throw new BrokenFileException(file + ": is an archive without files of weights");
            if (found.size() > 1)
                throw new BrokenFileException(file + ": is an archive with several files of weights ("
                        + String.join(
                                ", ",
                                found.stream().limit(6).map(WeightsFile::name).toList())
                        + (found.size() > 6 ? ", ..." : "") + "); unpack the one that is meant");
            return unpacked(file, zip, found.get(0), depth);
        } catch (ZipException | IllegalArgumentException e) { // the latter for names that are no text
            throw new BrokenFileException(file + ": is broken or cut off (" + e.getMessage() + ")", e);
        }
    }

    private static String name(ZipEntry e) {
        String shown = e.getName().replaceAll("\\p{C}", "?");
        return shown.length() > 100 ? "..." + shown.substring(shown.length() - 100) : shown;
    }

    /** Reads a file in an archive by way of a temporary one, whose name has nothing to do with what the archive says. */
    private static Weights unpacked(Path file, ZipFile zip, ZipEntry entry, int depth) throws IOException {
        String name = file + ": " + name(entry);
        if (depth == DEEPEST) throw new BrokenFileException(name + " is an archive in an archive in an archive");
        long most = Math.max(1 << 20, MOST_COMPRESSED * Math.max(0, entry.getCompressedSize()));
        Path copy = Files.createTempFile("convzoo", ".weights");
        try {
            try (InputStream in = zip.getInputStream(entry);
                    OutputStream out = Files.newOutputStream(copy)) {
                byte[] chunk = new byte[1 << 16];
                long all = 0;
                for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                    all += n;
                    if (all > most) throw new BrokenFileException(name + " is compressed too well to be weights");
                    out.write(chunk, 0, n);
                }
            }
            return read(copy, depth + 1);
        } catch (BrokenFileException e) {
            throw new BrokenFileException(named(e, copy, name), e);
        } catch (OutOfMemoryException e) {
            throw new OutOfMemoryException(named(e, copy, name), e);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    private static String named(RuntimeException e, Path copy, String name) {
        return ("" + e.getMessage()).replace(copy.toString(), name);
    }

    // -- names ----------------------------------------------------------------------------------------

    private static Weights withoutPrefixes(Weights weights) {
        return withoutPrefixes(weights, 0);
    }

    private static Weights withoutPrefixes(Weights weights, int removed) {
        Map<String, Weights.Tensor> all = weights.tensors();
        if (all.isEmpty() || removed == MOST_PREFIXES) return weights;
        for (String prefix : PREFIXES)
            if (all.keySet().stream().allMatch(name -> name.startsWith(prefix)))
                return withoutPrefixes(weights.rename(name -> name.substring(prefix.length())), removed + 1);
        return weights;
    }
}
