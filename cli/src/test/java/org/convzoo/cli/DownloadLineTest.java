package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DownloadLineTest {
    @Test
    void saysHowFarADownloadIs() {
        assertThat(DownloadLine.text(25 << 20, 100 << 20, 5 << 20))
                .isEqualTo(" 25 %  25.0 MiB of 100 MiB, 5.00 MiB a second, 15.0 s left");
        assertThat(DownloadLine.text(25 << 20, 0, 5 << 20)).isEqualTo("25.0 MiB, 5.00 MiB a second");
        assertThat(DownloadLine.text(0, 100 << 20, 0)).endsWith("? left");
    }
}
