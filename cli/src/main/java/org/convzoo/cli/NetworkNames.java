package org.convzoo.cli;

import java.util.Iterator;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;

/** The catalogue's names, for shells to complete. */
final class NetworkNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        return Models.all().stream().map(Architecture::name).iterator();
    }
}
