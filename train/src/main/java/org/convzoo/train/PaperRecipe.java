package org.convzoo.train;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.convzoo.failure.Near;
import org.convzoo.failure.WrongUseException;
import org.convzoo.json.Field;

/**
 * How a paper trained its networks, as a recipe. Its numbers of epochs and images a step are those of ImageNet on many
 * processors: with fewer images one takes fewer.
 *
 * @param name of its file, without the ending
 * @param about the paper, and where the recipe departs from it
 */
public record PaperRecipe(String name, String about, Recipe recipe) {
    /** In the order of the papers. */
    public static final List<String> NAMES = List.of("resnet");

    /** All of them. */
    public static List<PaperRecipe> all() {
        return NAMES.stream().map(PaperRecipe::named).toList();
    }

    /** Throws {@link WrongUseException} that names the nearest where there is none of that name. */
    public static PaperRecipe named(String name) {
        if (!NAMES.contains(name))
            throw new WrongUseException(
                    "there is no recipe named '" + name + "'; near are " + String.join(", ", Near.names(name, NAMES)));
        try (InputStream file = PaperRecipe.class.getResourceAsStream("recipes/" + name + ".json")) {
            Field json =
                    Field.parse(new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8));
            return new PaperRecipe(
                    name, json.at("about").text(), Recipe.of(json.at("recipe").object()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
