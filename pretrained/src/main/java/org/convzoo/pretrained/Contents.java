package org.convzoo.pretrained;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.convzoo.failure.BrokenFileException;

/** Whether a file is the one that was published. */
final class Contents {
    private Contents() {}

    /** Throws {@link Refused} unless the file has its hash; without one, unless it can be read to its end. */
    static void check(Published weights, Path file) throws Refused, IOException {
        if (!weights.sha256().isEmpty()) {
            try (InputStream in = Files.newInputStream(file)) {
                compare("SHA-256", "SHA-256", weights.sha256(), in);
            }
        } else if (!weights.memberSha1().isEmpty()) {
            try (ZipFile zip = new ZipFile(file.toFile());
                    InputStream in = zip.getInputStream(member(zip))) {
                compare("SHA-1 of what is packed in it", "SHA-1", weights.memberSha1(), in);
            } catch (ZipException e) {
                throw new Refused("what came is no zip archive; try again, or elsewhere", e);
            }
        } else {
            try {
                WeightsFile.read(file);
            } catch (BrokenFileException e) {
                throw new Refused("what came is broken: " + e.getMessage() + "; try again, or elsewhere", e);
            }
        }
    }

    private static void compare(String what, String algorithm, String expected, InputStream in)
            throws Refused, IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            byte[] chunk = new byte[1 << 16];
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) digest.update(chunk, 0, n);
            String found = HexFormat.of().formatHex(digest.digest());
            if (!found.startsWith(expected))
                throw new Refused("what came is not what was published: its " + what + " begins with "
                        + found.substring(0, expected.length()) + ", not with " + expected
                        + "; it was removed; try again, or elsewhere");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The file in an archive that holds one file of weights beside small ones, perhaps. */
    private static ZipEntry member(ZipFile zip) throws Refused {
        return zip.stream()
                .max(Comparator.comparing(ZipEntry::getSize))
                .orElseThrow(() -> new Refused("what came is an empty archive; try again, or elsewhere"));
    }
}
