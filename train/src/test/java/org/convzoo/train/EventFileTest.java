package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.convzoo.train.EventReader.text;
import static org.convzoo.train.EventReader.values;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.convzoo.engine.Engine;
import org.convzoo.engine.PlainEngine;
import org.convzoo.recipe.EpochMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run's event file has in it, read back as TensorBoard reads it. */
class EventFileTest {
    @TempDir
    private Path temp;

    private static Path file(RunDirectory run) throws IOException {
        try (Stream<Path> files = Files.list(run.path())) {
            List<Path> events = files.filter(f -> f.getFileName().toString().contains(".tfevents."))
                    .toList();
            assertThat(events).hasSize(1);
            return events.get(0);
        }
    }

    /** The step and the tag of each thing, in their order. */
    private static List<String> told(Path file) throws IOException {
        List<String> told = new ArrayList<>();
        for (Map<Integer, List<Object>> event : EventReader.read(file)) {
            if (event.containsKey(3)) told.add(text(event.get(3).get(0)));
            if (event.containsKey(4)) told.add("network");
            values(event)
                    .forEach(v ->
                            told.add(event.get(2).get(0) + " " + text(v.get(1).get(0))));
        }
        return told;
    }

    @Test
    void aRunIsToldOnceHoweverOftenItIsResumed() throws Exception {
        RunDirectory run = new RunDirectory(temp.resolve("run"));
        TrainRequest request = Drawings.request(Drawings.write(temp.resolve("drawings")));
        try (Engine engine = new PlainEngine()) {
            Evaluation result = new Trainer(engine)
                    .train(request.withRecipe(request.recipe().withEpochs(2)), run);
            List<String> told = told(file(run));
            assertThat(told)
                    .containsExactly(
                            "brain.Event:2",
                            "network",
                            "0 _hparams_/session_start_info",
                            "1 loss/train",
                            "1 top1/train",
                            "1 loss/validation",
                            "1 top1/validation",
                            "1 top5/validation",
                            "1 learning_rate",
                            "1 images_per_second",
                            "2 loss/train",
                            "2 top1/train",
                            "2 loss/validation",
                            "2 top1/validation",
                            "2 top5/validation",
                            "2 learning_rate",
                            "2 images_per_second",
                            "2 loss/test",
                            "2 top1/test",
                            "2 top5/test",
                            "2 _hparams_/session_end_info");
            List<Map<Integer, List<Object>>> events = EventReader.read(file(run));
            assertThat(values(events.get(events.size() - 2)).get(1).get(2)).containsExactly((float) result.top1());

            new Trainer(engine).resume(run);
            assertThat(told(file(run))).isEqualTo(told);
            new Trainer(engine).extend(run, request.splits(), 3);
            assertThat(told(file(run))).doesNotHaveDuplicates().contains("3 loss/train", "3 loss/test");
        }
    }

    @Test
    void picturesComeBackAsTheyWere() throws IOException {
        EpochMetrics epoch = new EpochMetrics(1, 10, 0.1, 2, 0.3, 2, 0.4, 0.9, 100, 1, 0, 1_700_000_000_500L);
        var picture = new BufferedImage(5, 3, BufferedImage.TYPE_INT_RGB);
        picture.setRGB(4, 2, 0x123456);
        new EventFile(temp, List.of(epoch)).add(Map.of("test/some", picture));

        Map<Integer, List<Object>> event =
                EventReader.read(file(new RunDirectory(temp))).get(0);
        assertThat(event.get(1)).containsExactly(1_700_000_000.5);
        Map<Integer, List<Object>> value = values(event).get(0);
        Map<Integer, List<Object>> image =
                EventReader.fields((byte[]) value.get(4).get(0));
        assertThat(text(value.get(1).get(0))).isEqualTo("test/some");
        assertThat(image.get(1)).as("height").containsExactly(3L);
        assertThat(image.get(2)).as("width").containsExactly(5L);
        assertThat(image.get(3)).as("channels").containsExactly(3L);
        BufferedImage read =
                ImageIO.read(new ByteArrayInputStream((byte[]) image.get(4).get(0)));
        assertThat(read.getWidth()).isEqualTo(5);
        assertThat(read.getRGB(4, 2)).isEqualTo(0xFF123456);
        assertThat(read.getRGB(0, 0)).isEqualTo(0xFF000000);
    }
}
