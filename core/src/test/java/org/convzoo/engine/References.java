package org.convzoo.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.convzoo.models.Models;

/** The reference files among the test resources; see their README. */
public final class References {
    private static final ObjectMapper JSON = new ObjectMapper();

    private References() {}

    static JsonNode operators() {
        return read("ops");
    }

    public static JsonNode read(String name) {
        try (InputStream in = resource("/reference/" + name + ".json").openStream()) {
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    /** The file without its steps of training; one run in training mode is left. */
    public static JsonNode withoutSteps(JsonNode file) {
        return ((ObjectNode) file).without("train");
    }

    /** The networks that the catalogue has, cheapest first, by file name. */
    public static List<String> networks() {
        List<String> catalogue = Models.all().stream().map(a -> a.name()).toList();
        return names().filter(n -> !n.equals("ops"))
                .filter(n -> catalogue.contains(read(n).path("model").asText()))
                .sorted((a, b) -> Double.compare(cost(a), cost(b)))
                .toList();
    }

    /** Multiply-accumulates of a check: one run forward, and as many steps as the file holds, three times as long. */
    static double cost(String name) {
        JsonNode file = read(name);
        int steps = Math.max(1, file.path("train").path("losses").size());
        return file.path("macs").asDouble() * file.path("batch").asInt() * (1 + 3 * steps);
    }

    private static URL resource(String path) {
        return Objects.requireNonNull(References.class.getResource(path), path);
    }

    /** The names in the folder, which other modules find in a jar. */
    private static Stream<String> names() {
        try {
            URI uri = resource("/reference").toURI();
            if (!uri.getScheme().equals("jar")) return names(Path.of(uri)).stream();
            try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
                return names(jar.getPath("/reference")).stream();
            }
        } catch (URISyntaxException | IOException e) {
            throw new IllegalStateException("cannot list the reference files", e);
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(n -> n.endsWith(".json"))
                    .map(n -> n.substring(0, n.length() - ".json".length()))
                    .toList();
        }
    }
}
