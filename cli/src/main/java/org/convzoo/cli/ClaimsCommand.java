package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Locale;
import org.convzoo.cost.Claim;
import org.convzoo.cost.Claims;
import org.convzoo.view.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The papers' countable claims, recomputed. */
@Command(
        name = "claims",
        description = "Recomputes what the papers claim about the size and the work of their networks.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "A claim holds if our figure rounds to the paper's or is within 2 %% (5 %% where it says 'about').",
            "Example:  convzoo claims --differing"
        })
final class ClaimsCommand implements Runnable {
    @Option(names = "--differing", description = "Only those that differ.")
    private boolean differing;

    @Option(names = "--json", description = "Print as JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    private record Checked(Claim claim, Claim.Verdict verdict) {
        String holds() {
            return verdict.holds() ? "holds" : "differs";
        }
    }

    @Override
    public void run() {
        List<Checked> all = Claims.ALL.parallelStream()
                .map(c -> new Checked(c, c.check()))
                .filter(c -> !differing || !c.verdict.holds())
                .toList();
        var out = spec.commandLine().getOut();
        if (json) out.println(json(all).toPrettyString());
        else out.print(text(all));
    }

    private static String text(List<Checked> all) {
        var table = new TextTable("paper", "where", "claim", "the paper's>", "ours>", "");
        var reasons = new StringBuilder();
        for (Checked c : all) {
            Claim claim = c.claim;
            String stated =
                    switch (claim.relation()) {
                        case EQUAL -> "";
                        case ABOUT -> "about ";
                        case LESS -> "< ";
                        case MORE -> "> ";
                    };
            table.row(claim.paper(), claim.place(), claim.text(), stated + claim.stated(), c.verdict.ours(), c.holds());
            if (!c.verdict.holds())
                reasons.append(
                        claim.paper() + ", " + claim.place() + ", " + claim.text() + ":\n    " + claim.why() + "\n");
        }
        long hold = all.stream().filter(c -> c.verdict.holds()).count();
        return table + "\n" + all.size() + " claims: " + hold + " hold, " + (all.size() - hold) + " differ\n"
                + (reasons.isEmpty() ? "" : "\nWhy they differ\n" + reasons);
    }

    private static ArrayNode json(List<Checked> all) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (Checked c : all) {
            var o = array.addObject()
                    .put("paper", c.claim.paper())
                    .put("where", c.claim.place())
                    .put("claim", c.claim.text())
                    .put("relation", c.claim.relation().name().toLowerCase(Locale.ROOT))
                    .put("stated", c.claim.stated())
                    .put("ours", c.verdict.ours())
                    .put("verdict", c.holds());
            if (!c.claim.why().isEmpty()) o.put("why", c.claim.why());
        }
        return array;
    }
}
