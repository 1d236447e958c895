package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.convzoo.failure.BrokenFileException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckedFilesTest {
    @TempDir
    Path folder;

    private final AtomicInteger decoded = new AtomicInteger();
    private Path file, store;

    @BeforeEach
    void aFileOfYesterday() throws IOException {
        file = folder.resolve("data/a.png");
        store = folder.resolve("cache/data");
        Files.createDirectories(file.getParent());
        write("one", Instant.parse("2020-01-01T00:00:00Z"));
    }

    private void write(String content, Instant time) throws IOException {
        Files.writeString(file, content);
        Files.setLastModifiedTime(file, FileTime.from(time));
    }

    private long checksum(CheckedFiles checked) {
        return checked.checksum(new Place.Whole(file, ""), decoded::incrementAndGet);
    }

    private CheckedFiles open() {
        return new CheckedFiles(folder.resolve("data"), store);
    }

    @Test
    void aFileIsDecodedOnceUntilItChanges() throws IOException {
        CheckedFiles first = open();
        long one = checksum(first);
        assertThat(checksum(first)).isEqualTo(one);
        assertThat(decoded).hasValue(1);
        first.save();
        assertThat(checksum(open())).isEqualTo(one);
        assertThat(decoded).hasValue(1);

        write("two", Instant.parse("2021-01-01T00:00:00Z"));
        assertThat(checksum(open())).isNotEqualTo(one);
        write("three", Instant.parse("2020-01-01T00:00:00Z"));
        assertThat(checksum(open())).isNotEqualTo(one);
        assertThat(decoded).hasValue(3);
    }

    @Test
    void whatWasJustWrittenMayChangeOnceMore() throws IOException {
        write("new", Instant.now());
        CheckedFiles checked = open();
        checksum(checked);
        checksum(checked);
        assertThat(decoded).hasValue(2);
    }

    @Test
    void whatIsBrokenIsNotRemembered() {
        CheckedFiles checked = open();
        for (int i = 0; i < 2; i++)
            assertThatThrownBy(() -> checked.checksum(new Place.Whole(file, ""), () -> {
                        throw new BrokenFileException("broken");
                    }))
                    .hasMessage("broken");
        checksum(checked);
        assertThat(decoded).hasValue(1);
    }

    @Test
    void aStoreThatCannotBeReadOrWrittenIsDoneWithout() throws IOException {
        CheckedFiles first = open();
        long one = checksum(first);
        Files.writeString(folder.resolve("cache"), "a file in the way");
        first.save();
        Files.delete(folder.resolve("cache"));
        Files.createDirectories(store.getParent());
        for (String broken : new String[] {"", "\0\u0012convzoo pictures 1\u007f\u007f\u007f\u007f\0\u0001a", "???"}) {
            Files.writeString(store, broken);
            assertThat(checksum(open())).isEqualTo(one);
        }
        assertThat(decoded).hasValue(4);
    }
}
