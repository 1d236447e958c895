package org.convzoo.images;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A part of a data set, by the names that people give it, in upper or lower case. */
enum Part {
    TRAINING("train", "training"),
    TEST("test", "testing"),
    VALIDATION("val", "valid", "validation", "eval");

    private final Set<String> names;

    Part(String... names) {
        this.names = Set.of(names);
    }

    static Optional<Part> of(String name) {
        return Stream.of(values()).filter(p -> p.is(name)).findFirst();
    }

    static boolean isName(String name) {
        return of(name).isPresent();
    }

    boolean is(String name) {
        return names.contains(name.toLowerCase(Locale.ROOT));
    }
}
