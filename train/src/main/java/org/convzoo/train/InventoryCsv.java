package org.convzoo.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.RuntimeJsonMappingException;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.util.List;
import org.convzoo.images.Inventory;

/** The pictures of a data set as CSV, a line each: part, name, label, content. */
final class InventoryCsv {
    private static final CsvMapper CSV = CsvMapper.builder()
            .enable(CsvParser.Feature.FAIL_ON_MISSING_COLUMNS)
            .enable(CsvParser.Feature.FAIL_ON_MISSING_HEADER_COLUMNS)
            .build();
    private static final CsvSchema SCHEMA = CSV.schemaFor(Inventory.Item.class)
            .sortedBy("part", "name", "label", "content")
            .withHeader();

    private InventoryCsv() {}

    static String write(Inventory inventory) {
        try {
            return CSV.writer(SCHEMA).writeValueAsString(inventory.items());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Throws {@link IOException} for what {@link #write} has not made. */
    static Inventory read(String csv) throws IOException {
        try (MappingIterator<Inventory.Item> items =
                CSV.readerFor(Inventory.Item.class).with(SCHEMA).readValues(csv)) {
            return new Inventory(items.readAll(), List.of(), List.of());
        } catch (RuntimeJsonMappingException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
