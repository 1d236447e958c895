package org.convzoo.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.convzoo.engine.Loss;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Precision;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.images.Augmentation;
import org.convzoo.images.Augmentation.Affine;
import org.convzoo.images.Augmentation.Flip;
import org.convzoo.images.Augmentation.PaddedCrop;
import org.convzoo.images.Augmentation.ScaledCrop;
import org.convzoo.images.ColourJitter;
import org.convzoo.images.Filter;
import org.convzoo.images.Form;
import org.convzoo.images.Mixing;
import org.convzoo.images.Sampling;
import org.convzoo.images.Splits;
import org.convzoo.images.Transform;
import org.convzoo.json.Json;

/** The recipes to start from: one table, the first row that fits is taken. */
public final class Recipes {
    private static final Schedule ONE_CYCLE = new Schedule(0.1, new Schedule.Cosine());

    /** Images with fewer than which fine-tuning is careful. */
    private static final int FEW = 250;

    private record Row(String family, Form form, Recipe recipe) {
        boolean fits(String family, Form form) {
            return (this.family.isEmpty() || this.family.equals(family)) && this.form == form;
        }
    }

    // family ("" for any), pictures, then: epochs, batch, learning rate, optimizer, schedule, smoothing, augmentation
    // spotless:off
    private static final List<Row> TABLE = List.of(
            row("LeNet", Form.DIGITS,   10,  64, 0.02,  Optimizer.AdamW.of(0.01), ONE_CYCLE, 0.0, new Affine(10, 0.1, 2, 0)),
            row("LeNet", Form.GARMENTS, 15,  64, 0.02,  Optimizer.AdamW.of(0.01), ONE_CYCLE, 0.0, new Flip(0.5)),
            row("",      Form.DIGITS,   10,  64, 0.002, Optimizer.AdamW.of(0.05), ONE_CYCLE, 0.0, new Affine(10, 0.1, 2, 0)),
            row("",      Form.GARMENTS, 20,  64, 0.002, Optimizer.AdamW.of(0.05), ONE_CYCLE, 0.0, new Flip(0.5), new PaddedCrop(2)),
            row("",      Form.PHOTOS,   40,  32, 0.001, Optimizer.AdamW.of(0.05), ONE_CYCLE, 0.1, crop(0.35), new Flip(0.5)));
    // spotless:on

    private Recipes() {}

    /** The recipe for a network of that family, empty for one's own, on pictures of that form; seed 1, in float32. */
    public static Recipe of(String family, Form form) {
        return TABLE.stream()
                .filter(r -> r.fits(family, form))
                .findFirst()
                .orElseThrow()
                .recipe();
    }

    /**
     * A recipe by name or from a file: that of {@link PaperRecipe#named}, or a file with the recipe's JSON, of which what is
     * not there is as in {@link Recipe#of(com.fasterxml.jackson.databind.JsonNode)}.
     *
     * @throws WrongUseException where there is neither
     * @throws BrokenFileException with one line where the file is no recipe
     */
    public static Recipe read(String nameOrFile) {
        if (PaperRecipe.NAMES.contains(nameOrFile))
            return PaperRecipe.named(nameOrFile).recipe();
        Path file = Path.of(nameOrFile);
        if (Files.notExists(file))
            throw new WrongUseException(nameOrFile + ": there is no such file, and no recipe of that name; there are "
                    + String.join(", ", PaperRecipe.NAMES));
        try {
            return Recipe.of(Json.parse(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new BrokenFileException(file + ": cannot be read: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new BrokenFileException(file + ": no recipe: " + e.getMessage(), e);
        }
    }

    /**
     * The recipe for weights that are there already, on images of that transform. Few photos are seen more often, in smaller
     * batches, at a lower rate: the full one spoils features that five photos a class cannot make anew.
     */
    public static Recipe fineTuning(Splits splits, Transform transform) {
        int images = splits.train().size();
        boolean few = images < FEW;
        return new Recipe(
                few ? 17 : 9,
                few ? 16 : 32,
                1,
                1e-3 * Math.min(1, images / (2.0 * FEW)),
                Optimizer.AdamW.of(0.02),
                new Schedule(0.2, new Schedule.Cosine()),
                new Loss.CrossEntropy(),
                Recipe.ClassWeights.EQUAL,
                0.1,
                splits.form() == Form.PHOTOS
                        ? Augmentation.of(
                                crop(0.35, transform.filter()), new Flip(0.5), new ColourJitter(0.2, 0.2, 0.2, 0))
                        : Augmentation.NONE,
                Mixing.NONE,
                Sampling.EACH_ONCE,
                Progressive.NONE,
                1,
                List.of(),
                Validation.NONE,
                new FineTuning(true, 1, 0.7, List.of(), true),
                1,
                Precision.F32,
                false);
    }

    private static ScaledCrop crop(double smallest, Filter filter) {
        return new ScaledCrop(smallest, 1, 3 / 4.0, 4 / 3.0, filter);
    }

    private static ScaledCrop crop(double smallest) {
        return new ScaledCrop(smallest, 1, 3 / 4.0, 4 / 3.0, Filter.BILINEAR);
    }

    private static Row row(
            String family,
            Form form,
            int epochs,
            int batch,
            double rate,
            Optimizer optimizer,
            Schedule schedule,
            double smoothing,
            Augmentation.Step... augmentation) {
        return new Row(
                family,
                form,
                new Recipe(
                        epochs,
                        batch,
                        1,
                        rate,
                        optimizer,
                        schedule,
                        new Loss.CrossEntropy(),
                        Recipe.ClassWeights.EQUAL,
                        smoothing,
                        Augmentation.of(augmentation),
                        Mixing.NONE,
                        Sampling.EACH_ONCE,
                        Progressive.NONE,
                        1,
                        List.of(new Adjustment.SmallHead()),
                        new Validation(0.1, 0),
                        FineTuning.NONE,
                        1,
                        Precision.F32,
                        false));
    }
}
