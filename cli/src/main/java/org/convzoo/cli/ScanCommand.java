package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.convzoo.images.Inventory;
import org.convzoo.images.Splits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a data set is taken for, and which of its pictures cannot be read. */
@Command(
        name = "scan",
        description = "Tells what a data set is taken for and reads every picture; names those that are broken. Exit"
                + " code 1 if there are any.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  convzoo scan PHOTOS"})
final class ScanCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SPEC", description = "digits, fashion, mnist:DIR, or a folder, as for train.")
    private String data = "";

    @Option(names = "--json", description = "Print as JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Splits splits = Splits.open(data);
        Inventory inventory = splits.scan();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(splits, inventory).toPrettyString());
        } else {
            out.println(splits.summary());
            inventory.broken().forEach(out::println);
            inventory.misnamed().forEach(m -> out.println(m + "; it is read in spite of its name"));
            out.println(inventory.broken().isEmpty() ? "All can be read." : inventory.brokenCount() + ".");
        }
        return inventory.broken().isEmpty() ? 0 : Failures.FAILED;
    }

    private static ObjectNode json(Splits splits, Inventory inventory) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("data", splits.spec())
                .put("training", splits.train().size())
                .put("test", splits.test().size());
        splits.labels().forEach(json.putArray("labels")::add);
        splits.notes().forEach(json.putArray("notes")::add);
        ArrayNode broken = json.putArray("broken");
        for (Inventory.Broken b : inventory.broken())
            broken.addObject().put("name", b.name()).put("reason", b.reason());
        inventory.misnamed().forEach(json.putArray("misnamed")::add);
        return json;
    }
}
