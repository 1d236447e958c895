package org.convzoo.classify;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Optional;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;

/**
 * Where a model comes from. None of it is needed to use the model.
 *
 * @param architecture the catalogue's name of the network; empty for a network of one's own
 * @param options what the catalogue's network was asked for
 * @param data what {@link org.convzoo.images.Splits#open} was given for training; empty when not trained here
 * @param recipe how it was trained, as JSON; an empty object when not trained here
 * @param metrics how it did on the test images; an empty object when not evaluated
 * @param origin who published the weights, and where; empty when trained here
 * @param licence under which licence the weights are; empty where nobody said
 */
@RecordBuilder
public record Provenance(
        String architecture,
        Options options,
        String data,
        ObjectNode recipe,
        ObjectNode metrics,
        String origin,
        String licence)
        implements ProvenanceBuilder.With {
    /** The provenance of a network of which nothing is known. */
    public static Provenance unknown() {
        return new Provenance(
                "",
                Options.NONE,
                "",
                JsonNodeFactory.instance.objectNode(),
                JsonNodeFactory.instance.objectNode(),
                "",
                "");
    }

    /** The catalogue's entry; none for a network of one's own, and for one that the catalogue has no more. */
    public Optional<Architecture> catalogued() {
        return Models.all().stream().filter(a -> a.name().equals(architecture)).findFirst();
    }
}
