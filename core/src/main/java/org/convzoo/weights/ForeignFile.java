package org.convzoo.weights;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipException;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.ConvzooException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.StoppedException;
import org.convzoo.weights.Pickle.Refused;

/** Reading a file that somebody else has written: whatever is wrong with it becomes one line with its name. */
final class ForeignFile {
    /** Reads the arrays of a file. */
    interface Reader {
        Map<String, Weights.Tensor> read(Path file) throws IOException, Refused;
    }

    private ForeignFile() {}

    /**
     * The arrays of {@code file}. Throws {@link BrokenFileException} where there is no such file, where it is cut off or
     * cannot be read, and for what the reader refuses; {@link OutOfMemoryException}; {@link StoppedException} when
     * interrupted.
     */
    static Weights read(Path file, Reader reader) {
        if (!Files.isRegularFile(file)) throw new BrokenFileException(file + ": there is no such file");
        try {
            return new Weights(reader.read(file));
        } catch (Refused e) {
            throw new BrokenFileException(file + ": " + e.getMessage(), e);
        } catch (ZipException
                | EOFException
                | IllegalArgumentException e) { // the last for names in archives that are no text
            throw new BrokenFileException(file + ": is broken or cut off (" + e.getMessage() + ")", e);
        } catch (IOException e) {
            throw unreadable(file, e);
        } catch (OutOfMemoryError e) {
            throw new OutOfMemoryException(file + ": its arrays need more memory than Java may use", e);
        }
    }

    /** Why the system did not let {@code file} be read. */
    static ConvzooException unreadable(Path file, IOException e) {
        if (e instanceof ClosedChannelException) return new StoppedException(file + ": reading was interrupted", e);
        if (e instanceof AccessDeniedException) return new BrokenFileException(file + ": may not be read", e);
        return new BrokenFileException(file + ": cannot be read (" + Header.plain("" + e.getMessage()) + ")", e);
    }
}
