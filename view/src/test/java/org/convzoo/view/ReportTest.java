package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final List<String> DIGITS =
            IntStream.range(0, 10).mapToObj(Integer::toString).toList();

    @TempDir
    Path directory;

    @Test
    void tellsResultCurvesClassesMistakesAndLayers() throws IOException {
        new Report().write(Sample.run(directory, "lenet", DIGITS, 28, 1, 12));

        String html = Files.readString(directory.resolve("report.html"));
        assertThat(html)
                .contains("lenet on made &lt;up&gt;")
                .contains("How it learned", "What is taken for what", "Class by class", "The worst mistakes")
                .contains("<li><b>1</b> taken for <b>0</b>, 1") // 10 of 30 and what chance adds
                .contains("test, epoch 12: 97.9 %")
                .contains("61,706") // LeNet-5's parameters
                .contains("./convzoo predict " + directory);
        assertThat(html.split("<svg", -1)).hasSize(1 + 3);
        String figure = html.replaceAll("(?s).*src=\"data:image/svg.xml;base64,([^\"]+)\".*", "$1");
        assertThat(new String(Base64.getDecoder().decode(figure), StandardCharsets.UTF_8))
                .startsWith("<svg ")
                .contains("5×5 conv, 16");
        assertThat(html.split("src=\"data:image/png;base64,", -1)).hasSize(1 + 24);
        assertThat(html).doesNotContain("<script", "http://", "https://", "<link", "@import", "url(");
    }

    @Test
    void manyClassesHaveNoMatrixButTheWorstPairs() throws IOException {
        List<String> classes =
                IntStream.range(0, 100).mapToObj(k -> "class " + k).toList();
        String html = new ReportPage(Sample.run(directory, "resnet18", classes, 32, 3, 1)).html();

        assertThat(html)
                .doesNotContain("What is taken for what", "class=\"confusion")
                .contains("<b>class 1</b> taken for <b>class 0</b>");
    }
}
