package org.convzoo.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.convzoo.cost.Claim.Relation;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ClaimsTest {
    static List<Claim> all() {
        return Claims.ALL;
    }

    @ParameterizedTest
    @MethodSource("all")
    void holdsOrSaysWhyNot(Claim claim) {
        Claim.Verdict verdict = claim.check();

        assertThat(verdict.holds())
                .as("%s, %s: %s, the paper has %s, ours is %s"
                        .formatted(claim.paper(), claim.place(), claim.text(), claim.stated(), verdict.ours()))
                .isEqualTo(claim.why().isEmpty());
    }

    @Test
    void mostHold() {
        assertThat(Claims.ALL).hasSizeGreaterThan(100);
        assertThat(Claims.ALL.stream().filter(c -> !c.why().isEmpty())).hasSizeLessThan(20);
    }

    @Test
    void papersAreThoseOfTheCatalogue() {
        var papers = Models.all().stream().map(Architecture::paper).collect(Collectors.toSet());

        assertThat(Claims.ALL).extracting(Claim::paper).allMatch(papers::contains);
        assertThat(Claims.ALL)
                .extracting(Claim::place)
                .allMatch(p -> p.matches("(section|table) [\\d.]+|title|abstract|elsewhere"));
    }

    @ParameterizedTest
    @CsvSource({
        "EQUAL, 569 M, 568.74e6, 568.7 M, true",
        "EQUAL, 0.5 M, 0.47e6, 0.47 M, true", // 6 % off, but it rounds to 0.5
        "EQUAL, 3.8 G, 4.09e9, 4.09 G, false",
        "EQUAL, '22,855,952', 22855952, '22,855,952', true",
        "EQUAL, 28 %, 0.28, 28.0 %, true",
        "EQUAL, 100 M, 102e6, 102.0 M, true",
        "EQUAL, 100 M, 102.1e6, 102.1 M, false",
        "ABOUT, 2 x, 1.92, 1.9 x, true",
        "ABOUT, 2 x, 1.89, 1.9 x, false",
        "LESS, 1 x, 1, 1.0 x, false",
        "MORE, 8 x, 8.8, 8.8 x, true"
    })
    void figuresAreComparedAsThePaperPrintsThem(
            Relation relation, String stated, double ours, String text, boolean holds) {
        assertThat(new Claim("", "", "", relation, stated, () -> ours, "").check())
                .isEqualTo(new Claim.Verdict(text, holds));
    }
}
