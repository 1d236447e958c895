package org.convzoo.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.util.List;

/**
 * Records as CSV: a line with the names of their components in snake case, then a line each.
 *
 * @param schema the columns in their order
 */
record Csv<T>(Class<T> type, CsvSchema schema) {
    private static final CsvMapper MAPPER = CsvMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(CsvParser.Feature.FAIL_ON_MISSING_COLUMNS)
            .enable(CsvParser.Feature.FAIL_ON_MISSING_HEADER_COLUMNS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /** Records of {@code type} in columns of that order. */
    static <T> Csv<T> of(Class<T> type, String... columns) {
        return new Csv<>(type, MAPPER.schemaFor(type).sortedBy(columns).withHeader());
    }

    String write(List<T> rows) {
        try {
            return MAPPER.writer(schema).writeValueAsString(rows);
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
