package org.convzoo.images;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.convzoo.failure.WrongUseException;

/**
 * A data set to learn from and another one for the test. A specification names both: {@code tested:TEST|SPEC}, in which a
 * bar of {@code TEST} is {@code %7C} and its percent sign {@code %25}.
 */
final class Tested {
    private static final Pattern SPEC = Pattern.compile("tested:([^|]*)\\|(.*)", Pattern.DOTALL);

    /** What is set before the names of the test's pictures, which may be those of other pictures to learn from. */
    private static final String PREFIX = "test:";

    /** The pictures for the test. */
    record Pictures(Dataset from) implements Dataset {
        @Override
        public int size() {
            return from.size();
        }

        @Override
        public int label(int i) {
            return from.label(i);
        }

        @Override
        public Picture picture(int i) {
            return from.picture(i);
        }

        @Override
        public String name(int i) {
            return PREFIX + from.name(i);
        }

        @Override
        public long fingerprint(int i) {
            return from.fingerprint(i);
        }

        @Override
        public long fingerprint(int i, Picture read) {
            return from.fingerprint(i, read);
        }
    }

    private Tested() {}

    static String spec(String test, String spec) {
        return "tested:" + test.replace("%", "%25").replace("|", "%7C") + "|" + spec;
    }

    static boolean is(String spec) {
        return SPEC.matcher(spec).matches();
    }

    /** The specification of the test. */
    static String test(String spec) {
        return group(spec, 1).replace("%7C", "|").replace("%25", "%");
    }

    /** The specification of what is learnt from. */
    static String learnt(String spec) {
        return group(spec, 2);
    }

    private static String group(String spec, int number) {
        Matcher matcher = SPEC.matcher(spec);
        if (!matcher.matches()) throw new IllegalArgumentException(spec + " names no test");
        return matcher.group(number);
    }

    /**
     * Throws {@link WrongUseException} where the test has a class that there is nothing to learn of.
     *
     * @param learnt without a test
     */
    static Splits of(Splits learnt, TestSet test) {
        List<String> known = learnt.labels().stream().map(Tested::normal).toList();
        List<String> own = test.labels().stream().map(Tested::normal).toList();
        List<String> unknown = own.stream().filter(l -> !known.contains(l)).toList();
        if (!unknown.isEmpty())
            throw new WrongUseException(test.spec() + ": has " + Splits.some(unknown) + ", of which " + learnt.spec()
                    + " has nothing to learn from");
        List<String> notes = new ArrayList<>(learnt.notes());
        notes.add("tested on " + test.spec());
        List<String> untested = known.stream().filter(l -> !own.contains(l)).toList();
        if (!untested.isEmpty()) notes.add("no test images of " + Splits.some(untested));
        test.notes().forEach(note -> notes.add("of the test: " + note));
        return new Splits(
                spec(test.spec(), learnt.spec()),
                learnt.labels(),
                learnt.form(),
                learnt.train(),
                new Pictures(Selection.relabelled(test.pictures(), own, known)),
                notes,
                learnt.leftOut());
    }

    private static String normal(String label) {
        return Normalizer.normalize(label, Normalizer.Form.NFC);
    }
}
