package org.convzoo.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {
    @TempDir
    private Path temp;

    @Test
    void memoryIsCounted() {
        assertThat(Machine.availableMemory()).isGreaterThan(16L << 20);
    }

    /** Both forms of a control group, as Linux writes them, and one without a limit. */
    @Test
    void aControlGroupLimitsMemory() throws IOException {
        Files.writeString(temp.resolve("memory.max"), "1000000\n");
        Files.writeString(temp.resolve("memory.current"), "700000\n");
        Files.writeString(temp.resolve("memory.stat"), "anon 650000\ninactive_file 50000\nactive_file 7\n");
        assertThat(Machine.granted(temp, "memory.max", "memory.current", "inactive_file"))
                .isEqualTo(350_000);
        Files.writeString(temp.resolve("memory.max"), "max\n");
        assertThat(Machine.granted(temp, "memory.max", "memory.current", "inactive_file"))
                .isEqualTo(Long.MAX_VALUE);
        assertThat(Machine.granted(temp.resolve("nothing"), "memory.max", "memory.current", "inactive_file"))
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void coresAreCountedOnce() {
        assertThat(Machine.cores()).isBetween(1, Runtime.getRuntime().availableProcessors());
        assertThat(Machine.allowed(" 0-3,8,10-11")).containsExactly(0, 1, 2, 3, 8, 10, 11);
        assertThat(Machine.allowed("")).isEmpty();
    }
}
