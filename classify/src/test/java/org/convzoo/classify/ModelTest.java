package org.convzoo.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.images.Filter;
import org.convzoo.images.Transform;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.weights.SafeTensors;
import org.convzoo.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelTest {
    @TempDir
    Path temp;

    private static Model model(int classes, int size) {
        Task task = Task.mnist().classes(classes);
        return new Model(
                Models.named("lenet"),
                Options.of("modern", true),
                task,
                new Transform(
                        List.of(new Transform.Colour(1), new Transform.Exact(size, size, Filter.BILINEAR)),
                        new Transform.Normalise(List.of(0.1), List.of(0.3))),
                IntStream.range(0, 3).mapToObj(i -> "class \"" + i + "\"").toList(),
                "",
                Json.object(),
                Json.object(),
                Weights.initial(Models.named("lenet").graph(task, Options.NONE), 1));
    }

    @Test
    void writtenAndRead() throws IOException {
        Path file = temp.resolve("m.safetensors");
        Model m = model(3, 28);
        m.write(file);
        Model read = Model.read(file);
        assertThat(read).usingRecursiveComparison().ignoringFields("weights").isEqualTo(m);
        m.weights().tensors().forEach((name, t) -> assertThat(
                        read.weights().get(name).toArray())
                .isEqualTo(t.toArray()));
        assertThat(read.graph().toString()).isEqualTo("lenet 1x28x28 -> 3");
    }

    @Test
    void theSameModelIsTheSameBytes() throws IOException {
        Path a = temp.resolve("a"), b = temp.resolve("b");
        model(3, 28).write(a);
        Model.read(a).write(b);
        assertThat(b).hasSameBinaryContentAs(a);
    }

    @Test
    void partsThatDoNotFit() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model(4, 28))
                .withMessage("4 classes need as many labels, got 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model(3, 32))
                .withMessage("the transform makes images of 1x32x32, the network takes 1x28x28");
    }

    @Test
    void filesThatAreNoModel() throws IOException {
        Path file = temp.resolve("m.safetensors");
        Model m = model(3, 28);
        m.write(file);
        String json = SafeTensors.read(file).metadata().get("convzoo");

        new SafeTensors(m.weights(), Map.of()).write(file);
        fails(file, "does not say which network its weights are of; import it first");
        for (String broken :
                List.of("{", "[]", "{}", json.replace("\"lenet\"", "\"lennet\""), json.replace("[1,28", "[0,28"))) {
            new SafeTensors(m.weights(), Map.of("convzoo", broken)).write(file);
            fails(file, "");
        }
        new SafeTensors(m.weights(), Map.of("convzoo", json.replace("\"lenet\"", "\"vgg11\""))).write(file);
        fails(file, "vgg11");
        m.write(file);
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 5000));
        fails(file, "cut off");
        fails(temp.resolve("nothing"), "there is no such file");
        assertThatIOException()
                .isThrownBy(() -> Model.read(temp))
                .withMessage(temp + ": holds no model; train makes one");
    }

    private static void fails(Path file, String why) {
        assertThatThrownBy(() -> Model.read(file))
                .isInstanceOfAny(IOException.class, BrokenFileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(why)
                .hasMessageNotContaining("\n");
    }
}
