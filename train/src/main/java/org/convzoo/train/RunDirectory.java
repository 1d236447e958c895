package org.convzoo.train;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.convzoo.classify.Model;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.images.Inventory;
import org.convzoo.json.Json;
import org.convzoo.recipe.EpochMetrics;
import org.convzoo.system.AtomicFile;

/**
 * Where a run leaves its files: {@value #MODEL} once it has ended, {@value #CHECKPOINT} after every epoch, {@value #BEST}
 * with the model of the best epoch so far, where the recipe holds out pictures to judge by, {@value #METRICS} with a line an epoch, {@value #PREDICTIONS} with what the model says of each test image,
 * {@value #PICTURES} with what it was trained and tested on, and an event file for TensorBoard.
 */
public record RunDirectory(Path path) {
    static final String MODEL = Model.FILE,
            CHECKPOINT = Model.CHECKPOINT,
            BEST = "best.safetensors",
            METRICS = "metrics.jsonl",
            PREDICTIONS = "predictions.csv",
            PICTURES = "pictures.csv";
    private static final String LOCK = ".lock";

    /** What a trainer does in a directory that nobody else writes to. */
    interface Work {
        Evaluation run() throws IOException;
    }

    /**
     * Makes the first of {@code name}, {@code name-2}, {@code name-3} ... in {@code parent} that is not there: of
     * several runs that begin at once, each gets its own. A training that is refused removes it again.
     */
    public static RunDirectory fresh(Path parent, String name) throws IOException {
        try {
            Files.createDirectories(parent);
            for (int n = 1; ; n++) {
                Path path = parent.resolve(n == 1 ? name : name + "-" + n);
                try {
                    Files.createDirectory(path);
                } catch (FileAlreadyExistsException e) {
                    continue;
                }
                Files.createFile(path.resolve(LOCK));
                return new RunDirectory(path);
            }
        } catch (IOException e) {
            throw new IOException(parent + ": cannot be written: " + reason(e) + "; choose another directory", e);
        }
    }

    /** Removes the directory if no training has begun in it; whatever fails, it stays. */
    public void removeIfUnused() {
        if (hasBegun() || !Files.exists(path.resolve(LOCK))) return;
        try (FileChannel channel = lockFile()) {
            if (locked(channel)) clean(List.of(path));
        } catch (IOException e) {
            // it is in nobody's way
        }
    }

    boolean hasBegun() {
        return Files.exists(path.resolve(CHECKPOINT)) || hasEnded();
    }

    boolean hasEnded() {
        return Files.exists(path.resolve(MODEL));
    }

    /** The trained model; see {@link Model#read}. */
    public Model model() {
        return Model.read(path);
    }

    /**
     * The model as the run goes on from it, not averaged; where its data are and its recipe are in its provenance.
     * Throws {@link BrokenFileException} with one line when there is no whole checkpoint.
     */
    public Model resumable() {
        return checkpoint().model();
    }

    /** The epochs so far, perhaps none; a line that a trainer was killed in, or is writing, does not count. */
    public List<EpochMetrics> history() throws IOException {
        Path file = path.resolve(METRICS);
        List<EpochMetrics> epochs = new ArrayList<>();
        try {
            if (Files.notExists(file)) return epochs;
            String text = Files.readString(file);
            for (String line :
                    text.substring(0, text.lastIndexOf('\n') + 1).lines().toList())
                epochs.add(Json.read(Json.parse(line), EpochMetrics.class));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": line " + (epochs.size() + 1) + " is broken: " + e.getMessage(), e);
        } catch (FileSystemException e) {
            throw new IOException(file + ": cannot be read: " + reason(e), e);
        }
        return epochs;
    }

    /** What the trained model says of each test image. */
    public Evaluation evaluation() throws IOException {
        Path file = path.resolve(PREDICTIONS);
        try {
            return Evaluation.ofCsv(model().labels(), Files.readString(file));
        } catch (FileSystemException e) {
            throw new IOException(file + ": cannot be read: " + reason(e), e);
        }
    }

    /**
     * Where the run is.
     *
     * @throws BrokenFileException with one line when there is no whole checkpoint
     */
    Checkpoint checkpoint() {
        requireCheckpoint();
        try {
            return Checkpoint.read(path.resolve(CHECKPOINT));
        } catch (BrokenFileException e) {
            throw new BrokenFileException(
                    e.getMessage() + "; the run cannot be resumed, start again in another directory"
                            + (Files.exists(path.resolve(MODEL)) ? " (" + MODEL + " is not touched)" : ""),
                    e);
        }
    }

    /** Throws {@link BrokenFileException} when there is no checkpoint; whether it is whole shows when it is read. */
    void requireCheckpoint() {
        if (Files.exists(path.resolve(CHECKPOINT))) return;
        throw new BrokenFileException(
                Files.exists(path.resolve(LOCK))
                        ? path + ": its training was stopped before it saved anything; start it again, it may be in"
                                + " the same directory"
                        : path + ": holds no run to resume (there is no " + CHECKPOINT + ")");
    }

    /** Throws {@link IOException} when there is something in the directory. */
    void requireEmpty() throws IOException {
        if (isEmpty()) return;
        if (hasBegun())
            throw new IOException(path + ": holds a run already; go on with it, or choose another directory");
        throw new IOException(path + ": is not empty; choose another directory");
    }

    /** What a training that was killed before its first checkpoint leaves does not count. */
    private boolean isEmpty() throws IOException {
        if (!Files.exists(path)) return true;
        if (!Files.isDirectory(path)) return false;
        if (hasBegun()) return false;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path, f -> !isPreparation(f))) {
            return !files.iterator().hasNext();
        }
    }

    /** Whether a file may be there before the first checkpoint. */
    private static boolean isPreparation(Path file) {
        String name = file.getFileName().toString();
        return name.equals(LOCK) || name.equals(PICTURES) || name.startsWith(".") && name.endsWith(".tmp");
    }

    /**
     * Makes the directory if need be and keeps other trainers out while {@code work} runs. When that fails before it
     * has saved a checkpoint, the directory is removed again if it was made for this. Throws {@link IOException} when
     * it cannot be written or another trainer has it.
     */
    Evaluation alone(Work work) throws IOException {
        List<Path> made = new ArrayList<>();
        for (Path p = path.toAbsolutePath(); p != null && !Files.exists(p); p = p.getParent()) made.add(p);
        if (made.isEmpty() && Files.exists(path.resolve(LOCK))) made.add(path);
        try (FileChannel channel = lockFile()) {
            if (!locked(channel)) {
                throw new IOException(
                        path + ": another training is writing to it; wait for it, or choose another directory");
            }
            try {
                return work.run();
            } catch (IOException | RuntimeException | Error e) {
                if (!hasBegun()) clean(made);
                throw e;
            }
        }
    }

    /** Removes what was prepared, then those of some folders that are empty, the innermost first. */
    private void clean(List<Path> folders) {
        try {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(path, RunDirectory::isPreparation)) {
                for (Path file : files) Files.delete(file);
            }
            for (Path folder : folders) Files.delete(folder);
        } catch (IOException e) {
            // somebody has put something there
        }
    }

    /** Throws {@link IOException} when the file system has clearly too little room for so many bytes. */
    void requireRoom(long bytes) throws IOException {
        Path there = path.toAbsolutePath();
        for (Path up = there.getParent(); up != null && !Files.exists(there); up = up.getParent()) there = up;
        long free = Files.getFileStore(there).getUsableSpace(); // 0 where it is not known
        if (free > 0 && free < bytes)
            throw new IOException(path + ": there is room for " + (free >> 20) + " MiB, and the run needs about "
                    + (bytes >> 20) + " MiB; make room, or choose another directory");
    }

    /** Writes down what a run is trained and tested on. */
    void save(Inventory pictures) throws IOException {
        write(PICTURES, file -> AtomicFile.write(file, InventoryCsv.write(pictures)));
    }

    /** What the run was begun with; none where it is not written down, as in runs of old. */
    Optional<Inventory> pictures() {
        try {
            return Optional.of(InventoryCsv.read(Files.readString(path.resolve(PICTURES))));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Takes back the checkpoint that a run began with. */
    void forget() throws IOException {
        Files.deleteIfExists(path.resolve(CHECKPOINT));
    }

    private FileChannel lockFile() throws IOException {
        try {
            Files.createDirectories(path);
            return FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException(path + ": cannot be written: " + reason(e) + "; choose another directory", e);
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // another trainer of this process
        }
    }

    /**
     * Saves where the run is. On failure the checkpoint before it stays. Throws {@link ClosedByInterruptException} when
     * the thread is interrupted.
     *
     * @return the same, but with arrays that are read from the file when they are asked for, until the next is saved
     */
    Checkpoint save(Checkpoint checkpoint) throws IOException {
        return written(CHECKPOINT, checkpoint::write);
    }

    /** Saves the model of the best epoch so far; on failure the one before it stays. */
    void saveBest(Model model) throws IOException {
        write(BEST, model::write);
    }

    /** The model of the best epoch so far; empty where there is none. */
    Optional<Model> best() {
        Path file = path.resolve(BEST);
        return Files.exists(file) ? Optional.of(Model.read(file)) : Optional.empty();
    }

    /** Saves what the run has led to. On failure the last checkpoint stays, from which the run can be ended again. */
    void save(Model model, Evaluation evaluation, List<EpochMetrics> history) throws IOException {
        write(PREDICTIONS, file -> AtomicFile.write(file, evaluation.toCsv()));
        write(MODEL, model::write);
        EventFile events = new EventFile(path, history);
        write(events.name(), file -> events.ended(evaluation));
    }

    /** Adds the last epoch to the metrics and to the event file. */
    void append(List<EpochMetrics> history, Model model) throws IOException {
        byte[] line = (Json.text(history.get(history.size() - 1)) + "\n").getBytes(StandardCharsets.UTF_8);
        write(METRICS, file -> Files.write(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        EventFile events = new EventFile(path, history);
        write(events.name(), file -> events.epoch(model));
    }

    /**
     * Leaves exactly these epochs in the metrics and the event file, so that an epoch that is done again is not told
     * twice, and removes what a killed trainer left half written.
     */
    void rewrite(List<EpochMetrics> history, Model model) throws IOException {
        removeLogs();
        for (int epochs = 1; epochs <= history.size(); epochs++) append(history.subList(0, epochs), model);
    }

    /** Removes the metrics, the event file and what a killed trainer left half written. */
    void removeLogs() throws IOException {
        String told = "{" + METRICS + "," + EventFile.PREFIX + "*,.*.tmp}";
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path, told)) {
            for (Path file : files) Files.delete(file);
        }
    }

    private interface Writer {
        void write(Path file) throws IOException;
    }

    private interface Writing<T> {
        T write(Path file) throws IOException;
    }

    private void write(String name, Writer writer) throws IOException {
        written(name, file -> {
            writer.write(file);
            return file;
        });
    }

    private <T> T written(String name, Writing<T> writing) throws IOException {
        Path file = path.resolve(name);
        try {
            return writing.write(file);
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(
                    file + ": cannot be saved: " + reason(e)
                            + "; make room, then go on with the run (what was saved before is kept)",
                    e);
        }
    }

    /** What the system says, without the file's name, which some messages have and others are. */
    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException) return "permission denied";
        if (e instanceof NoSuchFileException) return "there is no such file";
        if (e instanceof FileAlreadyExistsException) return "there is a file of that name";
        if (e instanceof FileSystemException f && f.getReason() != null) return f.getReason();
        return String.valueOf(e.getMessage());
    }
}
