package org.convzoo.cli;

import java.util.Iterator;
import org.convzoo.pretrained.Published;

/** The networks with published weights, for shells to complete. */
final class PublishedNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        return Published.networks().iterator();
    }
}
