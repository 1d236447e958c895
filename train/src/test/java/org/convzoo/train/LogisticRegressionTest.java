package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Numbers of scikit-learn 1.9's LogisticRegression, with features shifted and scaled alike and C = 1 / (penalty rows). */
class LogisticRegressionTest {
    private static final int ROWS = 24, FEATURES = 4;

    private final float[] x = new float[ROWS * FEATURES];
    private final int[] labels = new int[ROWS];

    LogisticRegressionTest() {
        for (int n = 0; n < ROWS; n++) {
            for (int d = 0; d < FEATURES; d++) x[n * FEATURES + d] = (7 * n * n + 3 * n * d + 5 * d) % 11 / 4f + d;
            labels[n] = (n * n + n / 3) % 3;
        }
    }

    @Test
    void findsTheMinimum() {
        LogisticRegression.Layer strict = LogisticRegression.fit(x, labels, 3, 0.3, 0);
        assertThat(strict.weight())
                .containsExactly(
                        new float[] {
                            0.03839f, -0.05439f, 0.2781f, -0.32314f, -0.01152f, 0.078f, -0.30035f, 0.02945f, -0.02688f,
                            -0.02361f, 0.02225f, 0.29368f
                        },
                        within(1e-3f));
        assertThat(strict.bias()).containsExactly(new float[] {0.44771f, 0.75715f, -1.20486f}, within(0.01f));
        assertThat(strict.loss()).isCloseTo(0.996073, within(1e-3));
        assertThat(strict.top1()).isEqualTo(0.5);

        LogisticRegression.Layer loose = LogisticRegression.fit(x, labels, 3, 0.01, 0);
        assertThat(loose.loss()).isCloseTo(0.936806, within(1e-4));
        assertThat(loose.bias()).containsExactly(new float[] {2.09244f, 2.73289f, -4.82533f}, within(0.05f));
    }

    /** There every row stands once for each class, with a weight. */
    @Test
    void smoothsLabels() {
        LogisticRegression.Layer layer = LogisticRegression.fit(x, labels, 3, 0.3, 0.2);
        assertThat(layer.weight())
                .containsExactly(
                        new float[] {
                            0.02934f, -0.04305f, 0.21942f, -0.25217f, -0.00909f, 0.06225f, -0.23868f, 0.02012f,
                            -0.02024f, -0.0192f, 0.01926f, 0.23205f
                        },
                        within(1e-3f));
        assertThat(layer.bias()).containsExactly(new float[] {0.34846f, 0.61378f, -0.96224f}, within(0.01f));
        assertThat(layer.loss()).isCloseTo(1.034013, within(1e-3));
    }

    @Test
    void takesFeaturesThatAreTheSameInAllImages() {
        LogisticRegression.Layer layer = LogisticRegression.fit(new float[ROWS * FEATURES], labels, 3, 0.1, 0);
        assertThat(layer.weight()).containsOnly(0);
        assertThat(layer.loss()).isLessThan(Math.log(3));
        assertThat(layer.bias()).doesNotContain(Float.NaN);
    }

    /** Blocks of the product that are not full, classes of one picture. */
    @Test
    void takesAnyNumberOfImagesAndFeatures() {
        for (int rows : new int[] {2, 5, 513, 1030}) {
            for (int features : new int[] {1, 3, 6}) {
                float[] all = new float[rows * features];
                int[] classes = new int[rows];
                for (int n = 0; n < rows; n++) {
                    classes[n] = n % 2;
                    for (int d = 0; d < features; d++) all[n * features + d] = (n % 2 == 0 ? 1 : -1) + 0.01f * (n % 7);
                }
                LogisticRegression.Layer layer = LogisticRegression.fit(all, classes, 2, 1e-3, 0);
                assertThat(layer.top1()).as(rows + " x " + features).isEqualTo(1);
                assertThat(layer.loss()).isLessThan(0.05);
            }
        }
    }
}
