package org.convzoo.view;

import java.util.List;
import java.util.stream.IntStream;

/** Some of many. */
final class Some {
    private Some() {}

    /** At most {@code most}, from all over and in their order. */
    static <T> List<T> of(List<T> all, int most) {
        int shown = Math.min(most, all.size());
        return IntStream.range(0, shown)
                .mapToObj(i -> all.get((int) ((long) i * all.size() / shown)))
                .toList();
    }
}
