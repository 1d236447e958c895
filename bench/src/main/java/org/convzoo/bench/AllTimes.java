package org.convzoo.bench;

import static org.convzoo.bench.Markdown.number;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.convzoo.bench.Results.Network;

/** Everything that a machine measured: a row a network, a column a program. */
final class AllTimes {
    private final Results results;
    private final Markdown page;

    AllTimes(Results results, Markdown page) {
        this.results = results;
        this.page = page;
    }

    void write() {
        table("All times of training, ms", results.training(), n -> n.info()
                .path("batch")
                .asInt());
        for (int batch : Results.BATCHES)
            table("All times of predictions of " + batch + ", ms", results.inference(), n -> batch);
    }

    private void table(String title, Map<String, Network> networks, ToIntFunction<Network> batch) {
        List<String> variants = networks.values().stream()
                .flatMap(
                        n -> n.variants().stream().filter(v -> time(n, v, batch).isPresent()))
                .distinct()
                .sorted(Comparator.comparing(v -> !Variants.isOurs(v)))
                .toList();
        if (variants.isEmpty()) return;
        page.heading(3, title);
        page.head(Stream.concat(Stream.of("network"), variants.stream().map(v -> Variants.name(v) + ">"))
                .toArray(String[]::new));
        networks.forEach((name, n) ->
                page.row(Stream.concat(Stream.of(name), variants.stream().map(v -> number(time(n, v, batch))))
                        .toArray(String[]::new)));
        page.end();
    }

    private static OptionalDouble time(Network n, String variant, ToIntFunction<Network> batch) {
        return n.time(variant, batch.applyAsInt(n));
    }
}
