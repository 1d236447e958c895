package org.convzoo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.convzoo.engine.Engine;
import org.convzoo.json.Json;
import org.convzoo.verify.Finding;
import org.convzoo.verify.NetworkCheck;
import org.convzoo.verify.OperatorCheck;
import org.convzoo.verify.PixelCheck;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Holds networks, operators and pixels against reference files; a file's content says of what kind it is. */
@Command(
        name = "verify",
        description = "Compares networks, operators and pixels with reference files: a line a network, operator case"
                + " or pixel case, with the word ok or what departs. Fails if any departs.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  convzoo verify reference/resnet18-3x224x224-1000.json reference/ops.json"})
final class VerifyCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "FILE", description = "A network's file, ops.json or resize.json.")
    private List<Path> files = List.of();

    @Spec
    private CommandSpec spec;

    private @Nullable Engine engine;

    @Override
    public Integer call() {
        int departed = 0;
        try {
            for (Path file : files) departed += report(findings(file));
        } finally {
            if (engine != null) engine.close();
        }
        return departed == 0 ? 0 : 1;
    }

    /** Prints the findings and returns how many are not ok. */
    private int report(List<Finding> findings) {
        int departed = 0;
        for (Finding f : findings) {
            spec.commandLine().getOut().println(f.text());
            if (!f.ok()) departed++;
        }
        return departed;
    }

    /** What the file's checks find. Whatever goes wrong in one is a finding, too: the other files have their turn. */
    private List<Finding> findings(Path file) {
        if (!Files.isRegularFile(file)) return List.of(departed(file, "there is no such file"));
        try {
            JsonNode json = parsed(Files.readAllBytes(file));
            if (json.has("state")) return NetworkCheck.check(json, engine());
            if (json.has("cases")) return OperatorCheck.check(json, engine());
            if (json.has("exact") || json.has("evaluation"))
                return PixelCheck.check(
                        json, Objects.requireNonNull(file.toAbsolutePath().getParent()));
            return List.of(departed(file, "no reference file of a network, of operators or of pixels"));
        } catch (IOException | RuntimeException e) {
            return List.of(departed(file, Failures.text(e)));
        }
    }

    private static JsonNode parsed(byte[] text) {
        try {
            return Json.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("no JSON: " + e.getMessage(), e);
        }
    }

    private static Finding departed(Path file, String why) {
        return new Finding(file.toString(), false, file + ": " + why);
    }

    private Engine engine() {
        if (engine == null) engine = Engine.open(TuningOption.USUAL); // each network runs once
        return engine;
    }
}
