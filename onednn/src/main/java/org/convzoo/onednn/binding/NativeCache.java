package org.convzoo.onednn.binding;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.convzoo.failure.WrongUseException;
import org.convzoo.system.Machine;

/**
 * The folder into which native libraries are unpacked and from which they are loaded. Whoever can write to it decides
 * what this process runs, so only a folder is taken that nobody but this user and root can change, nor anything in it,
 * nor its name in the folders above.
 */
final class NativeCache {
    private static final String PROPERTY = "org.bytedeco.javacpp.cachedir";

    private NativeCache() {}

    /**
     * The first that is safe of: what the system property says, the user's cache folder, the folder for temporary
     * files. Throws {@link WrongUseException} when none is.
     */
    static Path choose() {
        List<Path> all = new ArrayList<>();
        String given = System.getProperty(PROPERTY, "");
        if (!given.isEmpty()) all.add(Path.of(given));
        all.add(Machine.cache().resolve("native"));
        all.add(Path.of(System.getProperty("java.io.tmpdir"), "convzoo-" + System.getProperty("user.name"), "native"));
        return choose(all);
    }

    /** The first of {@code candidates} that is safe, made if it is missing. */
    static Path choose(List<Path> candidates) {
        List<String> reasons = new ArrayList<>();
        for (Path candidate : candidates) {
            Path folder = candidate.toAbsolutePath().normalize();
            try {
                Optional<String> danger = danger(folder);
                if (danger.isEmpty()) return folder.toRealPath();
                reasons.add(danger.get());
            } catch (IOException | UnsupportedOperationException e) { // a file system may know no owners
                reasons.add(folder + " cannot be used (" + e.getClass().getSimpleName() + ": " + e.getMessage() + ")");
            }
        }
        throw new WrongUseException("there is no safe folder to unpack native libraries into: "
                + String.join("; ", reasons) + "; let -D" + PROPERTY + "=FOLDER name one that only you can write to");
    }

    /** Why native libraries must not be loaded from {@code folder}, if so. */
    private static Optional<String> danger(Path folder) throws IOException {
        if (!FileSystems.getDefault().supportedFileAttributeViews().contains("unix")) {
            Files.createDirectories(folder);
            return Optional.empty(); // where there are no owners of this kind, folders of a user are the user's own
        }
        make(folder);
        Path probe = Files.createTempFile(folder, ".convzoo", "");
        int me = (Integer) Files.getAttribute(probe, "unix:uid");
        Files.delete(probe);
        // Links in the name are followed to the folders that they are now; those are what is checked and used.
        Path real = folder.toRealPath();
        for (Path p = real; p != null; p = p.getParent()) {
            Optional<String> danger = danger(p, me);
            if (danger.isPresent() && !(sticky(p) && !p.equals(real))) return danger;
        }
        return dangerInside(real, me);
    }

    private static Optional<String> dangerInside(Path folder, int me) throws IOException {
        try (DirectoryStream<Path> inside = Files.newDirectoryStream(folder)) {
            for (Path p : inside) {
                Optional<String> danger = danger(p, me);
                if (danger.isEmpty() && Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS)) danger = dangerInside(p, me);
                if (danger.isPresent()) return danger;
            }
        } catch (NoSuchFileException e) {
            if (!Files.exists(folder)) return Optional.empty(); // what is not there does no harm
            return dangerInside(folder, me); // another process of the user's is unpacking, too
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return Optional.empty();
    }

    /** Makes what is missing of {@code folder}, for this user alone. */
    private static void make(Path folder) throws IOException {
        if (Files.isDirectory(folder)) return;
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static Optional<String> danger(Path p, int me) throws IOException {
        int owner = (Integer) Files.getAttribute(p, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (owner != me && owner != 0) return Optional.of(p + " belongs to somebody else");
        if (Files.isSymbolicLink(p)) return Optional.empty(); // everybody may "write" a link, and nobody can
        PosixFileAttributes a = Files.readAttributes(p, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        Set<PosixFilePermission> may = a.permissions();
        // Many systems give each user a group of the same name, with nobody else in it.
        return may.contains(PosixFilePermission.OTHERS_WRITE)
                        || may.contains(PosixFilePermission.GROUP_WRITE)
                                && !a.group().getName().equals(a.owner().getName())
                ? Optional.of(p + " can be written to by others")
                : Optional.empty();
    }

    /** Whether in this folder, as in /tmp, nobody can rename or delete what is somebody else's. */
    private static boolean sticky(Path folder) throws IOException {
        return ((Integer) Files.getAttribute(folder, "unix:mode") & 01000) != 0
                && (Integer) Files.getAttribute(folder, "unix:uid") == 0;
    }

    /** Chooses a folder, and sets the properties by which JavaCPP and JNA unpack their libraries into it. */
    static Path use() {
        Path folder = choose();
        System.setProperty(PROPERTY, folder.toString());
        if (System.getProperty("jna.tmpdir") == null) System.setProperty("jna.tmpdir", folder.toString());
        return folder;
    }
}
