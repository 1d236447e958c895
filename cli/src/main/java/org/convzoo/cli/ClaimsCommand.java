package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Locale;
import org.convzoo.cost.Claim;
import org.convzoo.cost.Claims;
import org.convzoo.view.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
    /** The columns of all but the claim, and what a line that goes on is indented by. */
    private static final int OTHERS = 13 + 11 + 10 + 7 + 4 * 2 + 2;

    @Option(names = "--differing", description = "Only those that differ.")
    private boolean differing;

    @Mixin
    private JsonOption json = new JsonOption();

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
        json.print(() -> json(all), () -> text(all));
    }

    /** Paper by paper, in the columns of the terminal. */
    private static String text(List<Checked> all) {
        int columns = Terminal.width();
        var table = new TextTable("where", "claim", "stated>", "ours>", "");
        var reasons = new StringBuilder();
        String paper = "";
        for (Checked c : all) {
            Claim claim = c.claim;
            if (!claim.paper().equals(paper)) table.row(paper = claim.paper(), "", "", "", "");
            String stated =
                    switch (claim.relation()) {
                        case EQUAL -> "";
                        case ABOUT -> "about ";
                        case LESS -> "< ";
                        case MORE -> "> ";
                    };
            List<String> lines = Terminal.lines(claim.text(), Math.max(20, columns - OTHERS));
            table.row("  " + claim.place(), lines.get(0), stated + claim.stated(), c.verdict.ours(), c.holds());
            for (String line : lines.subList(1, lines.size())) table.row("", "  " + line, "", "", "");
            if (!c.verdict.holds()) {
                String where = claim.paper() + ", " + claim.place() + ", " + claim.text() + ":";
                reasons.append(String.join("\n", Terminal.lines(where, columns)))
                        .append('\n');
                for (String line : Terminal.lines(claim.why(), columns - 4)) reasons.append("    " + line + "\n");
            }
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
