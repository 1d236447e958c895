package org.convzoo.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.convzoo.engine.Loss;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Precision;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Shape;
import org.convzoo.images.Augmentation;
import org.convzoo.images.Filter;
import org.convzoo.images.Form;
import org.convzoo.images.Mixing;
import org.convzoo.images.Policies;
import org.convzoo.images.Sampling;
import org.convzoo.images.Tones;
import org.convzoo.images.Transform;
import org.convzoo.json.Json;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeTest {
    private static Stream<Recipe> recipes() {
        Recipe digits = Recipes.of("lenet", "LeNet", Form.DIGITS);
        return Stream.of(
                digits,
                Recipes.of("resnet18", "ResNet", Form.PHOTOS),
                digits.withOptimizer(digits.optimizer().clip(1).ema(0.999)),
                new Recipe(
                        9,
                        32,
                        4,
                        0.1,
                        new Optimizer.Sgd(0.9, true, new Optimizer.Decay(1e-4, true)),
                        new Schedule(0.05, new Schedule.Steps(List.of(0.3, 0.6), 0.1)),
                        new Loss.Focal(2),
                        Recipe.ClassWeights.BALANCED,
                        0.1,
                        digits.augmentation(),
                        new Mixing(0.2, 1, 0.5),
                        Sampling.BALANCED,
                        new Progressive(0.5, 0.8),
                        0.75,
                        List.of(new Adjustment.SmallHead(), new Adjustment.NormMomentum(0.1)),
                        new Validation(0.2, 3),
                        new FineTuning(true, 10, 0.75, List.of("features.*"), true),
                        Long.MIN_VALUE,
                        Precision.BF16,
                        true,
                        true));
    }

    private static Stream<Optimizer> optimizers() {
        Optimizer.Decay decay = new Optimizer.Decay(1e-4, false);
        return Stream.of(
                new Optimizer.Sgd(0.9, true, decay),
                new Optimizer.Adam(0.9, 0.999, 1e-8, decay),
                Optimizer.AdamW.of(0.05),
                new Optimizer.RmsProp(0.9, 0.9, 1e-3, Optimizer.RmsProp.Form.PYTORCH, decay),
                new Optimizer.RmsProp(0.9, 0, 1, Optimizer.RmsProp.Form.TENSORFLOW, decay),
                Optimizer.Lamb.of(0.02),
                Optimizer.Lion.of(0.1));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void everyOptimizerHasAName(Optimizer optimizer) throws Exception {
        Recipe recipe = Recipes.of("resnet18", "ResNet", Form.PHOTOS)
                .withOptimizer(optimizer.clip(0.5).ema(0.99));
        assertThat(Recipe.of(Json.parse(Json.text(recipe.toJson())))).isEqualTo(recipe);
        assertThat(recipe.toString()).contains(", " + optimizer.words() + ", ", "norm of 0.5", "decay of 0.99");
    }

    @Test
    void optimizersAndSchedulesInWords() {
        Recipe recipe = Recipes.of("resnet18", "ResNet", Form.PHOTOS)
                .withOptimizer(new Optimizer.RmsProp(
                        0.9, 0.9, 1e-3, Optimizer.RmsProp.Form.TENSORFLOW, new Optimizer.Decay(1e-5, false)))
                .withSchedule(new Schedule(0.05, new Schedule.Step(0.01, 0.97)));
        assertThat(recipe.toString())
                .contains("TensorFlow's RMSprop with momentum 0.9")
                .contains("warm-up of 5 % then step (every 0.01, factor 0.97)");
        assertThat(recipe.withSchedule(new Schedule(0, new Schedule.CosineRestarts(3, 2, 0.5)))
                        .toString())
                .contains(", cosine restarts (cycles 3, growth 2.0, height 0.5), ");
        assertThat(recipe.withSchedule(new Schedule(0, new Schedule.Steps(List.of(0.3, 0.6), 0.1)))
                        .toString())
                .contains(", steps (at (0.3, 0.6), factor 0.1), ");
        assertThat(recipe.withSchedule(new Schedule(0, new Schedule.Cosine())).toString())
                .contains(", cosine, ");
    }

    /** Turkish has an i without a dot, Arabic digits of its own. */
    @ParameterizedTest
    @ValueSource(strings = {"tr", "ar-EG-u-nu-arab"})
    void theDefaultLocaleChangesNothing(String language) throws Exception {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag(language));
        try {
            for (Recipe recipe : recipes().toList()) {
                String json = Json.text(recipe.toJson());
                assertThat(json.chars().allMatch(c -> c < 128)).as(json).isTrue();
                assertThat(Recipe.of(Json.parse(json))).isEqualTo(recipe);
                assertThat(recipe.toString().chars().allMatch(c -> c < 128))
                        .as(recipe.toString())
                        .isTrue();
            }
            Transform transform = Form.PHOTOS.transform(new Shape(3, 32, 32));
            assertThat(transform.toJson().toString()).contains("\"bilinear\"");
            assertThat(Transform.of(transform.toJson())).isEqualTo(transform);
        } finally {
            Locale.setDefault(before);
        }
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void jsonAndBack(Recipe recipe) throws Exception {
        assertThat(Recipe.of(Json.parse(Json.text(recipe.toJson())))).isEqualTo(recipe);
    }

    @Test
    void jsonIsPlain() {
        ObjectNode json =
                Recipes.of("lenet", "LeNet", Form.DIGITS).withLearningRate(0.25).toJson();
        assertThat(json.get("learning_rate").asDouble()).isEqualTo(0.25);
        assertThat(json.at("/optimizer/kind").asText()).isEqualTo("adamw");
        assertThat(json.at("/optimizer/decay/everywhere").asBoolean(true)).isFalse();
        assertThat(json.at("/schedule/curve/kind").asText()).isEqualTo("cosine");
    }

    @Test
    void thePrecisionIsToldWhereItIsNotTheUsualOne() {
        Recipe recipe = Recipes.of("lenet", "LeNet", Form.DIGITS);
        assertThat(recipe.toString()).doesNotContain("f32");
        assertThat(recipe.withPrecision(Precision.BF16).toString()).contains("computed in bf16");
        assertThat(recipe.withPrecision(Precision.BF16)
                        .toJson()
                        .get("precision")
                        .asText())
                .isEqualTo("bf16");
    }

    @Test
    void recipesFromBeforeClippingAveragingAndPrecisions() throws Exception {
        Recipe usual = Recipes.of("lenet", "LeNet", Form.DIGITS);
        Recipe recipe = usual.withOptimizer(usual.optimizer().ema(0.0));
        String text = recipe.toJson().toString();
        String before = text.replace(",\"clip\":0.0,\"ema\":0.0", "").replace(",\"precision\":\"f32\"", "");
        assertThat(before).doesNotContain("ema", "precision");
        assertThat(Recipe.of(Json.parse(before))).isEqualTo(recipe);
    }

    @Test
    void whatIsNotSaidIsPlain() throws Exception {
        Recipe recipe = Recipe.of(Json.parse("{\"epochs\": 7, \"smoothing\": 0.1}"));
        assertThat(recipe.epochs()).isEqualTo(7);
        assertThat(recipe.smoothing()).isEqualTo(0.1);
        assertThat(recipe.validation()).isEqualTo(Validation.NONE);
        assertThat(recipe.network()).isEmpty();
        assertThat(recipe.augmentation().steps()).isEmpty();
    }

    @Test
    void stepsAreToldInWords() {
        Recipe recipe = Recipes.of("lenet", "LeNet", Form.DIGITS)
                .withAugmentation(Augmentation.of(
                        new Augmentation.Sometimes(0.25, new Tones.Grey()),
                        new Policies.RandAugment(2, 9, Filter.BILINEAR),
                        new Tones.AutoContrast()));
        assertThat(recipe.toString())
                .contains("sometimes (probability 0.25, then grey), ")
                .contains("rand augment (operations 2, magnitude 9, filter bilinear), auto contrast, ");
    }

    @Test
    void everyNetworkHasARecipe() {
        for (Architecture a : Models.all())
            for (Form form : Form.values())
                assertThat(Recipes.of(a.name(), a.family(), form).toString())
                        .contains("seed 1")
                        .contains("epochs");
    }

    @Test
    void whatIsNoRecipe() throws Exception {
        ObjectNode json = Recipes.of("lenet", "LeNet", Form.DIGITS).toJson();
        for (String text : List.of(
                "[]",
                "{\"epoch\": 3}",
                "{\"loss\": \"binary_cross_entropy\", \"class_weights\": \"balanced\"}",
                "{\"schedule\": {\"warm_up\": 0, \"curve\": \"plateau\"}}",
                json.toString().replace("small_head", "large_head"),
                json.toString().replace("\"hold_out\":0.1", "\"hold_out\":0.6"),
                json.toString().replace("adamw", "lions"),
                json.toString().replace("\"eps\":1.0E-8", "\"eps\":0"),
                json.toString().replace("\"beta1\":0.9", "\"beta1\":1"),
                json.toString().replace("\"ema\":0.998", "\"ema\":1"),
                json.toString().replace("\"f32\"", "\"f8\""),
                json.toString().replace("\"clip\":0.0", "\"clip\":-1"),
                json.toString().replace("\"epochs\":", "\"epochs\":-"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Recipe.of(Json.parse(text)))
                    .satisfies(e -> assertThat(e.getMessage()).isNotBlank().doesNotContain("\n"));
        }
    }

    @Test
    void anyValueIsChangedByItsPlace() {
        Recipe recipe = Recipes.of("lenet", "LeNet", Form.DIGITS);
        assertThat(recipe.with("epochs=3")).isEqualTo(recipe.withEpochs(3));
        assertThat(recipe.with("optimizer.decay.rate=0.25").optimizer().decay().rate())
                .isEqualTo(0.25);
        assertThat(recipe.with("schedule.curve=linear").schedule().curve()).isEqualTo(new Schedule.Linear());
        assertThat(recipe.with("network=[\"drop_path\"]").network()).containsExactly(new Adjustment.DropPath(0.1));
        assertThat(recipe.with("augmentation={\"steps\":[]}").augmentation()).isEqualTo(Augmentation.NONE);
        assertThat(recipe.with("precision=bf16").precision()).isEqualTo(Precision.BF16);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "epochs",
                "=3",
                "epoch=3",
                "optimizer.decays.rate=1",
                "epochs.x=1",
                "epochs=many",
                "optimizer=adan",
                "optimizer.decay.rate=-1",
                "epochs=",
                "network=small_head"
            })
    void whatCannotBeChangedIsToldInOneLine(String assignment) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Recipes.of("lenet", "LeNet", Form.DIGITS).with(assignment))
                .satisfies(e -> assertThat(e.getMessage())
                        .contains(assignment.split("=")[0])
                        .doesNotContain("\n"));
    }

    @Test
    void aMisspeltPlaceIsAnsweredWithTheNearest() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Recipes.of("lenet", "LeNet", Form.DIGITS).with("epoch=3"))
                .withMessageStartingWith("a recipe has no 'epoch'; near are epochs");
    }

    /** Every kind that JSON names can be asked for by its word alone. */
    @Test
    void aWordStandsForWhatIsUsual() {
        for (String optimizer : List.of("sgd", "adam", "adamw", "rmsprop", "lamb", "lion"))
            assertThat(Recipe.of(Json.parse("{\"optimizer\":\"" + optimizer + "\"}"))
                            .optimizer())
                    .hasSameClassAs(optimizers()
                            .filter(o -> o.getClass().getSimpleName().equalsIgnoreCase(optimizer))
                            .findFirst()
                            .orElseThrow());
        for (Class<?> curve : Schedule.Curve.class.getPermittedSubclasses()) {
            String word =
                    curve.getSimpleName().replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
            assertThat(Recipe.of(Json.parse(
                                    "{\"validation\":{\"hold_out\":0.1,\"patience\":0},\"schedule\":{\"warm_up\":0,\"curve\":\""
                                            + word + "\"}}"))
                            .schedule()
                            .curve())
                    .isInstanceOf(curve);
        }
        for (String loss : List.of("cross_entropy", "focal", "binary_cross_entropy"))
            assertThat(Recipe.of(Json.parse("{\"loss\":\"" + loss + "\"}"))
                            .loss()
                            .words())
                    .startsWith(loss.substring(0, 5).replace('_', '-'));
        assertThat(Recipe.of(
                                Json.parse(
                                        "{\"network\":[\"small_head\",\"he_start\",\"norm_momentum\",\"dropout\",\"drop_path\"]}"))
                        .network())
                .hasSize(Adjustment.class.getPermittedSubclasses().length);
    }

    @Test
    void aPapersRecipeIsOneAndAFileOfItReadsTheSame(@TempDir Path folder) throws Exception {
        assertThat(PaperRecipe.all()).extracting(PaperRecipe::name).isNotEmpty().doesNotHaveDuplicates();
        for (PaperRecipe paper : PaperRecipe.all()) {
            Path file = Files.writeString(
                    folder.resolve(paper.name() + ".json"),
                    paper.recipe().toJson().toPrettyString());
            assertThat(Recipes.read(file.toString())).isEqualTo(paper.recipe()).isEqualTo(Recipes.read(paper.name()));
            assertThat(paper.about()).as(paper.name()).contains("section").doesNotContain("\n");
        }
    }

    @Test
    void whatIsNoFileOfARecipe(@TempDir Path folder) throws Exception {
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> Recipes.read("resnot"))
                .withMessageStartingWith("resnot: there is no such file, and no recipe of that name; there are ");
        for (String text : List.of("", "[", "{\"epoch\": 1}", "{\"epochs\": \"x\"}", "\u0000")) {
            Path file = Files.writeString(folder.resolve("mine.json"), text);
            assertThatExceptionOfType(BrokenFileException.class)
                    .isThrownBy(() -> Recipes.read(file.toString()))
                    .satisfies(e ->
                            assertThat(e.getMessage()).startsWith(file + ": ").doesNotContain("\n"));
        }
    }
}
