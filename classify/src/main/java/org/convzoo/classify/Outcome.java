package org.convzoo.classify;

import java.util.Optional;
import org.convzoo.failure.ConvzooException;

/**
 * What became of one picture of many: a result, or else a failure that the others do not share.
 *
 * @param source the picture
 */
public record Outcome<T>(Source source, Optional<T> result, Optional<ConvzooException> failure) {
    static <T> Outcome<T> of(Source source, T result) {
        return new Outcome<>(source, Optional.of(result), Optional.empty());
    }

    static <T> Outcome<T> of(Source source, ConvzooException failure) {
        return new Outcome<>(source, Optional.empty(), Optional.of(failure));
    }

    /** The result. Throws the failure if there is none. */
    public T get() {
        return result.orElseThrow(failure::get);
    }
}
