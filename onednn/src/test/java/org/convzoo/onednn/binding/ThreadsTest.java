package org.convzoo.onednn.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ThreadsTest {
    @Test
    void oneThreadForAsLongAsTheWorkTakes() {
        int usual = Threads.max();
        assertThat(Threads.<Integer>alone(Threads::max)).isEqualTo(1);
        assertThat(Threads.max()).isEqualTo(usual);
        assertThatThrownBy(() -> Threads.alone(() -> {
                    throw new IllegalStateException("work");
                }))
                .hasMessage("work");
        assertThat(Threads.max()).isEqualTo(usual);
    }

    @Test
    void othersKeepTheirThreads() {
        int usual = CompletableFuture.supplyAsync(Threads::max).join();
        int beside =
                Threads.alone(() -> CompletableFuture.supplyAsync(Threads::max).join());
        assertThat(beside).isEqualTo(usual);
    }
}
