package org.convzoo.train;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Tuning;
import org.convzoo.engine.Untuned;
import org.convzoo.graph.Shape;
import org.convzoo.images.Splits;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.pretrained.Published;
import org.convzoo.pretrained.WeightsStore;

/** A training in a Java of its own, which tests kill: a few epochs, a line {@code epoch/step} a step. */
final class TrainProcess {
    private TrainProcess() {}

    public static void main(String[] args) {
        RunDirectory run = new RunDirectory(Path.of(args[0]));
        TrainListener lines = new TrainListener() {
            @Override
            public void step(Progress p) {
                System.out.println(p.epoch() + "/" + p.step());
            }
        };
        try (Engine engine = Engine.open(Untuned.OPTIONS.withTuning(Tuning.valueOf(args[1])))) {
            if (Files.exists(run.path().resolve(RunDirectory.CHECKPOINT))) {
                new Trainer(engine).withListener(lines).resume(run);
            } else {
                new Trainer(engine).withListener(lines).train(request(args[2]), run);
            }
        } catch (IOException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    /** LeNet on digits, or SqueezeNet with the weights that are in the project fine-tuned on a folder of pictures. */
    private static TrainRequest request(String data) {
        Splits splits = Splits.open(data);
        if (data.equals("digits")) {
            TrainRequest request = TrainRequest.of(Models.named("lenet"), splits);
            return request.withRecipe(request.recipe().withEpochs(3));
        }
        var squeezenet = WeightsStore.usual().open(Published.named("squeezenet1_1"));
        TrainRequest request = TrainRequest.of(squeezenet, Options.NONE, new Shape(3, 64, 64), splits);
        FineTuning tuning = request.recipe().fineTuning().withFreeze(List.of("features.0.*"));
        return request.withRecipe(request.recipe().withEpochs(4).withBatch(2).withFineTuning(tuning));
    }

    /**
     * Starts LeNet's on digits below a shell that first does {@code before}, {@code ulimit -f 1000} say; the engine measures
     * nothing.
     */
    static Process start(Path run, String before) throws IOException {
        return start(run, before, Tuning.USUAL, "digits");
    }

    static Process start(Path run, String before, Tuning tuning, String data) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", before + "; exec \"$@\"", "sh"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(TrainProcess.class.getName(), run.toString(), tuning.name(), data));
        return new ProcessBuilder(command)
                .redirectError(run.resolveSibling("errors.txt").toFile())
                .start();
    }

    /** Reads what it prints until it is at {@code step}, or to the end. */
    static void await(Process process, String step) throws IOException {
        var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null && !line.equals(step); ) line = lines.readLine();
    }
}
