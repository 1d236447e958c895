package org.convzoo.weights;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.convzoo.weights.Pickle.Refused;

/** Zip archives of weights, whoever made them. */
final class Archive {
    /** How many times as long as in the archive a file in it may be: what compresses better is made to burst memory. */
    private static final int MOST_COMPRESSED = 64;

    private Archive() {}

    static boolean isZip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(4);
            return head.length == 4 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4;
        }
    }

    static byte[] content(ZipFile zip, ZipEntry entry) throws IOException, Refused {
        long size = entry.getSize();
        if (size < 0 || size > Integer.MAX_VALUE - 8) throw new Refused("has a file of more than 2 GiB in it");
        if (size > 1 << 20 && size / MOST_COMPRESSED > entry.getCompressedSize())
            throw new Refused("has files that are compressed too well to be weights");
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] all = in.readNBytes((int) size);
            if (all.length < size) throw new EOFException(entry.getName());
            return all;
        }
    }
}
