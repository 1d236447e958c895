package org.convzoo.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;

/**
 * Files by a pattern as shells have it: {@code *}, {@code ?} and {@code [ab]} stand for what is there, {@code {a,b}} and
 * {@code {000..127}} for each of what they say, whether it is there or not. A folder stands for the {@code .tar} in it.
 */
final class Glob {
    private static final int MOST = 100_000;
    private static final Pattern BRACES = Pattern.compile("\\{([^{}]*)}");
    private static final Pattern RANGE = Pattern.compile("(\\d{1,9})\\.\\.(\\d{1,9})");

    private Glob() {}

    /** At least one file, in order of their names. Throws {@link BrokenFileException} where there is none. */
    static List<Path> files(String glob) {
        TreeSet<Path> files = new TreeSet<>();
        for (String one : braces(glob)) {
            Path path = Kind.path(one, "file").toAbsolutePath().normalize();
            if (Files.isDirectory(path)) path = path.resolve("*.tar");
            List<Path> found = Files.exists(path) || !isPattern(path.toString()) ? List.of(path) : matching(path);
            if (found.isEmpty()) throw new BrokenFileException(one + ": there is no such file");
            files.addAll(found);
        }
        return List.copyOf(files);
    }

    private static boolean isPattern(String name) {
        return name.chars().anyMatch(c -> c == '*' || c == '?' || c == '[');
    }

    private static List<String> braces(String glob) {
        List<String> all = new ArrayList<>(), open = new ArrayList<>(List.of(glob));
        while (!open.isEmpty()) {
            String first = open.remove(open.size() - 1);
            Matcher braces = BRACES.matcher(first);
            if (!braces.find()) {
                all.add(first);
            } else {
                for (String word : words(braces.group(1)))
                    open.add(first.substring(0, braces.start()) + word + first.substring(braces.end()));
            }
            if (all.size() + open.size() > MOST)
                throw new WrongUseException(glob + ": stands for more than " + MOST + " files");
        }
        return all;
    }

    private static List<String> words(String inside) {
        Matcher range = RANGE.matcher(inside);
        if (!range.matches()) return List.of(inside.split(",", -1));
        int first = Integer.parseInt(range.group(1)), last = Integer.parseInt(range.group(2));
        if (last < first || last - first > MOST)
            throw new WrongUseException("{" + inside + "}: is no range of numbers, or one of more than " + MOST);
        List<String> words = new ArrayList<>();
        for (int i = first; i <= last; i++)
            words.add(String.format(Locale.ROOT, "%0" + range.group(1).length() + "d", i));
        return words;
    }

    private static List<Path> matching(Path pattern) {
        List<Path> found = List.of(pattern.getRoot());
        for (Path part : pattern) {
            List<Path> next = new ArrayList<>();
            for (Path folder : found) {
                if (isPattern(part.toString())) next.addAll(inside(folder, matcher(part)));
                else if (Files.exists(folder.resolve(part))) next.add(folder.resolve(part));
            }
            found = next;
            if (found.size() > MOST) throw new WrongUseException(pattern + ": stands for more than " + MOST + " files");
        }
        return found.stream().filter(f -> !Files.isDirectory(f)).toList();
    }

    private static PathMatcher matcher(Path part) {
        try {
            return FileSystems.getDefault()
                    .getPathMatcher("glob:" + part.toString().replace("{", "\\{"));
        } catch (PatternSyntaxException e) {
            throw new WrongUseException("'" + part + "' is no pattern of files: " + e.getDescription(), e);
        }
    }

    private static List<Path> inside(Path folder, PathMatcher matcher) {
        if (!Files.isDirectory(folder)) return List.of();
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(p -> matcher.matches(p.getFileName())
                            && !p.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new BrokenFileException(folder + ": cannot be listed", e);
        }
    }
}
