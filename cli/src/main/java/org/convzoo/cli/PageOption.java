package org.convzoo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command gives a result of which there is a page to look at: printed for people or programs, and as that page. */
final class PageOption {
    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Write the result as a page to look at, too; - prints the page alone.")
    private @Nullable Path page;

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Throws as {@link Drawing#requirePlace} where the page could not be written: before the work. */
    void requirePlace() throws IOException {
        if (page != null) Drawing.requirePlace(page);
    }

    /** Prints the result, and writes the page that was asked for. */
    void print(Supplier<? extends JsonNode> data, Supplier<String> text, Supplier<String> html) {
        if (page == null || !page.toString().equals("-")) json.print(data, text);
        if (page != null) Drawing.write(page, html.get(), command);
    }
}
