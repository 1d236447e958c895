package org.convzoo.train;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.convzoo.images.Augmentation;
import org.convzoo.images.Splits;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.recipe.Recipe;
import org.convzoo.recipe.Validation;

/** A data set that is learnt in a moment: noisy bars that lie or stand, as PNG files in class folders. */
final class Drawings {
    private Drawings() {}

    /** 16 pictures to train on and 8 to test on, of 28 x 28 pixels. */
    static Path write(Path dir) {
        var random = new SplittableRandom(1);
        for (String label : new String[] {"lying", "standing"}) {
            for (int i = 0; i < 12; i++)
                write(dir.resolve(i < 8 ? "train" : "test").resolve(label).resolve(i + ".png"), label, random);
        }
        return dir;
    }

    private static void write(Path file, String label, SplittableRandom random) {
        var image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
        int at = 8 + random.nextInt(10);
        for (int y = 0; y < 28; y++) {
            for (int x = 0; x < 28; x++) {
                boolean bar = Math.abs((label.equals("lying") ? y : x) - at) < 3;
                image.getRaster().setSample(x, y, 0, (bar ? 180 : 0) + random.nextInt(60));
            }
        }
        try {
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** LeNet on such a data set, three epochs of four steps, with everything that draws at random. */
    static TrainRequest request(Path dir) throws IOException {
        Splits splits = Splits.open("folder:" + dir);
        Task task = Task.mnist().classes(2);
        TrainRequest request = TrainRequest.of(Models.named("lenet"), Options.NONE, task, splits);
        Recipe r = request.recipe();
        return request.withRecipe(r.withEpochs(3)
                .withOptimizer(r.optimizer().ema(0.0))
                .withBatch(4)
                .withLearningRate(0.01)
                .withSmoothing(0.1)
                .withAugmentation(Augmentation.of(new Augmentation.Flip(0.5), new Augmentation.PaddedCrop(2)))
                .withValidation(new Validation(0.25, 0))
                .withSeed(7));
    }
}
