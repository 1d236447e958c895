package org.convzoo.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {
    @Test
    void anAbsentSwitchIsOff() {
        assertThat(Options.NONE.flag("aux")).isFalse();
        assertThat(Options.of("aux", false).flag("aux")).isFalse();
        assertThat(Options.of("aux", true).flag("aux")).isTrue();
    }

    @Test
    void anAbsentNumberIsTheGivenOne() {
        assertThat(Options.NONE.number("width", 1)).isEqualTo(1);
        assertThat(Options.of("width", 0.75).number("width", 1)).isEqualTo(0.75);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "wide", "0", "-1", "NaN", "Infinity"})
    void refusesWhatIsNoPositiveNumber(String value) {
        assertThatThrownBy(() -> Options.of("width", value).number("width", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("option width is a positive number, not '" + value + "'");
    }

    @Test
    void aChoiceIsOneOfItsWords() {
        assertThat(Options.NONE.choice("shortcut", "A", "B")).isEqualTo("A");
        assertThat(Options.of("shortcut", "B").choice("shortcut", "A", "B")).isEqualTo("B");
        assertThatThrownBy(() -> Options.of("shortcut", "C").choice("shortcut", "A", "B"))
                .hasMessage("option shortcut is A or B, not 'C'");
    }
}
