package org.convzoo.cli;

import java.io.PrintWriter;
import org.convzoo.train.PaperRecipe;
import org.convzoo.view.TextTable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The recipes that papers trained by. */
@Command(
        name = "recipes",
        description =
                "Lists the recipes that papers trained by, for train --recipe, or shows one as JSON: a file to start"
                        + " from. Without --recipe, train takes one that fits the network, the data and the time.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:  convzoo recipes resnet",
            "           convzoo recipes resnet > mine.json",
            "           convzoo train resnet18 --data PHOTOS --recipe mine.json --set epochs=30"
        })
final class RecipesCommand implements Runnable {
    @Parameters(arity = "0..1", paramLabel = "NAME", description = "A recipe of the list.")
    private @Nullable String name;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        if (name != null) {
            out.println(PaperRecipe.named(name).recipe().toJson().toPrettyString());
            return;
        }
        var table = new TextTable("name", "paper");
        for (PaperRecipe r : PaperRecipe.all()) table.row(r.name(), r.about());
        out.print(table);
    }
}
