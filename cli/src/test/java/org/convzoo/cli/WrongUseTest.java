package org.convzoo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be done is told in one line on standard error, with exit code 2. */
class WrongUseTest {
    @TempDir
    Path directory;

    private static void refused(Cli result, String... parts) {
        assertThat(result.err().lines()).as(result.err()).hasSize(1);
        assertThat(result.err()).startsWith("convzoo: ").contains(parts);
        assertThat(result.out()).isEmpty();
        assertThat(result.code()).isEqualTo(2);
    }

    @Test
    void unknownNetworkSuggestsTheNearest() {
        refused(Cli.run("show", "resnet19"), "no network is named 'resnet19'", "resnet18");
        refused(Cli.run("train", "letnet"), "'letnet'", "lenet");
        refused(Cli.run("bench", "rsnet50"), "resnet50");
    }

    @Test
    void unknownCommandOrOptionSuggestsTheNearest() {
        refused(Cli.run("trian"), "there is no command 'trian'", "train");
        refused(Cli.run("train", "lenet", "--epoch", 3), "there is no option '--epoch'", "--epochs");
        refused(Cli.run("show"), "NAME", "convzoo show --help");
        refused(Cli.run("train", "lenet", "--epochs", "many"), "--epochs", "many");
        refused(Cli.run("train", "lenet", "--clip", -1), "clip", "0 for no limit");
        refused(Cli.run("train", "lenet", "--ema", 1), "ema", "under 1");
        refused(Cli.run("train", "lenet", "--precision", "f16"), "--precision", "expected f32 or bf16", "'f16'");
        refused(Cli.run("evaluate", "run", "--precision", "exact"), "--precision", "expected f32 or bf16");
    }

    @Test
    void imageThatTheNetworkCannotTakeNamesTheLayer() {
        refused(Cli.run("show", "alexnet", "--image", "3x20x20"), "alexnet/features.", "use a larger image");
        refused(Cli.run("show", "alexnet", "--image", "big"), "'big' is no shape", "3x224x224");
        refused(Cli.run("show", "alexnet", "--image", "224x224"), "channels, height and width");
        refused(Cli.run("show", "alexnet", "--classes", "1"), "at least 2 classes");
    }

    @Test
    void whatCannotBeMeasuredIsToldBeforeAnythingIs() {
        refused(Cli.run("bench", "lenet", "--batch", 0), "--batch is at least 1");
        refused(Cli.run("bench", "lenet", "--threads", 0), "--threads is at least 1");
        refused(Cli.run("bench", "lenet", "--precision", "fp8"), "--precision", "expected f32 or bf16");
        refused(Cli.run("bench", "lenet", "--checkpointing"), "--checkpointing goes with --train");
        refused(Cli.run("bench", "lenet", "--freeze", "features"), "--freeze goes with --train");
        refused(Cli.run("bench", "lenet", "--train", "--freeze", "feature.*"), "no parameter", "near are features.0");
        refused(Cli.run("bench", "lenet", "--train", "--freeze", "*"), "nothing would learn");
        refused(Cli.run("bench", "lenet", "--csv", "--json"), "--csv", "--json");
        refused(Cli.run("bench", "lenet", "--csv", "--profile"), "--profile and --svg go with the table");
        refused(Cli.run("bench", "lenet", "--svg", directory.resolve("a.svg")), "--svg draws one network", "--batch N");
        refused(Cli.run("bench", "lenet", "vgg16", "--worker"), "take one network");
        refused(Cli.run("bench", "lenet", "--first", directory.resolve("w"), "--train"), "leave out --train");
    }

    @Test
    void unknownOptionOfANetworkNamesThoseItHas() {
        refused(Cli.run("show", "alexnet", "-O", "norm=true"), "alexnet has no option 'norm'", "lrn");
        refused(Cli.run("show", "alexnet", "-O", "lrn=maybe"), "true or false");
    }

    @Test
    void whatIsNoReferenceFileDeparts() throws IOException {
        Path text = Files.writeString(directory.resolve("a.json"), "no json");
        Path other = Files.writeString(directory.resolve("b.json"), "{\"a\": 1}");

        Cli result = Cli.run("verify", text, other, directory.resolve("none.json"));

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out().lines())
                .hasSize(3)
                .satisfiesExactly(
                        l -> assertThat(l).contains("a.json: no JSON"),
                        l -> assertThat(l).contains("b.json: no reference file"),
                        l -> assertThat(l).contains("none.json: there is no such file"));
    }
}
