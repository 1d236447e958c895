package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.convzoo.images.Inventory;
import org.convzoo.images.Splits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** What a data set is taken for, and which of its pictures cannot be read. */
@Command(
        name = "scan",
        description = "Tells what a data set is taken for and reads every picture; names those that are broken. Exit"
                + " code 1 if there are any.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  convzoo scan PHOTOS"})
final class ScanCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SPEC", description = "A data set or a folder, as for train --data.")
    private String data = "";

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    public Integer call() {
        Splits splits = Splits.open(data);
        Inventory inventory = splits.scan();
        json.print(() -> json(splits, inventory), () -> text(splits, inventory));
        return inventory.broken().isEmpty() ? 0 : Failures.FAILED;
    }

    private static String text(Splits splits, Inventory inventory) {
        List<String> lines = new ArrayList<>(List.of(splits.summary()));
        inventory.broken().forEach(b -> lines.add(b.toString()));
        inventory.misnamed().forEach(m -> lines.add(m + "; it is read in spite of its name"));
        lines.add(inventory.broken().isEmpty() ? "All can be read." : inventory.brokenCount() + ".");
        return String.join("\n", lines) + "\n";
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
