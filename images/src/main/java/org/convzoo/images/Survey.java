package org.convzoo.images;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.convzoo.failure.StoppedException;

/**
 * What the pictures of a data set are like, and which of them are likely mistakes: {@link Splits#survey}.
 *
 * @param inventory what can be read, and what cannot
 * @param pictures those that can be read, of the training first
 * @param classes all classes of the data set, in its order
 * @param duplicates pictures that are there more than once
 * @param odd pictures that look like no others
 * @param mean of each channel, 0 to 1, every picture counted alike; one channel where all are grey
 * @param deviation the standard deviation of each channel
 * @param compared whether copies were looked for that are not equal pixel by pixel: of photos, unless there are too many
 */
public record Survey(
        Inventory inventory,
        List<Seen> pictures,
        List<ClassCount> classes,
        List<Group> duplicates,
        List<Odd> odd,
        List<Double> mean,
        List<Double> deviation,
        boolean compared) {
    /** Of more pictures, only copies of the same pixels are looked for: pairs are as many as the square. */
    static final int MOST_COMPARED = 100_000;

    public Survey {
        pictures = List.copyOf(pictures);
        classes = List.copyOf(classes);
        duplicates = List.copyOf(duplicates);
        odd = List.copyOf(odd);
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
    }

    /**
     * A picture.
     *
     * @param test whether it is one of the test
     * @param number in its part of the data set
     * @param label the name of its class
     */
    public record Seen(boolean test, int number, String name, String label, int width, int height, int channels) {
        /** Pixels of the shorter side. */
        public int shorter() {
            return Math.min(width, height);
        }
    }

    /** How many pictures of a class can be read. */
    public record ClassCount(String label, int training, int test) {}

    /** The least, the middle and the greatest of some number of all pictures; 0 of none. */
    public record Range(int least, int median, int most) {
        static Range of(List<Seen> pictures, ToIntFunction<Seen> number) {
            int[] sorted = pictures.stream().mapToInt(number).sorted().toArray();
            return sorted.length == 0
                    ? new Range(0, 0, 0)
                    : new Range(sorted[0], sorted[sorted.length / 2], sorted[sorted.length - 1]);
        }
    }

    public Range widths() {
        return Range.of(pictures, Seen::width);
    }

    public Range heights() {
        return Range.of(pictures, Seen::height);
    }

    /**
     * Pictures that are copies of each other.
     *
     * @param same whether they are equal pixel by pixel; otherwise they are resized, compressed again, brighter, grey or
     *     mirrored
     * @param pictures at least two
     */
    public record Group(boolean same, List<Seen> pictures) {
        public Group {
            pictures = List.copyOf(pictures);
        }

        /** Whether a picture of the test is among those that are learnt from. */
        public boolean leaks() {
            return pictures.stream().map(Seen::test).distinct().count() > 1;
        }

        /** Whether one of them is in another class. */
        public boolean mixesClasses() {
            return pictures.stream().map(Seen::label).distinct().count() > 1;
        }
    }

    /** In what a picture is not like others. */
    public enum Oddity {
        /** The shorter side has under 32 pixels, and at most half of what is usual in the data set. */
        TINY("very small"),
        /** One side is more than three times as long as the other. */
        THIN("long and thin"),
        PLAIN("of one colour");

        private final String words;

        Oddity(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    public record Odd(Seen picture, Oddity oddity) {}

    private static final int TINY = 32, THIN = 3;

    private record Looked(Seen seen, Sight sight) {}

    /** Throws {@link StoppedException} when the thread is interrupted. */
    static Survey of(Splits splits) {
        Map<Integer, Looked> trained = new ConcurrentSkipListMap<>(), tested = new ConcurrentSkipListMap<>();
        Inventory inventory = splits.scan((part, data, i) -> {
            Picture p = data.picture(i);
            boolean test = part.equals(Inventory.TEST);
            String label = splits.labels().get(data.label(i));
            Looked looked = new Looked(
                    new Seen(test, i, data.name(i), label, p.width(), p.height(), p.channels()), Sight.of(p));
            long fingerprint = data.fingerprint(i, p);
            (test ? tested : trained).put(i, looked);
            return fingerprint;
        });
        List<Looked> all = Stream.concat(trained.values().stream(), tested.values().stream())
                .toList();
        List<Seen> pictures = all.stream().map(Looked::seen).toList();
        List<Sight> sights = all.stream().map(Looked::sight).toList();
        boolean compared = splits.form() == Form.PHOTOS && pictures.size() <= MOST_COMPARED;
        List<Group> duplicates = new ArrayList<>();
        for (Duplicates.Group g : Duplicates.of(sights, compared))
            duplicates.add(new Group(
                    g.same(), IntStream.of(g.numbers()).mapToObj(pictures::get).toList()));
        int channels = sights.stream().mapToInt(s -> s.mean().length).max().orElse(0);
        List<Double> mean = new ArrayList<>(), deviation = new ArrayList<>();
        for (int c = 0; c < channels; c++) {
            double m = 0, square = 0;
            for (Sight s : sights) {
                int own = s.mean().length == 1 ? 0 : c;
                m += s.mean()[own] / sights.size();
                square += s.square()[own] / sights.size();
            }
            mean.add(m);
            deviation.add(Math.sqrt(Math.max(0, square - m * m)));
        }
        return new Survey(
                inventory,
                pictures,
                classes(splits.labels(), pictures),
                duplicates,
                odd(all),
                mean,
                deviation,
                compared);
    }

    private static List<ClassCount> classes(List<String> labels, List<Seen> pictures) {
        Map<String, int[]> counts = new HashMap<>();
        for (Seen s : pictures) counts.computeIfAbsent(s.label, l -> new int[2])[s.test ? 1 : 0]++;
        return labels.stream()
                .map(label -> {
                    int[] own = counts.getOrDefault(label, new int[2]);
                    return new ClassCount(label, own[0], own[1]);
                })
                .toList();
    }

    private static List<Odd> odd(List<Looked> all) {
        int usual = Range.of(all.stream().map(Looked::seen).toList(), Seen::shorter).median;
        List<Odd> odd = new ArrayList<>();
        for (Looked looked : all) {
            Seen s = looked.seen;
            if (s.shorter() < TINY && 2 * s.shorter() <= usual) odd.add(new Odd(s, Oddity.TINY));
            if (Math.max(s.width, s.height) > (long) THIN * s.shorter()) odd.add(new Odd(s, Oddity.THIN));
            if (looked.sight.plain()) odd.add(new Odd(s, Oddity.PLAIN));
        }
        return odd;
    }
}
