package org.convzoo.images;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;

/** Where the bytes of a picture are. */
sealed interface Place {
    Path file();

    /** What messages call it. */
    String title();

    /** What tells it from other places in the same file; empty where there are none. */
    String within();

    /** How many bytes it has, in a file with these attributes. */
    long length(BasicFileAttributes attributes);

    InputStream open() throws IOException;

    /** Throws {@link BrokenFileException} and {@link OutOfMemoryException} with one line that begins with its title. */
    Picture read();

    /**
     * A file.
     *
     * @param named what is said at the end of a failure: where the file is named; empty where there is nothing to say
     */
    record Whole(Path file, String named) implements Place {
        @Override
        public String title() {
            return file.toString();
        }

        @Override
        public String within() {
            return "";
        }

        @Override
        public long length(BasicFileAttributes attributes) {
            return attributes.size();
        }

        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }

        @Override
        public Picture read() {
            try {
                return PictureReader.read(file);
            } catch (BrokenFileException e) {
                throw new BrokenFileException(e.getMessage() + named, e);
            } catch (OutOfMemoryException e) {
                throw new OutOfMemoryException(e.getMessage() + named, e);
            }
        }
    }

    /** Some bytes of a file: a member of an archive. */
    record Member(Path file, String member, long offset, long size) implements Place {
        @Override
        public String title() {
            return file + "/" + member;
        }

        @Override
        public String within() {
            return "/" + member + "@" + offset;
        }

        @Override
        public long length(BasicFileAttributes attributes) {
            return size;
        }

        @Override
        public InputStream open() throws IOException {
            FileChannel channel = FileChannel.open(file);
            channel.position(offset);
            return new Bounded(Channels.newInputStream(channel), size);
        }

        /** The bytes. Throws {@link BrokenFileException} where the file does not have them. */
        byte[] bytes() {
            if (size > PictureReader.LONGEST)
                throw new OutOfMemoryException(title() + ": has " + Room.size(size) + "; at most "
                        + Room.size(PictureReader.LONGEST) + " are taken, an eighth of Java's heap (-Xmx)");
            try (InputStream in = open()) {
                byte[] bytes = in.readNBytes((int) size);
                if (bytes.length < size)
                    throw new BrokenFileException(
                            title() + ": cut short, " + bytes.length + " of " + size + " bytes are there");
                return bytes;
            } catch (NoSuchFileException e) {
                throw new BrokenFileException(file + ": no such file", e);
            } catch (IOException e) {
                throw new BrokenFileException(title() + ": cannot be read", e);
            }
        }

        @Override
        public Picture read() {
            return PictureReader.read(bytes(), title());
        }
    }

    /** The first bytes of a stream. */
    final class Bounded extends FilterInputStream {
        private long left;

        Bounded(InputStream in, long left) {
            super(in);
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            return left-- > 0 ? super.read() : -1;
        }

        @Override
        public int read(byte[] bytes, int from, int count) throws IOException {
            if (left <= 0) return -1;
            int read = super.read(bytes, from, (int) Math.min(count, left));
            left -= Math.max(0, read);
            return read;
        }
    }
}
