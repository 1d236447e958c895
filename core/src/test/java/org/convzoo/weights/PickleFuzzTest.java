package org.convzoo.weights;

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

/** Mutants of the files of PyTorch and of NumPy. */
@Tag("thorough")
class PickleFuzzTest {
    private static final Mutants.Limits LIMITS = new Mutants.Limits(Duration.ofSeconds(10), 32 << 20);

    @TempDir
    Path directory;

    private static List<byte[]> sound(String... names) throws IOException {
        List<byte[]> all = new ArrayList<>();
        for (String name : names)
            try (InputStream in = PickleFuzzTest.class.getResourceAsStream(name)) {
                all.add(in.readAllBytes());
            }
        return all;
    }

    @Test
    void filesOfPyTorchAreReadOrRefused() throws Exception {
        new Mutants(
                        "pth",
                        sound(
                                "/torch/newer.pth",
                                "/torch/wrapped/timm.pth",
                                "/torch/wrapped/lightning.pth",
                                "/torch/legacy.pth"))
                .run(directory, 12_000, LIMITS, TorchFile::read);
    }

    @Test
    void filesOfNumPyAreReadOrRefused() throws Exception {
        new Mutants(
                        "pkl",
                        sound(
                                "/numpy/nested0.pkl",
                                "/numpy/nested2.pkl",
                                "/numpy/nested4.pkl",
                                "/numpy/nested5.pkl",
                                "/numpy/plain.npz",
                                "/numpy/compressed.npz"))
                .run(directory, 12_000, LIMITS, NumpyFile::read);
    }
}
