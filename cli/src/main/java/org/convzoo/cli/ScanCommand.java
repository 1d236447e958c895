package org.convzoo.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.convzoo.images.Splits;
import org.convzoo.images.Survey;
import org.convzoo.view.Findings;
import org.convzoo.view.FindingsPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

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

    @Mixin
    private PageOption page = new PageOption();

    @Override
    public Integer call() throws IOException {
        page.requirePlace();
        Splits splits = Splits.open(data);
        Survey survey = splits.survey();
        Findings findings = new Findings(splits, survey);
        page.print(findings::json, findings::text, () -> new FindingsPage(findings).html());
        return survey.inventory().broken().isEmpty() ? 0 : Failures.FAILED;
    }
}
