package org.convzoo.experiment;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.json.Json;
import org.convzoo.system.AtomicFile;

/**
 * What a directory holds the runs of, in {@value #FILE}.
 *
 * @param experiment its name
 * @param data the specification of its part of a data set
 * @param diverged runs by the names of their folders, with a line how
 */
record Protocol(String experiment, String data, Experiment.Size size, Map<String, String> diverged) {
    static final String FILE = "experiment.json";

    /**
     * What the directory has, or this where nothing is there.
     *
     * @throws WrongUseException where the directory has something else
     * @throws BrokenFileException where what it has cannot be read
     */
    Protocol in(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (Files.notExists(file)) {
            requireEmpty(directory);
            return this;
        }
        Protocol begun;
        try {
            begun = Json.read(Json.parse(Files.readAllBytes(file)), Protocol.class);
        } catch (IllegalArgumentException e) {
            throw new BrokenFileException(file + ": is broken: " + e.getMessage(), e);
        }
        if (begun.experiment.equals(experiment) && begun.data.equals(data) && begun.size.equals(size)) return begun;
        throw new WrongUseException(directory + ": holds the experiment " + begun.experiment + " on " + begun.data
                + " with " + begun.size.epochs() + " epochs and " + begun.size.seeds()
                + " seeds; choose another directory");
    }

    private static void requireEmpty(Path directory) throws IOException {
        if (Files.notExists(directory)) return;
        if (!Files.isDirectory(directory)) throw new WrongUseException(directory + ": is no directory; choose another");
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            if (files.iterator().hasNext())
                throw new WrongUseException(
                        directory + ": is not empty and holds no experiment; choose another directory");
        }
    }

    Protocol with(String run, String divergence) {
        Map<String, String> all = new TreeMap<>(diverged);
        all.put(run, divergence);
        return new Protocol(experiment, data, size, all);
    }

    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        AtomicFile.write(directory.resolve(FILE), Json.text(this) + "\n");
    }
}
