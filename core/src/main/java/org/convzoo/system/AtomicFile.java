package org.convzoo.system;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes a file so that at any moment either the old or the new one is whole: to a temporary file beside it, synced,
 * then renamed. On failure (a full disk, say) the old file stays and the temporary one is removed.
 */
public final class AtomicFile {
    private static final AtomicLong COUNT = new AtomicLong();

    private AtomicFile() {}

    /** Puts the content into the channel. */
    @FunctionalInterface
    public interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * Writes {@code file}. A link stays and its target is replaced; what a rename would take away from others, a device,
     * a pipe or an open file such as {@code /dev/stdout}, is written as it stands.
     *
     * @throws FileSystemException which names {@code file}, whatever could not be done
     */
    public static void write(Path file, Content content) throws IOException {
        if (Files.isDirectory(file))
            throw new FileSystemException(file.toString(), null, "is a folder; name a file in it");
        Path link = Files.isSymbolicLink(file) ? Files.readSymbolicLink(file) : null;
        boolean open = link != null && link.startsWith("/proc");
        if (Files.exists(file) && (open || !Files.isRegularFile(file))) {
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
            }
            return;
        }
        Path absolute = (link == null ? file : Files.exists(file) ? file.toRealPath() : file.resolveSibling(link))
                .toAbsolutePath();
        Path temporary = absolute.resolveSibling("." + absolute.getFileName() + "."
                + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            try {
                Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(temporary, absolute, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException | RuntimeException | Error e) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException another) {
                e.addSuppressed(another);
            }
            if (e instanceof IOException x && !(e instanceof ClosedByInterruptException)) throw named(file, x);
            throw e;
        }
    }

    /** The failure, naming the file that was asked for instead of the temporary one. */
    private static FileSystemException named(Path file, IOException e) {
        String name = file.toString(), reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        FileSystemException named = e instanceof NoSuchFileException
                ? new NoSuchFileException(name, null, reason)
                : e instanceof AccessDeniedException
                        ? new AccessDeniedException(name, null, reason)
                        : new FileSystemException(name, null, reason);
        named.initCause(e);
        return named;
    }

    public static void write(Path file, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        write(file, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
    }

    /** Puts all that remains of {@code bytes} into the channel. */
    public static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) channel.write(bytes);
    }
}
