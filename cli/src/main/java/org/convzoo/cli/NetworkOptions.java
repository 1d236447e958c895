package org.convzoo.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import picocli.CommandLine.Option;

/** The options that say which form of a network is meant; absent ones are those it was published for. */
final class NetworkOptions {
    @Option(
            names = "--image",
            paramLabel = "CxHxW",
            description = "The images it sees: channels, height, width; 3x64x64.")
    private @org.jspecify.annotations.Nullable String image;

    @Option(names = "--classes", paramLabel = "K", description = "How many classes it tells apart.")
    private int classes;

    @Option(names = "-O", paramLabel = "KEY=VALUE", description = "An option of the network; `show NAME` lists them.")
    private Map<String, String> options = new LinkedHashMap<>();

    Task task(Architecture architecture) {
        Task task = architecture.usual();
        if (image != null) task = task.image(Shape.parse(image));
        return classes == 0 ? task : task.classes(classes);
    }

    Options options() {
        return new Options(options);
    }

    /** The network of that name in the form asked for. */
    Graph graph(String name) {
        Architecture architecture = Models.named(name);
        return architecture.graph(task(architecture), options());
    }
}
