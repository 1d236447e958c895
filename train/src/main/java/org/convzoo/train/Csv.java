package org.convzoo.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.util.List;

/**
 * Records as CSV: a line with the names of their components in snake case, in their order, then a line each.
 *
 * @param schema the columns
 */
public record Csv<T>(Class<T> type, CsvSchema schema) {
    private static final CsvMapper MAPPER = CsvMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(CsvParser.Feature.FAIL_ON_MISSING_COLUMNS)
            .enable(CsvParser.Feature.FAIL_ON_MISSING_HEADER_COLUMNS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    public static <T> Csv<T> of(Class<T> type) {
        return new Csv<>(type, MAPPER.schemaFor(type).withHeader());
    }

    String write(List<T> rows) {
        return text(MAPPER.writer(schema), rows);
    }

    /** The first line, not ended. */
    public String header() {
        return String.join(",", schema.getColumnNames());
    }

    /** The line of one record, not ended, with quotes only where a reader needs them. */
    public String line(T row) {
        CsvSchema one = schema.withoutHeader().withLineSeparator("");
        return text(MAPPER.writer(one).with(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING), row);
    }

    private static String text(ObjectWriter writer, Object value) {
        try {
            return writer.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Throws {@link IOException} for what {@link #write} has not made. */
    List<T> read(String csv) throws IOException {
        try (MappingIterator<T> rows = MAPPER.readerFor(type).with(schema).readValues(csv)) {
            return rows.readAll();
        } catch (JsonProcessingException e) {
            // The message goes on for lines about where in the text it was.
            throw new IOException(e.getOriginalMessage().lines().findFirst().orElse("broken CSV"), e);
        }
    }
}
