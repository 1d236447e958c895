package org.convzoo.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.convzoo.failure.BrokenFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MutantsTest {
    private static final byte[] SOUND =
            "sound, and long enough for a thousand mutants".getBytes(StandardCharsets.UTF_8);
    private static final Mutants.Limits LIMITS = new Mutants.Limits(Duration.ofSeconds(2), 1 << 20);

    @TempDir
    Path directory;

    private static Mutants mutants() {
        return new Mutants("txt", List.of(SOUND, "other".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aMutantIsAFunctionOfItsNumber() {
        Set<String> all = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            assertThat(mutants().mutant(i)).isEqualTo(mutants().mutant(i));
            all.add(new String(mutants().mutant(i), StandardCharsets.ISO_8859_1));
        }
        assertThat(all).as("hardly two alike").hasSizeGreaterThan(500);
    }

    @Test
    void answersAndRefusalsInOneLineAreFine() throws Exception {
        mutants().run(directory, 200, LIMITS, file -> {
            byte first = Files.size(file) == 0 ? 0 : Files.readAllBytes(file)[0];
            if (first != 's' && first != 'o') throw new BrokenFileException(file + ": not sound");
        });
    }

    @Test
    void anythingElseFails() {
        fails("threw java.lang.NullPointerException", file -> {
            throw new NullPointerException();
        });
        fails("threw java.lang.StackOverflowError", file -> {
            throw new StackOverflowError();
        });
        fails("names no file", file -> {
            throw new BrokenFileException("broken");
        });
        fails("bytes of memory", file -> assertThat(new byte[2 << 20]).isNotEmpty());
        fails("bytes of memory", file -> assertThat(
                        ByteBuffer.allocateDirect(2 << 20).capacity())
                .isPositive());
        assertThatThrownBy(() -> mutants().run(directory, 9, LIMITS, file -> {
                    throw new BrokenFileException(file + ": nothing is sound");
                }))
                .hasMessageContaining("txt, sound file 0: not accepted");
    }

    @Test
    void anEndlessReaderFails() {
        var limits = new Mutants.Limits(Duration.ofMillis(50), 1 << 20);
        assertThatThrownBy(() -> mutants().run(directory, 9, limits, file -> Thread.sleep(60_000)))
                .hasMessageContaining("not read after PT0.05S");
    }

    private void fails(String how, Mutants.Reader reader) {
        assertThatThrownBy(() -> mutants().run(directory, 9, LIMITS, file -> {
                    byte[] bytes = Files.readAllBytes(file);
                    if (bytes.length != 5 && bytes.length != SOUND.length) reader.read(file);
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageMatching("(?s)txt, mutant \\d \\(.*\\): .*" + how + ".*");
    }

    @Test
    void editedJsonIsOftenStillJson() {
        String json = "{\"a\":[1,2.5,{\"b\":null}],\"c d\":\"e\\\"f\",\"g\":true}";
        var mapper = new com.fasterxml.jackson.databind.ObjectMapper();
        long parsed = IntStream.range(0, 2000)
                .filter(i -> {
                    try {
                        mapper.readTree(JsonMutants.of(json, new SplittableRandom(i)));
                        return true;
                    } catch (java.io.IOException e) {
                        return false;
                    }
                })
                .count();
        assertThat(parsed).isBetween(800L, 1800L);
    }
}
