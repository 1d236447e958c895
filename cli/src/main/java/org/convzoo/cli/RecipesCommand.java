package org.convzoo.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.regex.Pattern;
import org.convzoo.recipe.PaperRecipe;
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
        var table = new TextTable("name", "paper, and where the recipe departs from it");
        for (PaperRecipe r : PaperRecipe.all()) {
            List<String> lines = lines(r.about());
            for (int i = 0; i < lines.size(); i++) table.row(i == 0 ? r.name() : "", lines.get(i));
        }
        out.print(table);
    }

    /** Of at most 80 characters, broken at spaces. */
    private static List<String> lines(String text) {
        return Pattern.compile(".{1,80}(?= |$)")
                .matcher(text)
                .results()
                .map(line -> line.group().strip())
                .toList();
    }
}
