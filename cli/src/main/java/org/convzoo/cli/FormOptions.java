package org.convzoo.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.convzoo.graph.Shape;
import org.convzoo.models.Architecture;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which form of a network is meant; where nothing is said, the one it was published in. */
final class FormOptions {
    @Option(
            names = "--image",
            paramLabel = "CxHxW",
            description = "The images it sees: channels, height and width, 3x64x64.")
    private @Nullable String image;

    @Option(
            names = "-O",
            paramLabel = "KEY=VALUE",
            description = "An option of the network; convzoo show NAME lists them.")
    private Map<String, String> options = new LinkedHashMap<>();

    /** The network's usual task, on the images asked for. */
    Task task(Architecture architecture) {
        return task(architecture, image);
    }

    /** The network's usual task, on images as {@code --image} says where it is given. */
    static Task task(Architecture architecture, @Nullable String image) {
        return image == null ? architecture.usual() : architecture.usual().image(Shape.parse(image));
    }

    /** The images asked for; empty where nothing is said. */
    Optional<Shape> image() {
        return Optional.ofNullable(image).map(Shape::parse);
    }

    Options options() {
        return new Options(options);
    }

    boolean given() {
        return image != null || !options.isEmpty();
    }
}
