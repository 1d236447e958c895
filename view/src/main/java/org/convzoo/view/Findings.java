package org.convzoo.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.convzoo.images.Form;
import org.convzoo.images.Inventory;
import org.convzoo.images.Splits;
import org.convzoo.images.Survey;
import org.convzoo.images.Transform;

/** What was found in a data set, for people and for programs; what matters most stands first. */
public record Findings(Splits splits, Survey survey) {
    private static final int TOLD = 10, NAMED = 4, CLASSES = 30;

    /**
     * Groups of copies of one kind.
     *
     * @param name the finding
     * @param why what is wrong with them
     */
    record Copies(String name, String why, List<Survey.Group> groups) {}

    /** The kinds that there are, the worst first; a group may be of the first two kinds. */
    List<Copies> copies() {
        return Stream.of(
                        copies(
                                "In training and in test (leakage)",
                                "What is learnt by heart counts as right: the test says too much.",
                                Survey.Group::leaks),
                        copies(
                                "In two classes",
                                "One of the labels is wrong, or the classes overlap.",
                                Survey.Group::mixesClasses),
                        copies(
                                "More than once",
                                "The same pixels, in one class and in one part.",
                                g -> g.same() && isElsewhere(g)),
                        copies(
                                "Nearly the same",
                                "Another size, compressed again, brighter, grey, mirrored; in one class and one part.",
                                g -> !g.same() && isElsewhere(g)))
                .filter(c -> !c.groups.isEmpty())
                .toList();
    }

    private static boolean isElsewhere(Survey.Group group) {
        return !group.leaks() && !group.mixesClasses();
    }

    private Copies copies(String name, String why, Predicate<Survey.Group> of) {
        return new Copies(name, why, survey.duplicates().stream().filter(of).toList());
    }

    /** Which copies were looked for. */
    String compared() {
        if (survey.compared()) return "";
        return splits.form() == Form.PHOTOS
                ? "There are too many pictures to look for copies that are not equal pixel by pixel."
                : "Drawings are alike anyway: only copies that are equal pixel by pixel were looked for.";
    }

    /** How evenly the training images are spread over the classes. */
    String balance() {
        return ClassTable.balance(
                survey.classes().stream()
                        .mapToInt(Survey.ClassCount::training)
                        .max()
                        .orElse(0),
                survey.classes().stream()
                        .mapToInt(Survey.ClassCount::training)
                        .min()
                        .orElse(0));
    }

    /** {@code "20 to 400, half of them up to 80"}. */
    static String range(Survey.Range r) {
        return r.least() == r.most()
                ? Integer.toString(r.least())
                : r.least() + " to " + r.most() + ", median " + r.median();
    }

    /** {@code "3 with colour, 1 grey"}. */
    String colours() {
        long grey = survey.pictures().stream().filter(p -> p.channels() == 1).count(),
                colour = survey.pictures().size() - grey;
        if (grey == 0) return "all in colour";
        return colour == 0 ? "all grey" : Numbers.grouped(colour) + " in colour, " + Numbers.grouped(grey) + " grey";
    }

    /** Whose statistics the pictures are normalised with. */
    String norm() {
        return splits.form() == Form.PHOTOS
                ? "ImageNet's"
                : "those of " + splits.form().name().toLowerCase(Locale.ROOT);
    }

    /** {@code "0.485 0.456 0.406"}. */
    static String values(List<Double> values) {
        return values.stream().map(v -> String.format(Locale.ROOT, "%.3f", v)).collect(Collectors.joining(" "));
    }

    public String text() {
        List<String> lines = new ArrayList<>(List.of(splits.summary()));
        Inventory inventory = survey.inventory();
        inventory.broken().forEach(b -> lines.add(b.toString()));
        inventory.misnamed().forEach(m -> lines.add(m + "; it is read in spite of its name"));
        lines.add(inventory.broken().isEmpty() ? "All can be read." : inventory.brokenCount() + ".");
        List<Copies> copies = copies();
        for (Copies c : copies) {
            lines.add("");
            lines.add(c.name + ": " + Numbers.grouped(c.groups.size())
                    + (c.groups.size() == 1 ? " picture. " : " pictures. ") + c.why);
            c.groups.stream().limit(TOLD).forEach(g -> lines.add("  " + line(g)));
            more(lines, c.groups.size());
        }
        lines.add("");
        if (copies.isEmpty()) lines.add("No picture is there twice.");
        if (!compared().isEmpty()) lines.add(compared());
        if (!survey.odd().isEmpty()) {
            lines.add("Odd:");
            survey.odd().stream().limit(TOLD).forEach(o -> lines.add("  " + odd(o)));
            more(lines, survey.odd().size());
        }
        lines.add(balance());
        lines.add("Widths " + range(survey.widths()) + "; heights " + range(survey.heights()) + "; " + colours() + ".");
        Transform.Normalise norm = splits.form().normalise();
        lines.add("Mean " + values(survey.mean()) + ", deviation " + values(survey.deviation()) + "; " + norm()
                + " are " + values(norm.mean()) + ", " + values(norm.std()) + ".");
        return String.join("\n", lines) + "\n" + (survey.classes().size() <= CLASSES ? "\n" + classes() : "");
    }

    private static void more(List<String> lines, int all) {
        if (all > TOLD) lines.add("  and " + Numbers.grouped(all - TOLD) + " more, which --json and --html show");
    }

    private static String line(Survey.Group group) {
        String first = group.pictures().stream()
                .limit(NAMED)
                .map(Findings::name)
                .collect(Collectors.joining(group.same() ? " = " : " ~ "));
        int others = group.pictures().size() - NAMED;
        return others > 0 ? first + " and " + others + " more" : first;
    }

    private static String name(Survey.Seen picture) {
        return picture.name() + " (" + picture.label() + (picture.test() ? ", test)" : ")");
    }

    /** {@code "a/1.png, 3x200, is long and thin"}. */
    static String odd(Survey.Odd odd) {
        Survey.Seen p = odd.picture();
        return p.name() + ", " + p.width() + "x" + p.height() + ", is " + odd.oddity();
    }

    private TextTable classes() {
        var table = new TextTable("class", "training>", "test>");
        for (Survey.ClassCount c : survey.classes())
            table.row(c.label(), Numbers.grouped(c.training()), Numbers.grouped(c.test()));
        return table;
    }

    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("data", splits.spec())
                .put("training", splits.train().size())
                .put("test", splits.test().size());
        splits.labels().forEach(json.putArray("labels")::add);
        splits.notes().forEach(json.putArray("notes")::add);
        ArrayNode broken = json.putArray("broken");
        for (Inventory.Broken b : survey.inventory().broken())
            broken.addObject().put("name", b.name()).put("reason", b.reason());
        survey.inventory().misnamed().forEach(json.putArray("misnamed")::add);
        json.put("compared", survey.compared());
        ArrayNode duplicates = json.putArray("duplicates");
        for (Survey.Group g : survey.duplicates()) {
            ArrayNode pictures = duplicates
                    .addObject()
                    .put("same_pixels", g.same())
                    .put("leakage", g.leaks())
                    .put("mixes_classes", g.mixesClasses())
                    .putArray("pictures");
            g.pictures().forEach(p -> picture(pictures.addObject(), p));
        }
        ArrayNode odd = json.putArray("odd");
        for (Survey.Odd o : survey.odd())
            picture(odd.addObject(), o.picture())
                    .put("width", o.picture().width())
                    .put("height", o.picture().height())
                    .put("oddity", o.oddity().toString());
        ArrayNode classes = json.putArray("classes");
        for (Survey.ClassCount c : survey.classes())
            classes.addObject()
                    .put("label", c.label())
                    .put("training", c.training())
                    .put("test", c.test());
        range(json.putObject("widths"), survey.widths());
        range(json.putObject("heights"), survey.heights());
        json.put(
                "grey",
                survey.pictures().stream().filter(p -> p.channels() == 1).count());
        survey.mean().forEach(json.putArray("mean")::add);
        survey.deviation().forEach(json.putArray("deviation")::add);
        return json;
    }

    private static ObjectNode picture(ObjectNode json, Survey.Seen picture) {
        return json.put("part", picture.test() ? "test" : "train")
                .put("name", picture.name())
                .put("label", picture.label());
    }

    private static void range(ObjectNode json, Survey.Range range) {
        json.put("least", range.least()).put("median", range.median()).put("most", range.most());
    }
}
