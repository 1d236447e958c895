package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.convzoo.pretrained.Published;
import org.convzoo.pretrained.WeightsStore;
import org.convzoo.view.Numbers;
import org.convzoo.view.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The weights that others published, and those of them that are here. */
@Command(
        name = "weights",
        description = "Lists the published weights of the networks, the usual ones of each first: accuracy, size,"
                + " licence, source, and whether they are here; or downloads them.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:  convzoo weights resnet50",
            "           convzoo weights --get resnet50 mobilenet_v2:imagenet1k_v1"
        })
final class WeightsCommand implements Runnable {
    @Parameters(
            arity = "0..*",
            paramLabel = "NAME",
            completionCandidates = PublishedNames.class,
            description = "Networks, or NETWORK:TAG for certain weights; if absent, all.")
    private List<String> names = List.of();

    @Option(names = "--get", description = "Download those weights unless they are here.")
    private boolean get;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        WeightsStore here = store.store();
        if (get) {
            if (names.isEmpty()) throw new IllegalArgumentException("--get takes the names of networks");
            List<Published> wanted = names.stream().map(WeightsCommand::one).toList(); // what is misspelt shows first
            wanted.forEach(p -> fetch(p, here));
            return;
        }
        List<Published> found = names.isEmpty()
                ? Published.all()
                : names.stream().flatMap(WeightsCommand::some).toList();
        json.print(() -> json(found, here), () -> text(found, here));
    }

    private static Published one(String name) {
        int colon = name.indexOf(':');
        return colon < 0 ? Published.named(name) : Published.named(name.substring(0, colon), name.substring(colon + 1));
    }

    private static Stream<Published> some(String name) {
        return name.contains(":") ? Stream.of(one(name)) : Published.of(name).stream();
    }

    private void fetch(Published p, WeightsStore here) {
        boolean embedded = p.format() == Published.Format.EMBEDDED;
        spec.commandLine().getOut().println(embedded ? p.name() + " is part of the program" : "" + here.fetch(p));
    }

    private static String text(List<Published> found, WeightsStore here) {
        var table = new TextTable("network", "tag", "top-1>", "size>", "licence", "here", "source");
        for (Published p : found)
            table.row(
                    p.network(),
                    p.tag(),
                    percent(p.top1()),
                    size(p, here),
                    p.licence().isEmpty() ? "not stated" : p.licence(),
                    here.has(p) ? "yes" : "-",
                    p.library());
        return table.toString();
    }

    private static String percent(OptionalDouble top1) {
        return top1.isPresent() ? String.format(Locale.ROOT, "%.2f", top1.getAsDouble()) : "-";
    }

    /** As it is here, else about. */
    private static String size(Published p, WeightsStore here) {
        Path file = here.file(p);
        try {
            return Files.exists(file) ? Numbers.bytes(Files.size(file)) : "~" + Numbers.bytes(p.bytes());
        } catch (IOException e) {
            return "?";
        }
    }

    private static ArrayNode json(List<Published> found, WeightsStore here) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (Published p : found) {
            ObjectNode o = all.addObject()
                    .put("model", p.network())
                    .put("tag", p.tag())
                    .put("parameters", p.parameters())
                    .put("licence", p.licence())
                    .put("library", p.library())
                    .put("source", p.source().toString())
                    .put("file", p.file())
                    .put("format", p.format().toString())
                    .put("sha256", p.sha256())
                    .put("here", here.has(p));
            p.top1().ifPresent(v -> o.put("top1", v / 100));
            p.top5().ifPresent(v -> o.put("top5", v / 100));
            o.set("transform", p.transform().toJson());
        }
        return all;
    }
}
