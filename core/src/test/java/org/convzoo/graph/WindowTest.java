package org.convzoo.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.convzoo.graph.Window.k;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WindowTest {
    /** Sizes that PyTorch 2.15 gives. */
    @ParameterizedTest
    @CsvSource({
        "224, 7, 2, 3, 1, false, 112",
        "224, 11, 4, 2, 1, false, 55",
        "112, 3, 2, 0, 1, false, 55",
        "112, 3, 2, 0, 1, true, 56",
        "7, 2, 2, 0, 1, true, 4",
        "2, 3, 2, 0, 1, true, 1",
        "1, 2, 2, 0, 1, true, 1",
        "5, 2, 2, 1, 1, true, 3",
        "6, 2, 2, 1, 1, true, 4",
        "4, 1, 3, 0, 1, true, 2",
        "3, 1, 3, 0, 1, true, 1",
        "9, 3, 1, 2, 2, false, 9",
        "9, 3, 2, 0, 2, false, 3",
        "14, 5, 3, 0, 1, false, 4"
    })
    void slidesAsPyTorchDoes(int n, int kernel, int stride, int pad, int dilation, boolean ceil, int out) {
        Window w = k(kernel).stride(stride).pad(pad).dilation(dilation, dilation);
        assertThat((ceil ? w.ceilMode() : w).slide(new Shape(1, n, n), 2)).isEqualTo(new Shape(2, out, out));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void theLastWindowIsTheLastThatFits(int kernel) {
        for (int stride = 1; stride <= 5; stride++)
            for (int dilation = 1; dilation <= 3; dilation++)
                for (int pad : new int[] {0, kernel / 2}) {
                    int span = dilation * (kernel - 1) + 1;
                    Window w = k(kernel).stride(stride).pad(pad).dilation(dilation, dilation);
                    for (int n = Math.max(1, span - 2 * pad); n <= 60; n++) {
                        Shape in = new Shape(1, n, n);

                        int fit = 0;
                        for (int at = -pad; at + span <= n + pad; at += stride) fit++;
                        assertThat(w.slide(in, 1).height()).as("%s on %d", w, n).isEqualTo(fit);

                        int start = 0; // in ceil mode one more, if the last has not reached the end but the next begins
                        // before
                        for (int at = -pad; at < n && (start == 0 || at - stride + span < n + pad); at += stride)
                            start++;
                        assertThat(w.ceilMode().slide(in, 1).height())
                                .as("%s in ceil mode on %d", w, n)
                                .isEqualTo(start);
                    }
                }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void paddingReachesAsFarAsTheWindows(int kernel) {
        for (int stride = 1; stride <= 5; stride++)
            for (Window w : new Window[] {
                k(kernel).stride(stride), k(kernel).stride(stride).ceilMode()
            })
                for (int n = Math.max(1, kernel - 2 * w.ph()); n <= 60; n++) {
                    Shape in = new Shape(1, n, n);
                    Window.Pads pads = w.pads(in);
                    int reach = (w.slide(in, 1).height() - 1) * stride + kernel, all = pads.top() + n + pads.bottom();
                    assertThat(pads.top()).isEqualTo(w.ph());
                    assertThat(all).as("%s on %d", w, n).isBetween(reach, reach + Math.max(stride, n) - 1);
                    if (pads.bottom() > 0) assertThat(all).as("%s on %d", w, n).isEqualTo(reach);
                }
    }

    /** TensorFlow's rule: out = ceil(n / stride), the padding in all max((out - 1) stride + kernel - n, 0). */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void samePaddingDependsOnTheSize(int kernel) {
        for (int stride = 1; stride <= 3; stride++)
            for (int n = 1; n < 100; n++) {
                Window w = k(kernel).stride(stride).padSame();
                Shape in = new Shape(1, n, n);
                int out = w.slide(in, 1).width();
                Window.Pads pads = w.pads(in);
                assertThat(out).as("%s on %d", w, n).isEqualTo((int) Math.ceil((double) n / stride));
                assertThat(pads.left() + pads.right())
                        .as("%s on %d", w, n)
                        .isEqualTo(Math.max((out - 1) * stride + kernel - n, 0));
                assertThat(pads.right() - pads.left()).isBetween(0, 1);
            }
    }

    @Test
    void sidesMayDiffer() {
        Window w = k(1, 7).stride(2, 3);
        assertThat(w.slide(new Shape(3, 9, 10), 4)).isEqualTo(new Shape(4, 5, 4));
        assertThat(w.pads(new Shape(3, 9, 10))).isEqualTo(new Window.Pads(0, 3, 0, 3));
        assertThat(w).hasToString("1x7/2x3");
    }

    @Test
    void saysWhatDoesNotFit() {
        assertThatThrownBy(() -> k(5).pad(0).slide(new Shape(1, 4, 9), 1))
                .hasMessage("a kernel of 5 does not fit in a size of 4 padded by 0; use a larger image");
        assertThatThrownBy(() -> k(3).stride(2).pad(0).ceilMode().slide(new Shape(1, 9, 1), 1))
                .hasMessage("a kernel of 3 does not fit in a size of 1 padded by 0; use a larger image");
        assertThatThrownBy(() -> k(3).slide(new Shape(10), 1)).hasMessageContaining("needs a feature map");
    }
}
