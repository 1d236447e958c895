package org.convzoo.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.convzoo.images.Splits;
import org.convzoo.images.Survey;
import org.convzoo.view.Findings;
import org.convzoo.view.FindingsPage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a data set is taken for, and what is likely wrong with its pictures. */
@Command(
        name = "scan",
        description = "Tells what a data set is taken for and looks at every picture: which are broken, which are there"
                + " twice, in training and in test or in two classes, which are odd; how many of each class, how large,"
                + " and how bright. Exit code 1 if any are broken.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:  convzoo scan PHOTOS", "           convzoo scan PHOTOS --html photos.html"})
final class ScanCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SPEC", description = "A data set or a folder, as for train --data.")
    private String data = "";

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Write what was found as a page, with the pictures; - prints the page alone.")
    private @Nullable Path html;

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (html != null) Drawing.requirePlace(html);
        Splits splits = Splits.open(data);
        Survey survey = splits.survey();
        Findings findings = new Findings(splits, survey);
        if (html == null || !html.toString().equals("-")) json.print(findings::json, findings::text);
        if (html != null) Drawing.write(html, new FindingsPage(findings).html(), spec);
        return survey.inventory().broken().isEmpty() ? 0 : Failures.FAILED;
    }
}
