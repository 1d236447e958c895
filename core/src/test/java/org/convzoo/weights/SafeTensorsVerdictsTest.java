package org.convzoo.weights;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.convzoo.failure.BrokenFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Some hundred files with the verdict of the format's own reader: Python's safetensors 0.8.0, asked by
 * {@code core/src/test/fuzz/judge.py}, which wrote {@code safetensors.jsonl}.
 */
class SafeTensorsVerdictsTest {
    @TempDir
    Path directory;

    @Test
    void theFormatsOwnReaderSaysTheSame() throws IOException {
        List<String> different = new ArrayList<>();
        int accepted = 0, refused = 0;
        var json = new ObjectMapper();
        try (var lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(getClass().getResourceAsStream("/safetensors.jsonl")),
                StandardCharsets.UTF_8))) {
            for (String line; (line = lines.readLine()) != null; ) {
                JsonNode c = json.readTree(line);
                Path file = Files.write(
                        directory.resolve("case.safetensors"),
                        Base64.getDecoder().decode(c.get("file").asText()));
                boolean taken = true;
                String why = "";
                try {
                    SafeTensors.read(file);
                } catch (BrokenFileException e) {
                    taken = false;
                    why = e.getMessage();
                    assertThat(why).startsWith(file + ": ").doesNotContain("\n").hasSizeLessThan(500);
                }
                if (taken) accepted++;
                else refused++;
                if (taken != c.get("accepted").asBoolean())
                    different.add(c.get("case").asText() + " " + why);
            }
        }
        assertThat(different).isEmpty();
        assertThat(accepted).isGreaterThan(80);
        assertThat(refused).isGreaterThan(400);
    }
}
