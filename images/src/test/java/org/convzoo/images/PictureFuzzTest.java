package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.convzoo.fuzz.Mutants;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mutants of pictures of all formats, and of IDX files. */
@Tag("thorough")
class PictureFuzzTest {
    /** All that is allocated counts, be it free again or not. */
    private static final Mutants.Limits LIMITS = new Mutants.Limits(Duration.ofSeconds(30), 2 * Room.ALL);

    private static final int LARGEST = 6000; // of the sound files, in bytes

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"jpg, 2000", "png, 3000", "webp, 2000", "bmp, 2000", "gif, 2000", "tif, 3000"})
    void pictures(String extension, int count) throws Exception {
        new Mutants(extension, sound(extension)).run(directory, count, LIMITS, PictureReader::read);
    }

    private static List<byte[]> sound(String extension) throws IOException {
        List<byte[]> sound = new ArrayList<>();
        for (var picture :
                Fixtures.json("formats/expected.json").get("pictures").properties()) {
            JsonNode expected = picture.getValue();
            Path file = Fixtures.path("formats/" + picture.getKey());
            if (picture.getKey().endsWith("." + extension) && !expected.has("error") && Files.size(file) <= LARGEST)
                sound.add(Files.readAllBytes(file));
        }
        assertThat(sound).hasSizeGreaterThan(5);
        return sound;
    }

    @Test
    void idx() throws Exception {
        byte[] labels = ByteBuffer.allocate(11).putInt(0x801).putInt(3).array();
        byte[] images = ByteBuffer.allocate(16 + 3 * 5 * 4)
                .putInt(0x803)
                .putInt(3)
                .putInt(5)
                .putInt(4)
                .array();
        new Mutants("idx3-ubyte", List.of(images, packed(images)))
                .run(
                        directory,
                        3000,
                        LIMITS,
                        file -> Idx.read(
                                "train",
                                new Idx.File(file.toString(), Files.readAllBytes(file)),
                                new Idx.File("labels", labels)));
        new Mutants("idx1-ubyte", List.of(labels, packed(labels)))
                .run(
                        directory,
                        3000,
                        LIMITS,
                        file -> Idx.read(
                                "train",
                                new Idx.File(file.toString(), images),
                                new Idx.File(file.toString(), Files.readAllBytes(file))));
    }

    private static byte[] packed(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }
}
