package org.convzoo.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.convzoo.images.Augmentation;
import org.convzoo.images.Dataset;
import org.convzoo.images.Form;
import org.convzoo.images.Picture;
import org.convzoo.images.Splits;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.train.TrainRequest;
import org.junit.jupiter.api.Test;

class PreviewPageTest {
    private static TrainRequest request(int classes) {
        List<String> labels =
                IntStream.range(0, classes).mapToObj(k -> "class <" + k + ">").toList();
        Dataset photos = Sample.noise(classes);
        return TrainRequest.of(
                Models.named("lenet"),
                Options.NONE,
                Task.mnist().classes(classes),
                Splits.of("folder:/x/my photos", labels, Form.PHOTOS, photos, photos));
    }

    private static int count(String html, String part) {
        return html.split(part, -1).length - 1;
    }

    @Test
    void showsTwoPicturesOfEachClassAsTheyAreInATestAndInTraining() {
        String html = new PreviewPage(request(3)).html();

        assertThat(html)
                .contains("What lenet on my photos will see", "Images of 1x28x28.", "class &lt;2&gt;", "in training")
                .doesNotContain("class <2>", "<script", "http://", "https://");
        assertThat(count(html, "<tr><td")).isEqualTo(6);
        assertThat(count(html, "<img")).isEqualTo(6 * (1 + 1 + 6));
    }

    @Test
    void ofManyClassesItShowsSome() {
        String html = new PreviewPage(request(50)).html();

        assertThat(html).contains("12 of 50 classes", "class &lt;0&gt;", "class &lt;45&gt;");
        assertThat(count(html, "<tr><td")).isEqualTo(24);
    }

    @Test
    void whereNothingIsChangedThereIsNothingMoreToShow() {
        TrainRequest plain = request(2);
        String html = new PreviewPage(plain.withRecipe(plain.recipe().withAugmentation(Augmentation.NONE))).html();

        assertThat(html).contains("nothing is changed at random").doesNotContain("in training</th>");
        assertThat(count(html, "<img")).isEqualTo(4 * 2);
    }

    /** Pictures of the network's size, of which the transform changes nothing but bytes into floats. */
    @Test
    void whatIsShownIsWhatTheNetworkIsGiven() {
        byte[] pixels = new byte[28 * 28];
        new Random(1).nextBytes(pixels);
        pixels[0] = (byte) 255;
        Picture picture = new Picture(28, 28, 1, pixels);
        Dataset one = new Dataset() {
            @Override
            public int size() {
                return 2;
            }

            @Override
            public int label(int i) {
                return i;
            }

            @Override
            public Picture picture(int i) {
                return picture;
            }

            @Override
            public String name(int i) {
                return Integer.toString(i);
            }
        };
        TrainRequest request =
                TrainRequest.of(Models.named("lenet"), Splits.of("two", List.of("a", "b"), Form.GARMENTS, one, one));
        String same = Html.dataUri(picture);

        String html = new PreviewPage(request.withRecipe(
                        request.recipe().withAugmentation(Augmentation.of(new Augmentation.Flip(1)))))
                .html();

        assertThat(count(html, java.util.regex.Pattern.quote(same))).isGreaterThanOrEqualTo(2);
    }
}
