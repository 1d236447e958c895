package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumbersTest {
    @Test
    void threeDigitsAndAPower() {
        assertThat(Numbers.counted(999)).isEqualTo("999");
        assertThat(Numbers.counted(61_706)).isEqualTo("61.7 k");
        assertThat(Numbers.counted(999_999)).isEqualTo("1.00 M");
        assertThat(Numbers.counted(4_089_184_256L)).isEqualTo("4.09 G");
        assertThat(Numbers.bytes(1023)).isEqualTo("1023 bytes");
        assertThat(Numbers.bytes(102_228_128)).isEqualTo("97.5 MiB");
    }

    @Test
    void durationsInTheUnitsThatMatter() {
        assertThat(Numbers.duration(8.24)).isEqualTo("8.2 s");
        assertThat(Numbers.duration(59.97)).isEqualTo("1 min 0 s");
        assertThat(Numbers.duration(200)).isEqualTo("3 min 20 s");
        assertThat(Numbers.duration(7500)).isEqualTo("2 h 5 min");
    }

    @Test
    void threeSignificantDigits() {
        assertThat(Numbers.decimals(0.04567)).isEqualTo("0.0457");
        assertThat(Numbers.decimals(2.30)).isEqualTo("2.3");
        assertThat(Numbers.decimals(100)).isEqualTo("100");
        assertThat(Numbers.decimals(0)).isEqualTo("0");
        assertThat(Numbers.decimals(0.001)).isEqualTo("0.001");
        assertThat(Numbers.decimals(0.00006)).isEqualTo("6e-5");
        assertThat(Numbers.decimals(1.25e-8)).isEqualTo("1.25e-8");
    }
}
