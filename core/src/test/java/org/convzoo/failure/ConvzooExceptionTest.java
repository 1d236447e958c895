package org.convzoo.failure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConvzooExceptionTest {
    @Test
    void aMessageIsOnePlainLineWhateverStandsInIt() {
        assertThat(new BrokenFileException("a.png: broken\n  at 'x\0y'\r\n")).hasMessage("a.png: broken; at 'x?y'");
        assertThat(new WrongUseException("no network '" + "long ".repeat(9000) + "'", new Exception()).getMessage())
                .startsWith("no network 'long long ")
                .endsWith("...")
                .hasSize(1000);
    }
}
