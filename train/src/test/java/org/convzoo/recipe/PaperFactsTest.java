package org.convzoo.recipe;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * The recipes of papers beside papers.csv, which says where every number was found. It has the units of the papers:
 * epochs and steps, where a recipe has shares of the run. What begins with "not said" the paper left open; what ends with
 * "(unseen)" is told from memory of a paper whose text could not be read again.
 */
class PaperFactsTest {
    private record Fact(String recipes, String key, String value, String source) {
        static List<Fact> all() throws Exception {
            try (InputStream file = Objects.requireNonNull(PaperFactsTest.class.getResourceAsStream("papers.csv"))) {
                return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .skip(1)
                        .map(line -> line.split(",", -1))
                        .map(c -> new Fact(c[0], c[1], c[2], c[3]))
                        .toList();
            }
        }
    }

    @Test
    void whatAFileSaysIsWhatWasFoundAndNothingElse() throws Exception {
        List<Fact> facts = Fact.all();
        for (String name : PaperRecipe.NAMES) {
            Map<String, String> found = facts.stream()
                    .filter(f -> name.matches(f.recipes()))
                    .collect(toMap(Fact::key, Fact::value)); // refuses what was found twice
            Map<String, String> ours = inUnitsOfPapers(PaperRecipe.named(name).recipe());
            found.forEach((key, value) ->
                    assertThat(ours.get(key)).as(name + ", " + key).matches(our -> fits(our, value), value));
            assertThat(found.keySet()).as(name).containsAll(keysOfFile(name));
        }
    }

    @Test
    void everyFactIsOfARecipeAndHasASource() throws Exception {
        for (Fact f : Fact.all()) {
            assertThat(f.source()).as(f.toString()).isNotBlank();
            for (String name : f.recipes().split("\\|"))
                assertThat(PaperRecipe.NAMES).as(f.toString()).anyMatch(n -> n.matches(name));
        }
    }

    /** What the file says itself, but for how much is held out, which no paper decides. */
    private static Set<String> keysOfFile(String name) throws Exception {
        try (InputStream file =
                Objects.requireNonNull(PaperRecipe.class.getResourceAsStream("papers/" + name + ".json"))) {
            Map<String, String> values = new TreeMap<>();
            put(values, "", new ObjectMapper().readTree(file).path("recipe"));
            if (values.remove("batch") != null) values.put("images_a_step", "");
            values.keySet().removeIf(key -> key.equals("accumulation") || key.startsWith("validation."));
            return values.keySet();
        }
    }

    private static Map<String, String> inUnitsOfPapers(Recipe recipe) {
        Map<String, String> values = new TreeMap<>();
        put(values, "", recipe.toJson());
        int step = recipe.batch() * recipe.accumulation(), epochs = recipe.epochs();
        double warmUp = recipe.schedule().warmUp() * epochs;
        values.put("images_a_step", "" + step);
        values.put("schedule.warm_up", "" + warmUp);
        values.computeIfPresent(
                "schedule.curve.every", (key, share) -> "" + Double.parseDouble(share) * (epochs - warmUp));
        values.computeIfPresent("schedule.curve.at", (key, shares) -> Arrays.stream(shares.split(" "))
                .map(share -> "" + Double.parseDouble(share) * epochs)
                .collect(joining(" ")));
        // MNIST has one image a step, CIFAR a padded crop and 5,000 of its 50,000 held out; the rest is ImageNet.
        long images = step == 1 ? 60_000 : values.containsKey("augmentation.padded crop") ? 45_000 : 1_281_167;
        values.put("iterations", "" + epochs * images / step);
        return values;
    }

    /** Values by their places. A step of the augmentation, or a change of the network, is one, by its name. */
    private static void put(Map<String, String> values, String place, JsonNode node) {
        if (node.isArray() && node.path(0).isObject())
            node.forEach(n -> values.put(
                    place.replace(".steps", "") + "."
                            + n.path("step").asText(n.path("kind").asText()),
                    words(n)));
        else if (node.isObject())
            node.properties()
                    .forEach(e -> put(values, place.isEmpty() ? e.getKey() : place + "." + e.getKey(), e.getValue()));
        else values.put(place, words(node));
    }

    private static String words(JsonNode node) {
        if (node.isArray())
            return StreamSupport.stream(node.spliterator(), false)
                    .map(PaperFactsTest::words)
                    .collect(joining(" "));
        if (!node.isObject()) return node.asText();
        return node.properties().stream()
                .filter(e -> !e.getKey().equals("step") && !e.getKey().equals("kind"))
                .map(e -> words(e.getValue()))
                .filter(word -> !word.isEmpty())
                .collect(joining(" "));
    }

    private static final Pattern NUMBER = Pattern.compile("[-+.\\dEe]+");

    /** Word by word the same; of numbers, but for the rounding of shares. */
    private static boolean fits(String ours, String found) {
        String[] a = ours.split(" "), b = found.split(" ");
        return a.length == b.length && IntStream.range(0, a.length).allMatch(i -> fitsOne(a[i], b[i]));
    }

    private static boolean fitsOne(String ours, String found) {
        if (!NUMBER.matcher(ours).matches() || !NUMBER.matcher(found).matches()) return ours.equals(found);
        double number = Double.parseDouble(found);
        return Math.abs(Double.parseDouble(ours) - number) <= 0.0025 * Math.abs(number);
    }
}
