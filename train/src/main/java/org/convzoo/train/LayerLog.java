package org.convzoo.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.json.Json;
import org.convzoo.system.AtomicFile;

/**
 * The statistics of a run's layers, a line an epoch that was watched, in {@value #FILE} of its directory.
 *
 * @param run the directory
 */
public record LayerLog(Path run) {
    /** The file's name in a run directory. */
    public static final String FILE = "layers.jsonl";

    /**
     * Writes an epoch down in place of what was written of it and of later ones: an epoch that is done again is told once.
     * Throws {@link IOException} that names the file when it cannot be written; what it held then stays.
     */
    public void add(LayerStatistics epoch) throws IOException {
        List<LayerStatistics> all = new ArrayList<>(read());
        all.removeIf(e -> e.epoch() >= epoch.epoch());
        all.add(epoch);
        StringBuilder lines = new StringBuilder();
        for (LayerStatistics e : all) lines.append(Json.text(e)).append('\n');
        AtomicFile.write(run.resolve(FILE), lines.toString());
    }

    /**
     * The epochs that were watched, in order; none where no file is. Throws {@link BrokenFileException} with the line that
     * is broken.
     */
    public List<LayerStatistics> read() {
        Path file = run.resolve(FILE);
        List<LayerStatistics> epochs = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) epochs.add(Json.read(Json.parse(line), LayerStatistics.class));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IllegalArgumentException e) {
            throw new BrokenFileException(file + ": line " + (epochs.size() + 1) + " is broken: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new BrokenFileException(file + ": cannot be read: " + e.getMessage(), e);
        }
        return epochs;
    }
}
