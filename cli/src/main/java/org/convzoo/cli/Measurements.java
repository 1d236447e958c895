package org.convzoo.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Peak;
import org.convzoo.engine.Precision;
import org.convzoo.system.Machine;
import org.convzoo.view.Profile;
import org.convzoo.view.TextTable;

/**
 * What was measured, and what the machine reaches at best, in the forms in which {@code bench} prints it.
 *
 * @param peaks of the precisions measured; none where the engine does not tell
 */
record Measurements(List<Measurement> all, Map<Precision, Peak> peaks) {
    /** Measures the peaks. */
    static Measurements of(Engine engine, List<Measurement> all) {
        Map<Precision, Peak> peaks = new EnumMap<>(Precision.class);
        engine.measuring().ifPresent(e -> all.forEach(m -> peaks.computeIfAbsent(m.precision(), e::peak)));
        return new Measurements(all, peaks);
    }

    String text() {
        var table = new TextTable(Measurement.HEADINGS);
        for (Measurement m : all) table.row(m.row(peaks.get(m.precision())));
        return table.toString();
    }

    /** The profiles of all measurements: where their time went. */
    String profiles() {
        StringBuilder text = new StringBuilder();
        for (Measurement m : all)
            text.append("\n" + m.title() + "\n\n" + profile(m).text());
        return text.toString();
    }

    Profile profile(Measurement m) {
        return new Profile(m.steps(), Objects.requireNonNull(peaks.get(m.precision())));
    }

    String csv() {
        StringBuilder text = new StringBuilder(Measurement.CSV + "\n");
        for (Measurement m : all) text.append(m.csv(peaks.get(m.precision())) + "\n");
        return text.toString();
    }

    ObjectNode json(Engine engine) {
        ObjectNode o = JsonNodeFactory.instance
                .objectNode()
                .put("engine", engine.description())
                .put("threads", engine.threads())
                .put("java", Runtime.version().toString())
                .put("processor", Machine.processor());
        ObjectNode peak = o.putObject("peak");
        peaks.forEach((p, v) -> peak.putObject(p.toString())
                .put("gflops", v.flops() / 1e9)
                .put("copy_gigabytes_per_second", v.bytes() / 1e9));
        for (Measurement m : all) o.withArray("results").add(m.json(peaks.get(m.precision())));
        return o;
    }
}
