package org.convzoo.train;

import java.io.IOException;
import java.util.List;
import org.convzoo.images.Inventory;

/** The pictures of a data set as CSV, a line each: part, name, label, content. */
final class InventoryCsv {
    private static final Csv<Inventory.Item> CSV = Csv.of(Inventory.Item.class);

    private InventoryCsv() {}

    static String write(Inventory inventory) {
        return CSV.write(inventory.items());
    }

    /** Throws {@link IOException} for what {@link #write} has not made. */
    static Inventory read(String csv) throws IOException {
        return new Inventory(CSV.read(csv), List.of(), List.of());
    }
}
