package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareRunsTest {
    private static final Path LENET = Path.of("../classify/src/test/resources/format1/lenet.safetensors");

    @TempDir
    Path temp;

    private Path run(String name) throws IOException {
        Path run = Files.createDirectory(temp.resolve(name));
        Files.copy(LENET, run.resolve("model.safetensors"));
        return run;
    }

    @Test
    void asTextAsDataAndAsAPage() throws IOException {
        Path one = run("one"), two = run("two"), page = temp.resolve("runs.html");

        Cli text = Cli.run("compare-runs", one, two, "--html", page);
        assertThat(text.code()).as(text.err()).isZero();
        assertThat(text.out()).containsPattern("run +network +image").contains("one", "two", "61.7 k");
        assertThat(text.err()).isEqualTo("drawn: " + page + "\n");
        assertThat(page).content().contains("Runs compared", "All have the same settings.");
        assertThat(Cli.run("compare-runs", one, two, "--json").out())
                .startsWith("[")
                .contains("\"lenet\"");
        assertThat(Cli.run("compare-runs", one, two, "--html", "-").out()).startsWith("<!DOCTYPE html>");
    }

    @Test
    void whatIsNoRunIsRefused() throws IOException {
        Cli refused = Cli.run("compare-runs", run("one"), temp);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).isEqualTo("convzoo: " + temp + ": holds no run\n");
        assertThat(Cli.run("compare-runs", temp).code()).isEqualTo(2);
    }
}
