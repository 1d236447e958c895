package org.convzoo.train;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Untuned;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.images.Splits;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.recipe.PaperRecipe;
import org.convzoo.recipe.Recipe;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PaperRecipeTest {
    @Test
    void everyNetworkHasTheRecipeOfOnePaper() {
        for (Architecture a : Models.all())
            assertThat(PaperRecipe.all().stream().filter(r -> a.name().matches(r.networks())))
                    .as(a.name())
                    .containsExactly(PaperRecipe.of(a));
        Map.of(
                        "plain34", "resnet",
                        "plain56", "resnet_cifar",
                        "seresnext50_32x4d", "senet",
                        "inception_resnet_v2", "inception_v4",
                        "efficientnet_lite0", "efficientnet",
                        "densenet_bc_100_12", "densenet_cifar")
                .forEach((network, recipe) ->
                        assertThat(PaperRecipe.of(Models.named(network)).name()).isEqualTo(recipe));
        Architecture lenet = Models.named("lenet");
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> PaperRecipe.of(
                        new Architecture("mine", "Mine", 2026, "none", lenet.usual(), Map.of(), lenet.body())))
                .withMessage("there is no paper's recipe for mine");
    }

    /** A network, or one that a paper took, is as before but for what training alone reads. */
    @Test
    void whatARecipeChangesFitsTheNetworks() {
        for (PaperRecipe r : PaperRecipe.all()) {
            List<Architecture> networks = Models.all().stream()
                    .filter(a -> r.networks().isEmpty()
                            ? a.name().equals("resnet50")
                            : a.name().matches(r.networks()))
                    .toList();
            assertThat(networks).as(r.name()).isNotEmpty();
            for (Architecture a : networks) {
                Graph graph = a.graph(), adjusted = r.recipe().adjusted(graph);
                assertThat(adjusted.parameterCount()).as(a.name()).isEqualTo(graph.parameterCount());
            }
        }
    }

    @Test
    void ratesFallFromTheFullOneAndStayOverNothing() {
        for (PaperRecipe r : PaperRecipe.all()) {
            Recipe recipe = r.recipe();
            long steps = 20L * recipe.epochs();
            long full = Math.round(recipe.schedule().warmUp() * steps);
            assertThat(recipe.schedule().factor(full, steps)).as(r.name()).isBetween(0.99, 1.0);
            double before = 1;
            for (long step = full + 1; step < steps; step++) {
                double factor = recipe.schedule().factor(step, steps);
                assertThat(factor).as(r.name()).isGreaterThan(0).isLessThanOrEqualTo(before);
                before = factor;
            }
            assertThat(before).as(r.name()).isLessThan(0.3);
            assertThat(recipe.schedule().factor(0, 1)).as(r.name()).isFinite();
        }
    }

    /** Places are shares of a run, rounded: no step may come an epoch too early or too late. */
    @Test
    void stepsComeAtThePapersEpochs() {
        assertThat(reductions("resnet", 0.1, 39, 40, 79, 80)).containsExactly(0, 1, 1, 2);
        assertThat(reductions("resnet_cifar", 0.1, 90, 91, 136, 137)).containsExactly(0, 1, 1, 2);
        assertThat(reductions("senet", 0.1, 29, 30, 59, 60, 89, 90, 99)).containsExactly(0, 1, 1, 2, 2, 3, 3);
        assertThat(reductions("googlenet", 0.96, 7, 8, 15, 16, 248)).containsExactly(0, 1, 1, 2, 31);
        assertThat(reductions("inception_v3", 0.94, 1, 2, 3, 4, 98)).containsExactly(0, 1, 1, 2, 49);
        assertThat(reductions("mobilenet_v2", 0.98, 0, 1, 2, 299)).containsExactly(0, 1, 2, 299);
        assertThat(reductions("mobilenet_v3", 0.99, 2, 3, 597)).containsExactly(0, 1, 199);
    }

    /** How often the rate has been multiplied by the factor at the beginning of these epochs, counted from 0. */
    private static long[] reductions(String name, double factor, int... epochs) {
        Recipe recipe = PaperRecipe.named(name).recipe();
        return Arrays.stream(epochs)
                .mapToDouble(e -> recipe.schedule().factor(20L * e, 20L * recipe.epochs()))
                .mapToLong(rate -> Math.round(Math.log(rate) / Math.log(factor)))
                .toArray();
    }

    /** An epoch of one step, with all that a recipe has: loss, augmentation, mixing, averages, what is otherwise. */
    @Test
    @Tag("thorough")
    void everyRecipeTrains(@TempDir Path temp) throws Exception {
        Splits splits = Splits.open("folder:" + Drawings.write(temp.resolve("drawings")));
        Task task = new Task(new Shape(3, 32, 32), 2);
        TrainRequest request = TrainRequest.of(Models.named("resnet20"), Options.NONE, task, splits);
        try (Engine engine = Untuned.open()) {
            for (PaperRecipe r : PaperRecipe.all()) {
                Recipe once = r.recipe().withEpochs(1).withBatch(64);
                Evaluation result =
                        new Trainer(engine).train(request.withRecipe(once), new RunDirectory(temp.resolve(r.name())));
                assertThat(result.loss()).as(r.name()).isFinite();
            }
        }
    }

    @Test
    void theDocumentationHasThemAll() throws Exception {
        Path page = Path.of("").toAbsolutePath().getParent().resolve("docs/training.md");
        String table = Files.readString(page).replaceAll("(?s).*<!-- recipes -->\n(.*)<!-- /recipes -->.*", "$1");

        assertThat(table)
                .as("copy what is expected")
                .isEqualTo(PaperRecipe.all().stream()
                        .map(r -> "| `%s` | %s | %s | %s | %s | %s |\n"
                                .formatted(
                                        r.name(),
                                        r.recipe().epochs(),
                                        r.recipe().batch() * r.recipe().accumulation(),
                                        r.recipe().learningRate(),
                                        r.recipe().optimizer().words(),
                                        r.about()))
                        .collect(joining(
                                "",
                                "| recipe | epochs | images a step | rate | optimizer | paper, and where the recipe"
                                        + " departs from it |\n"
                                        + "| --- | --- | --- | --- | --- | --- |\n",
                                "")));
    }
}
