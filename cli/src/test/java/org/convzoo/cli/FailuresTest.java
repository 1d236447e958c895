package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.DivergedException;
import org.convzoo.failure.OutOfMemoryException;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class FailuresTest {
    @Command(name = "with")
    private static final class WithBatch {
        @Option(names = "--batch")
        private int batch;
    }

    @Command(name = "without")
    private static final class Without {}

    @Test
    void whatIsAskedForIsWrongUseAndTheRestFails() {
        assertThat(Failures.code(new WrongUseException("x"))).isEqualTo(2);
        assertThat(Failures.code(new IllegalArgumentException("x"))).isEqualTo(2);
        assertThat(Failures.code(new BrokenFileException("x"))).isEqualTo(1);
        assertThat(Failures.code(new DivergedException("x"))).isEqualTo(1);
        assertThat(Failures.code(new StoppedException("x"))).isEqualTo(1);
        assertThat(Failures.code(new OutOfMemoryException("x"))).isEqualTo(1);
        assertThat(Failures.code(new OutOfMemoryError("x"))).isEqualTo(1);
    }

    @Test
    void oneLineWhateverIsThrown() {
        assertThat(Failures.text(new BrokenFileException("a.png: cut off"))).isEqualTo("a.png: cut off");
        assertThat(Failures.text(new UncheckedIOException(new IOException("full"))))
                .isEqualTo("full");
        assertThat(Failures.text(new CompletionException(new StoppedException("late"))))
                .isEqualTo("late");
        assertThat(Failures.text(new OutOfMemoryError("Java heap space")))
                .startsWith("Java's memory is exhausted, of which it may take ");
        assertThat(Failures.text(new OutOfMemoryError("unable to create native thread: possibly out of memory")))
                .contains("threads");
        assertThat(Failures.text(new StackOverflowError())).contains("nested too deep");
        assertThat(Failures.text(new NullPointerException())).startsWith("internal error: NullPointerException");
    }

    @Test
    void aRemedyChangesNeitherTheFailureNorItsCode() {
        var gone = new Remedied(new BrokenFileException("x: is not there"), "; --data says where it is");
        assertThat(Failures.text(gone)).isEqualTo("x: is not there; --data says where it is");
        assertThat(Failures.code(gone)).isEqualTo(1);
        assertThat(Failures.code(new Remedied(new WrongUseException("x"), "; y")))
                .isEqualTo(2);
    }

    @Test
    void remediesNameTheOptionsThatTheCommandHas() {
        var with = new CommandLine(new WithBatch());
        var without = new CommandLine(new Without());

        assertThat(Failures.remedy(new OutOfMemoryException("x"), with)).isEqualTo("; take a smaller --batch");
        assertThat(Failures.remedy(new OutOfMemoryException("x"), without)).isEmpty();
        assertThat(Failures.remedy(new OutOfMemoryError("Java heap space"), with))
                .contains("CONVZOO_JAVA_OPTS=-Xmx", "--batch");
        assertThat(Failures.remedy(new OutOfMemoryError("Java heap space"), without))
                .contains("CONVZOO_JAVA_OPTS=-Xmx")
                .doesNotContain("--batch");
        assertThat(Failures.remedy(new IOException("x"), with)).isEmpty();
    }

    @Test
    void namesNeedUtf8() {
        assertThat(FileNames.trouble("ANSI_X3.4-1968", '/')).contains("ANSI_X3.4-1968", "set LC_ALL=C.UTF-8");
        assertThat(FileNames.trouble("ISO-8859-1", '/')).isNotEmpty();
        assertThat(FileNames.trouble("utf-8", '/')).isEmpty();
        assertThat(FileNames.trouble("Cp1252", '\\')).as("Windows").isEmpty();
    }
}
