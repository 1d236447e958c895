package org.convzoo.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;

/**
 * A table of pictures in a CSV file. Its first line names the columns, in any order and case: {@code path}, relative to
 * the file's folder and inside it, {@code label}, if there are parts {@code split}, with the names of {@link Part}, and if
 * pictures do not count alike {@code weight}, a {@link Dataset#weight}. Other columns are not used. Columns are separated by
 * commas, semicolons or tabs: by what makes the first line name path and label.
 */
final class Table {
    private static final String PATH = "path", LABEL = "label", SPLIT = "split", WEIGHT = "weight";
    private static final char[] SEPARATORS = {',', ';', '\t'};

    /** About what a row takes in memory, in bytes. */
    private static final int ROW = 1000;

    static final int LONGEST_LABEL = 200; // characters

    private static final double MOST_WEIGHT = 1_000_000;

    private final Path file;
    /** The file's folder, absolute. */
    private final Path inside;

    private final Map<String, Integer> columns;
    private final Map<String, Integer> lines = new HashMap<>();
    private final List<Listed.Row> rows = new ArrayList<>();

    private Table(Path file, Map<String, Integer> columns) {
        this.file = file;
        this.inside = file.toAbsolutePath().normalize().resolveSibling("");
        this.columns = columns;
    }

    /**
     * Reads a table, but not its pictures. Throws {@link BrokenFileException} that begins with the file's name, and the
     * line's number where one is broken.
     */
    static Listed read(Path file) {
        if (!Files.exists(file)) throw new BrokenFileException(file + ": no such file");
        if (!Files.isRegularFile(file))
            throw new BrokenFileException(
                    file + ": is no ordinary file; expected a table with the columns path and label");
        try {
            for (char separator : SEPARATORS) {
                List<String> names = header(file, separator);
                if (names.contains(PATH) && names.contains(LABEL)) return read(file, separator, names);
            }
            throw new BrokenFileException(file + ":1: names no columns 'path' and 'label', but "
                    + Splits.some(header(file, SEPARATORS[0]).stream()
                            .map(Table::shortened)
                            .toList()));
        } catch (IOException e) {
            throw new BrokenFileException(file + ": cannot be read", e);
        }
    }

    private static List<String> header(Path file, char separator) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return new Csv(in, file.toString(), separator)
                    .next().orElseThrow(() -> new BrokenFileException(file + ": the file is empty")).fields().stream()
                            .map(name -> name.strip().toLowerCase(Locale.ROOT))
                            .toList();
        }
    }

    private static Listed read(Path file, char separator, List<String> names) throws IOException {
        Map<String, Integer> columns = new HashMap<>();
        List<String> unused = new ArrayList<>();
        for (String name : names) {
            int at = columns.size() + unused.size();
            if (!Set.of(PATH, LABEL, SPLIT, WEIGHT).contains(name)) unused.add(name);
            else if (columns.putIfAbsent(name, at) != null)
                throw new BrokenFileException(file + ":1: has two columns '" + name + "'");
        }
        Table table = new Table(file, columns);
        int number = names.size();
        try (var in = Files.newInputStream(file)) {
            Csv csv = new Csv(in, file.toString(), separator);
            csv.next(); // the names
            for (Optional<Csv.Row> row = csv.next(); row.isPresent(); row = csv.next()) table.add(row.get(), number);
        }
        if (table.rows.isEmpty()) throw new BrokenFileException(file + ": names no pictures");
        List<String> notes = new ArrayList<>();
        if (columns.containsKey(WEIGHT)) notes.add(table.weights());
        if (!unused.isEmpty())
            notes.add("columns not used: "
                    + Splits.some(unused.stream().map(Table::shortened).toList()));
        return new Listed(file.toString(), List.copyOf(table.rows), table.inside, notes);
    }

    private void add(Csv.Row row, int number) {
        int line = row.line();
        if (row.fields().size() != number)
            throw broken(line, "has " + row.fields().size() + " fields, the first line " + number);
        if (rows.size() >= Room.ALL / ROW)
            throw new OutOfMemoryException(
                    file + ":" + line + ": more pictures than fit into memory; make Java's heap larger (-Xmx)");
        Path picture = picture(line, field(row, PATH));
        String name = Normalizer.normalize(inside.relativize(picture).toString(), Normalizer.Form.NFC);
        Integer before = lines.putIfAbsent(name, line);
        if (before != null) throw broken(line, shortened(name) + " is in line " + before + " already");
        Optional<Part> part = Optional.empty();
        if (columns.containsKey(SPLIT)) {
            String split = field(row, SPLIT).strip();
            part = Part.of(split);
            if (part.isEmpty())
                throw broken(
                        line, "'" + shortened(split) + "' is no part of a data set; there are train, val and test");
        }
        String label;
        try {
            label = label(field(row, LABEL));
        } catch (IllegalArgumentException e) {
            throw broken(line, String.valueOf(e.getMessage()));
        }
        var place = new Place.Whole(picture, " (" + file.getFileName() + ":" + line + ")");
        rows.add(new Listed.Row(place, name, label, part, columns.containsKey(WEIGHT) ? weight(row) : 1));
    }

    private double weight(Csv.Row row) {
        String text = field(row, WEIGHT).strip();
        try {
            double weight = Double.parseDouble(text);
            if (weight >= 0 && weight <= MOST_WEIGHT) return weight;
        } catch (NumberFormatException e) {
            // It is refused below, as one that is out of range.
        }
        throw broken(
                row.line(),
                "'" + shortened(text) + "' is no weight; one is a number from 0 to a million, with a decimal point");
    }

    private String weights() {
        DoubleSummaryStatistics weights =
                rows.stream().mapToDouble(Listed.Row::weight).summaryStatistics();
        return "pictures count from " + weights.getMin() + " to " + weights.getMax() + " times in the loss";
    }

    private String field(Csv.Row row, String column) {
        return row.fields().get(columns.getOrDefault(column, 0));
    }

    /** A class's name as it is compared with others. Throws {@link IllegalArgumentException} when it cannot be one. */
    static String label(String text) {
        String label = Normalizer.normalize(text.strip(), Normalizer.Form.NFC);
        if (label.isEmpty()) throw new IllegalArgumentException("the label is empty");
        if (label.length() > LONGEST_LABEL)
            throw new IllegalArgumentException("the label is longer than " + LONGEST_LABEL + " characters");
        if (isOddlyWritten(label))
            throw new IllegalArgumentException("the label has a line end or another character that is not printed");
        return label;
    }

    /** Whether a name has characters that would break the line which tells it. */
    static boolean isOddlyWritten(String name) {
        return name.codePoints()
                .anyMatch(c -> Character.isISOControl(c)
                        || c == 0x2028
                        || c == 0x2029
                        || c == 0xFFFD
                        || Character.getType(c) == Character.SURROGATE);
    }

    private Path picture(int line, String text) {
        if (text.isEmpty()) throw broken(line, "the path is empty");
        if (isOddlyWritten(text)) throw broken(line, "the path has a character that is not printed");
        String path = text.replace('\\', '/');
        try {
            for (String written : forms(path)) {
                Path picture = inside.resolve(written).normalize();
                if (!picture.startsWith(inside) || picture.equals(inside))
                    throw broken(
                            line,
                            "the path " + shortened(text) + " leads out of " + inside
                                    + "; pictures are in the table's folder or below it");
                if (Files.exists(picture, LinkOption.NOFOLLOW_LINKS)) return picture;
            }
            return inside.resolve(path).normalize();
        } catch (InvalidPathException e) {
            throw new BrokenFileException(
                    file + ":" + line + ": the letters of this path cannot be those of a file here; set LC_ALL=C.UTF-8",
                    e);
        }
    }

    /** A path as it is written, and with its accents as other systems write them. */
    private static List<String> forms(String path) {
        return List.of(
                path, Normalizer.normalize(path, Normalizer.Form.NFC), Normalizer.normalize(path, Normalizer.Form.NFD));
    }

    static String shortened(String text) {
        String line = text.codePoints()
                .limit(80)
                .mapToObj(c -> isOddlyWritten(Character.toString(c)) ? "?" : Character.toString(c))
                .collect(Collectors.joining());
        return line.length() < text.length() ? line + "..." : line;
    }

    private BrokenFileException broken(int line, String what) {
        return new BrokenFileException(file + ":" + line + ": " + what);
    }
}
