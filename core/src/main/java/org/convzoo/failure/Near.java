package org.convzoo.failure;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Which of the names that there are somebody may have meant. */
public final class Near {
    private static final int FEW = 3;

    private Near() {}

    /** At most three of {@code names}: those that begin like {@code word}, then those with the fewest edits from it. */
    public static List<String> names(String word, Collection<String> names) {
        String meant = word.toLowerCase(Locale.ROOT).replace('-', '_');
        return names.stream()
                .sorted(Comparator.comparing((String n) -> !n.startsWith(meant)).thenComparing(n -> distance(meant, n)))
                .limit(FEW)
                .toList();
    }

    /** Edits (insert, delete, replace) between two words. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
