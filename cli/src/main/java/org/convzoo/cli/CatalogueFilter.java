package org.convzoo.cli;

import java.util.Iterator;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Options that say which networks of the catalogue are meant. */
final class CatalogueFilter {
    @Parameters(
            arity = "0..1",
            paramLabel = "PATTERN",
            description = "Part of a name or family, or a whole name with * and ? as wildcards.")
    private String pattern = "";

    @Option(
            names = "--family",
            paramLabel = "NAME",
            completionCandidates = Families.class,
            description = "Only this family: ResNet, MobileNet, ...")
    private @Nullable String family;

    @Option(names = "--year", paramLabel = "YEAR[-YEAR]", description = "Only these years: 2015, 2015-2017.")
    private @Nullable String year;

    @Option(names = "--max-params", paramLabel = "N", description = "At most so many parameters: 5M.")
    private @Nullable String maxParameters;

    @Option(names = "--max-macs", paramLabel = "N", description = "At most so many multiply-accumulates: 600M, 4.1G.")
    private @Nullable String maxMacs;

    @Option(names = "--size", paramLabel = "N", description = "Only those made for images of this size: 32, 224.")
    private @Nullable Integer size;

    /** The families' names, for shells to complete. */
    static final class Families implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Models.all().stream().map(Architecture::family).distinct().iterator();
        }
    }

    /**
     * What is asked of a network itself. Throws, with one line, {@link IllegalArgumentException} for years that are
     * none and {@link NoSuchElementException} for a family that there is not.
     */
    Predicate<Architecture> networks() {
        Predicate<Architecture> chosen = chosen();
        return a -> matches(a) && chosen.test(a);
    }

    /** What a network may cost at most. */
    record Limits(long parameters, long macs) {
        boolean hold(long parameters, long macs) {
            return parameters <= this.parameters && macs <= this.macs;
        }
    }

    /** What a network's published form may cost. Throws {@link IllegalArgumentException} for what is no number. */
    Limits limits() {
        return new Limits(count("--max-params", maxParameters), count("--max-macs", maxMacs));
    }

    private Predicate<Architecture> chosen() {
        var years = Pattern.compile("(\\d{4})(?:-(\\d{4}))?").matcher(year == null ? "0000-9999" : year);
        if (!years.matches())
            throw new IllegalArgumentException("--year takes a year or a range, 2015 or 2015-2017, not '" + year + "'");
        int from = Integer.parseInt(years.group(1)),
                to = years.group(2) == null ? from : Integer.parseInt(years.group(2));
        if (family != null && Models.all().stream().noneMatch(a -> a.family().equalsIgnoreCase(family)))
            throw new NoSuchElementException(
                    "there is no family '" + family + "'; there are " + String.join(", ", new Families()));
        return a -> (family == null || a.family().equalsIgnoreCase(family))
                && a.year() >= from
                && a.year() <= to
                && (size == null || a.usual().image().height() == size);
    }

    /** Reads {@code 5M}; any number if absent. */
    private static long count(String option, @Nullable String text) {
        if (text == null) return Long.MAX_VALUE;
        var m = Pattern.compile("(\\d+(?:\\.\\d+)?) ?([kKmMgG]?)").matcher(text.trim());
        if (!m.matches())
            throw new IllegalArgumentException(option + " takes a number like 300k, 5M or 4.1G, not '" + text + "'");
        double scale =
                switch (m.group(2).toLowerCase(Locale.ROOT)) {
                    case "k" -> 1e3;
                    case "m" -> 1e6;
                    case "g" -> 1e9;
                    default -> 1;
                };
        return Math.round(Double.parseDouble(m.group(1)) * scale);
    }

    private boolean matches(Architecture a) {
        if (!pattern.contains("*") && !pattern.contains("?")) {
            var part = Pattern.compile(Pattern.quote(pattern), Pattern.CASE_INSENSITIVE);
            return part.matcher(a.name()).find() || part.matcher(a.family()).find();
        }
        String glob = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
        return Pattern.compile(glob, Pattern.CASE_INSENSITIVE).matcher(a.name()).matches();
    }
}
