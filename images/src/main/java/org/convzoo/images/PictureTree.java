package org.convzoo.images;

import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.convzoo.failure.BrokenFileException;

/**
 * A folder with the pictures and the folders in it. What programs leave behind (hidden files and folders, thumbnails of
 * file managers, recycle bins) is not there; other files that are no pictures are counted by their kind. Links are
 * followed, but for those that lead back to a folder above them.
 *
 * @param name the folder's name in Unicode's form NFC, in which equal names are equal whatever system wrote them
 * @param pictures the picture files that lie in the folder itself
 * @param leftOut how many files of a kind lie in the folder itself and are not read
 */
public record PictureTree(
        Path path, String name, List<Path> pictures, List<PictureTree> folders, Map<String, Integer> leftOut) {

    /** What systems and programs put beside pictures, in lower case; names that begin with a dot go without saying. */
    private static final Set<String> JUNK = Set.of(
            "__macosx",
            "@eadir",
            "#recycle",
            "#snapshot",
            "@recycle",
            "lost+found",
            "$recycle.bin",
            "recycler",
            "system volume information",
            "__pycache__",
            "thumbs.db",
            "ehthumbs.db",
            "desktop.ini",
            "icon\r");

    private static final String NOT_READ = " (not read; convert to JPEG or PNG)";

    /**
     * Reads a folder and all below it.
     *
     * @throws BrokenFileException when a folder cannot be listed, or a name cannot be read in the current locale
     */
    public static PictureTree of(Path folder) {
        if (!Files.exists(folder)) throw new BrokenFileException(folder + ": no such folder");
        if (!Files.isDirectory(folder))
            throw new BrokenFileException(
                    folder + ": is a file; a data set is a folder with a folder of pictures a class");
        try {
            return of(folder, String.valueOf(folder.getFileName()), List.of(folder.toRealPath()));
        } catch (IOException e) {
            throw new BrokenFileException(folder + ": cannot be listed", e);
        }
    }

    /** Reads a folder whose real path is the last of those that lead to it. */
    private static PictureTree of(Path folder, String name, List<Path> trail) throws IOException {
        List<Path> pictures = new ArrayList<>();
        List<PictureTree> folders = new ArrayList<>();
        Map<String, Integer> leftOut = new TreeMap<>();
        for (Path path : list(folder)) {
            String own = String.valueOf(path.getFileName());
            if (own.startsWith(".") || JUNK.contains(own.toLowerCase(Locale.ROOT))) continue;
            if (Files.isDirectory(path)) {
                Path real = Files.isSymbolicLink(path)
                        ? path.toRealPath()
                        : last(trail).resolve(path.getFileName());
                if (trail.contains(real)) {
                    leftOut.merge("link to a folder above it", 1, Integer::sum);
                } else {
                    List<Path> longer = new ArrayList<>(trail);
                    longer.add(real);
                    folders.add(of(path, name(path), longer));
                }
            } else if (!Files.isRegularFile(path)) {
                leftOut.merge(Files.exists(path) ? "device or pipe" : "link to nowhere", 1, Integer::sum);
            } else if (PictureFormat.ofName(own).filter(PictureFormat::isRead).isPresent()) {
                name(path);
                pictures.add(path);
            } else {
                leftOut.merge(kind(own), 1, Integer::sum);
            }
        }
        return new PictureTree(folder, name, pictures, folders, leftOut);
    }

    private static Path last(List<Path> trail) {
        return trail.get(trail.size() - 1);
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> list = Files.list(folder)) {
            return list.sorted(Comparator.comparing(PictureTree::normal)).toList();
        } catch (AccessDeniedException e) {
            throw new BrokenFileException(folder + ": cannot be listed, permission denied", e);
        } catch (NoSuchFileException e) {
            throw new BrokenFileException(folder + ": was removed while the pictures were listed", e);
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new BrokenFileException(folder + ": cannot be listed", e);
        }
    }

    private static String normal(Path path) {
        return Normalizer.normalize(String.valueOf(path.getFileName()), Normalizer.Form.NFC);
    }

    /**
     * The last part of a path. Java reads names on Unix in the encoding of the locale: in another than UTF-8 letters
     * are lost or changed, and so is the difference between classes.
     */
    private static String name(Path path) {
        String name = normal(path);
        boolean ascii = StandardCharsets.US_ASCII.newEncoder().canEncode(name);
        boolean utf8 = File.separatorChar == '\\' || StandardCharsets.UTF_8.equals(encoding());
        if (name.indexOf('\uFFFD') >= 0 || !ascii && !utf8)
            throw new BrokenFileException(
                    path + ": the letters of this name are lost, as names are read in the encoding " + encoding() + "; "
                            + (utf8 ? "rename it in UTF-8" : "set LC_ALL=C.UTF-8"));
        return name;
    }

    private static Charset encoding() {
        return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    }

    /** A picture's format, or what follows the last dot of another file's name. */
    static String kind(String fileName) {
        Optional<PictureFormat> format = PictureFormat.ofName(fileName);
        if (format.isPresent()) return format.get().name().replace('_', ' ') + NOT_READ;
        int dot = fileName.lastIndexOf('.');
        if (dot < 0) return "without an extension";
        String extension = fileName.substring(dot).toLowerCase(Locale.ROOT);
        return extension.matches("\\.[\\w-]{1,12}") ? extension : "of another extension";
    }

    /** Whether no picture lies in the folder or below it. */
    boolean isEmpty() {
        return pictures.isEmpty() && folders.stream().allMatch(PictureTree::isEmpty);
    }

    /** Whether pictures lie in folders of this folder. */
    boolean isNested() {
        return !folders.stream().allMatch(PictureTree::isEmpty);
    }

    /** All pictures in the folder and below it: its own in order of names, then those of its folders. */
    public List<Path> all() {
        List<Path> all = new ArrayList<>(pictures);
        folders.forEach(f -> all.addAll(f.all()));
        return all;
    }

    /** How many files of a kind are not read, in the folder and below it. */
    Map<String, Integer> allLeftOut() {
        Map<String, Integer> all = new TreeMap<>(leftOut);
        for (PictureTree f : folders) f.allLeftOut().forEach((kind, n) -> all.merge(kind, n, Integer::sum));
        return all;
    }

    /** What lies in the folder and below it and is not read, as {@code 3 HEIC (not read; convert to JPEG or PNG), 2 .txt}. */
    public String notRead() {
        return words(allLeftOut());
    }

    /** {@code 3 HEIC (not read; convert to JPEG or PNG), 2 .txt}: pictures first, then what there is most of. */
    static String words(Map<String, Integer> leftOut) {
        List<Map.Entry<String, Integer>> sorted = new ArrayList<>(leftOut.entrySet());
        Collections.sort(
                sorted,
                Comparator.comparing(
                                (Map.Entry<String, Integer> e) -> !e.getKey().endsWith(NOT_READ))
                        .thenComparing(e -> -e.getValue()));
        List<String> words = new ArrayList<>();
        sorted.forEach(e -> words.add(e.getValue() + " " + e.getKey()));
        return String.join(", ", words);
    }
}
