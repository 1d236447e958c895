package org.convzoo.pretrained;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.convzoo.fuzz.Mutants;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutants of files of all formats, read as somebody's files are: by their content. */
class WeightsFileFuzzTest {
    private static final Mutants.Limits LIMITS = new Mutants.Limits(Duration.ofSeconds(10), 64 << 20);

    @TempDir
    Path directory;

    private static List<byte[]> sound(String folder, String... names) throws IOException {
        List<byte[]> all = new ArrayList<>();
        for (String name : names)
            try (InputStream in = WeightsFileFuzzTest.class.getResourceAsStream(folder + name)) {
                all.add(in.readAllBytes());
            }
        return all;
    }

    private static Mutants keras() throws IOException {
        return new Mutants("h5", sound("keras/", "tiny.h5", "tiny.weights.h5", "tiny.keras", "tiny2.h5"));
    }

    private static Mutants others() throws IOException {
        return new Mutants(
                "weights",
                sound(
                        "/torch/",
                        "newer.pth",
                        "state.safetensors",
                        "wrapped/timm.pth",
                        "wrapped/nested.pth",
                        "wrapped/folder.zip",
                        "wrapped/plain.pkl",
                        "wrapped/arrays.npz",
                        "wrapped/script.pth"));
    }

    @Test
    void someFilesOfKerasAreReadOrRefused() throws Exception {
        keras().run(directory, 300, LIMITS, WeightsFile::read);
    }

    @Test
    @Tag("thorough")
    void filesOfKerasAreReadOrRefused() throws Exception {
        keras().run(directory, 50_000, LIMITS, WeightsFile::read);
    }

    @Test
    @Tag("thorough")
    void filesOfOtherFormatsAreReadOrRefused() throws Exception {
        others().run(directory, 50_000, LIMITS, WeightsFile::read);
    }
}
