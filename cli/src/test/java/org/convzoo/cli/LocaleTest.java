package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written does not depend on the user's language: its letters, digits and decimal points. */
class LocaleTest {
    @TempDir
    Path folder;

    private List<String> written() throws Exception {
        Path svg = folder.resolve("net.svg");
        List<String> all = new ArrayList<>();
        for (String words : List.of("list lenet", "show lenet", "show lenet --json", "compare lenet squeezenet1_1"))
            all.add(Cli.run((Object[]) words.split(" ")).out());
        assertThat(Cli.run("show", "mobilenet_v2", "--svg", svg).code()).isZero();
        all.add(Files.readString(svg));
        return all;
    }

    @Test
    void theDefaultLocaleChangesNothing() throws Exception {
        Locale before = Locale.getDefault();
        List<String> expected = written();
        try {
            for (String language : List.of("tr", "de", "ar-EG-u-nu-arab")) {
                Locale.setDefault(Locale.forLanguageTag(language));
                assertThat(written()).as(language).isEqualTo(expected);
            }
        } finally {
            Locale.setDefault(before);
        }
    }
}
