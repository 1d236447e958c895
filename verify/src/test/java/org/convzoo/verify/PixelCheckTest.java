package org.convzoo.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class PixelCheckTest {
    /** The pictures and what Pillow made of them, beside the tests of the readers. */
    private static final Path PICTURES = Path.of("../images/src/test/resources/org/convzoo/images");

    private final Path folder = PICTURES.resolve("pillow");

    private static JsonNode json(String file) throws IOException {
        return new ObjectMapper().readTree(PICTURES.resolve(file).toFile());
    }

    @TestFactory
    Stream<DynamicTest> everyCaseIsPillowsByteForByte() throws IOException {
        JsonNode file = json("pillow/resize.json"), more = json("formats/resize.json");
        List<Finding> findings = new ArrayList<>(PixelCheck.check(file, folder));
        findings.addAll(PixelCheck.check(more, folder));
        assertThat(findings)
                .hasSize(file.get("exact").size()
                        + file.get("evaluation").size()
                        + more.get("exact").size());
        return findings.stream()
                .map(f -> DynamicTest.dynamicTest(
                        f.name(), () -> assertThat(f.text()).isEqualTo(f.name() + " ok")));
    }

    @Test
    void tellsWhatDeparts() throws IOException {
        ObjectNode file = (ObjectNode) json("pillow/resize.json");
        ArrayNode exact = (ArrayNode) file.get("exact"), evaluation = (ArrayNode) file.get("evaluation");
        while (exact.size() > 3) exact.remove(3);
        while (evaluation.size() > 1) evaluation.remove(1);
        ((ObjectNode) exact.get(0)).put("resample", "box");
        ((ArrayNode) exact.get(1).get("resized").get("size")).set(0, 223);
        ((ObjectNode) exact.get(2)).put("source", "nothing.png");
        ((ArrayNode) evaluation.get(0).get("normalised_mean")).set(1, -0.1844);
        assertThat(PixelCheck.check(file, folder))
                .noneMatch(Finding::ok)
                .extracting(Finding::text)
                .satisfiesExactly(
                        t -> assertThat(t).contains("resized: byte "),
                        t -> assertThat(t).endsWith("resized to 224x224, not 223x224"),
                        t -> assertThat(t).endsWith("nothing.png: no such file"),
                        t -> assertThat(t).contains("normalised: the mean of channel 1 is"));
    }

    @Test
    void whatIsNullIsNamed() throws IOException {
        for (String kind : List.of("exact", "evaluation")) {
            JsonNode whole = json("pillow/resize.json").get(kind).get(0);
            for (String field : List.copyOf(
                    whole.properties().stream().map(Map.Entry::getKey).toList())) {
                if (List.of("mode", "crop_left_top").contains(field)) continue; // for readers only
                ObjectNode file = (ObjectNode) json("pillow/resize.json");
                ((ArrayNode) file.get("exact")).removeAll();
                ((ArrayNode) file.get("evaluation")).removeAll();
                ((ArrayNode) file.get(kind)).add(((ObjectNode) whole.deepCopy()).putNull(field));
                assertThat(PixelCheck.check(file, folder)).singleElement().satisfies(f -> {
                    assertThat(f.ok()).as(field).isFalse();
                    assertThat(f.text()).contains(field + " is null");
                });
            }
        }
    }
}
