package org.convzoo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    Path directory;

    @Test
    void replacesTheFileAndLeavesNothingElse() throws IOException {
        Path file = directory.resolve("model.bin");
        AtomicFile.write(file, "old");
        AtomicFile.write(file, "new and longer, größer");
        assertThat(file).hasContent("new and longer, größer");
        assertThat(directory).isDirectoryNotContaining(p -> !p.equals(file));
    }

    @Test
    void theOldFileStaysWhenTheDiskIsFull() throws IOException {
        Path file = directory.resolve("model.bin");
        AtomicFile.write(file, "old");
        assertThatThrownBy(() -> AtomicFile.write(file, channel -> {
                    channel.write(ByteBuffer.allocate(100));
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No space left");
        assertThat(file).hasContent("old");
        assertThat(directory).isDirectoryNotContaining(p -> !p.equals(file));
    }

    @Test
    void theOldFileStaysWhenTheContentBreaksOff() throws IOException {
        Path file = directory.resolve("model.bin");
        AtomicFile.write(file, "old");
        assertThatThrownBy(() -> AtomicFile.write(file, channel -> {
                    throw new IllegalStateException("closed");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(file).hasContent("old");
        assertThat(directory).isDirectoryNotContaining(p -> !p.equals(file));
    }

    @Test
    void theNewFileIsNotVisibleBeforeItIsWhole() throws IOException {
        Path file = directory.resolve("model.bin");
        AtomicFile.write(file, "old");
        AtomicFile.write(file, channel -> {
            channel.write(ByteBuffer.wrap("ne".getBytes()));
            assertThat(file).hasContent("old");
            channel.write(ByteBuffer.wrap("w".getBytes()));
        });
        assertThat(file).hasContent("new");
    }

    @Test
    void anAbsentDirectoryIsAnError() {
        Path file = directory.resolve("absent/model.bin");
        assertThatThrownBy(() -> AtomicFile.write(file, "x")).isInstanceOf(NoSuchFileException.class);
        assertThat(Files.exists(file.getParent())).isFalse();
    }

    @Test
    void aFolderIsAnErrorBeforeAnythingIsWritten() {
        assertThatThrownBy(() -> AtomicFile.write(directory, channel -> {
                    throw new AssertionError("written to");
                }))
                .isInstanceOf(FileSystemException.class)
                .hasMessage(directory + ": is a folder; name a file in it");
    }

    @Test
    void linksStayLinksAndDevicesStayDevices() throws IOException {
        Path file = directory.resolve("model.bin"), link = directory.resolve("latest");
        AtomicFile.write(file, "old");
        Files.createSymbolicLink(link, file);
        AtomicFile.write(link, "new");
        assertThat(link).isSymbolicLink();
        assertThat(file).hasContent("new");
        Path nothing = directory.resolve("nothing");
        Files.createSymbolicLink(nothing, Path.of("/dev/null"));
        AtomicFile.write(nothing, "gone");
        assertThat(nothing).isSymbolicLink();
        assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
    }
}
