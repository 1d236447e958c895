package org.convzoo.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.convzoo.failure.WrongUseException;
import org.convzoo.images.PictureFormat;
import org.convzoo.images.PictureTree;

/** What commands are given as pictures: files, and folders that hold some. */
final class PictureArguments {
    private PictureArguments() {}

    /** The files, with the pictures that lie in a folder, not in folders of it, in its place and in order of names. */
    static List<Path> files(List<Path> given) {
        return files(given, PictureArguments::pictures);
    }

    /** The files, with the pictures that lie in a folder or below it in its place. */
    static List<Path> filesBelow(List<Path> given) {
        return files(given, PictureArguments::below);
    }

    private static List<Path> files(List<Path> given, Function<Path, List<Path>> pictures) {
        List<Path> files = new ArrayList<>();
        for (Path path : given) {
            if (path.toString().matches("[a-zA-Z]{2,}:/.*") && !Files.exists(path))
                throw new WrongUseException(path + ": is an address; pictures are read from files, so fetch it first");
            if (Files.isDirectory(path)) files.addAll(pictures.apply(path));
            else files.add(path);
        }
        return files;
    }

    private static List<Path> below(Path folder) {
        PictureTree tree = PictureTree.of(folder);
        if (!tree.all().isEmpty()) return tree.all();
        String others = tree.notRead();
        throw new WrongUseException(folder + " holds no pictures" + (others.isEmpty() ? "" : ", but " + others));
    }

    private static List<Path> pictures(Path folder) {
        List<Path> pictures;
        try (Stream<Path> all = Files.list(folder)) {
            pictures = all.filter(PictureArguments::isPicture).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (pictures.isEmpty())
            throw new WrongUseException(folder + " holds no pictures; those in folders of it are not looked for");
        return pictures;
    }

    private static boolean isPicture(Path file) {
        String name = file.getFileName().toString();
        return !name.startsWith(".") && PictureFormat.ofName(name).isPresent() && Files.isRegularFile(file);
    }
}
