package org.convzoo.recipe;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.convzoo.failure.Near;
import org.convzoo.failure.WrongUseException;
import org.convzoo.json.Field;
import org.convzoo.models.Architecture;

/**
 * How a paper trained its networks, as a recipe. Its numbers of epochs and images a step are those of ImageNet on many
 * processors: with fewer images one takes fewer.
 *
 * @param name of its file, without the ending
 * @param about the paper, and where the recipe departs from it
 * @param networks a regular expression for those of the catalogue that are the paper's own; empty where none is
 */
public record PaperRecipe(String name, String about, String networks, Recipe recipe) {
    /** In the order of the papers. */
    public static final List<String> NAMES = List.of(
            "lenet",
            "alexnet",
            "nin",
            "vgg",
            "googlenet",
            "bninception",
            "inception_v3",
            "resnet",
            "resnet_cifar",
            "inception_v4",
            "squeezenet",
            "wide_resnet",
            "densenet",
            "densenet_cifar",
            "xception",
            "resnext",
            "mobilenet_v1",
            "shufflenet_v1",
            "senet",
            "mobilenet_v2",
            "shufflenet_v2",
            "sknet",
            "res2net",
            "mobilenet_v3",
            "efficientnet",
            "resnest",
            "rsb_a2",
            "convnext");

    /** All of them. */
    public static List<PaperRecipe> all() {
        return NAMES.stream().map(PaperRecipe::named).toList();
    }

    /** The recipe of the network's own paper. Throws {@link WrongUseException} where there is none. */
    public static PaperRecipe of(Architecture network) {
        return all().stream()
                .filter(r -> network.name().matches(r.networks))
                .findFirst()
                .orElseThrow(() -> new WrongUseException("there is no paper's recipe for " + network.name()));
    }

    /** Throws {@link WrongUseException} that names the nearest where there is none of that name. */
    public static PaperRecipe named(String name) {
        if (!NAMES.contains(name))
            throw new WrongUseException(
                    "there is no recipe named '" + name + "'; near are " + String.join(", ", Near.names(name, NAMES)));
        try (InputStream file = PaperRecipe.class.getResourceAsStream("papers/" + name + ".json")) {
            Field json =
                    Field.parse(new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8));
            return new PaperRecipe(
                    name,
                    json.at("about").text(),
                    json.at("networks").text(),
                    Recipe.of(json.at("recipe").object()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
