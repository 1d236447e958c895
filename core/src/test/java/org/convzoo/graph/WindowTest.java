package org.convzoo.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.convzoo.graph.Window.k;

import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @Property(seed = "1")
    void theLastWindowIsTheLastThatFits(
            @ForAll @IntRange(min = 1, max = 60) int n,
            @ForAll @IntRange(min = 1, max = 7) int kernel,
            @ForAll @IntRange(min = 1, max = 5) int stride,
            @ForAll boolean padded,
            @ForAll @IntRange(min = 1, max = 3) int dilation) {
        int pad = padded ? kernel / 2 : 0, span = dilation * (kernel - 1) + 1;
        Window w = k(kernel).stride(stride).pad(pad).dilation(dilation, dilation);
        Shape in = new Shape(1, n, n);
        Assume.that(span <= n + 2 * pad);

        int fit = 0;
        for (int at = -pad; at + span <= n + pad; at += stride) fit++;
        assertThat(w.slide(in, 1).height()).isEqualTo(fit);

        int start = 0; // in ceil mode one more, if the last has not reached the end and it starts before it
        for (int at = -pad; at < n && (start == 0 || at - stride + span < n + pad); at += stride) start++;
        assertThat(w.ceilMode().slide(in, 1).height()).isEqualTo(start);
    }

    @Property(seed = "2")
    void paddingReachesAsFarAsTheWindows(
            @ForAll @IntRange(min = 1, max = 60) int n,
            @ForAll @IntRange(min = 1, max = 7) int kernel,
            @ForAll @IntRange(min = 1, max = 5) int stride,
            @ForAll boolean ceil) {
        Assume.that(n + 2 * (kernel % 2 == 1 ? kernel / 2 : 0) >= kernel);
        Window w = ceil ? k(kernel).stride(stride).ceilMode() : k(kernel).stride(stride);
        Shape in = new Shape(1, n, n);
        Window.Pads pads = w.pads(in);
        int reach = (w.slide(in, 1).height() - 1) * stride + kernel;
        assertThat(pads.top()).isEqualTo(w.ph());
        assertThat(pads.top() + n + pads.bottom()).isBetween(reach, reach + Math.max(stride, n) - 1);
        if (pads.bottom() > 0) assertThat(pads.top() + n + pads.bottom()).isEqualTo(reach);
    }

    /** TensorFlow's rule: out = ceil(n / stride), the padding in all max((out - 1) stride + kernel - n, 0). */
    @Property(seed = "3")
    void samePaddingDependsOnTheSize(
            @ForAll @IntRange(min = 1, max = 99) int n,
            @ForAll @IntRange(min = 1, max = 7) int kernel,
            @ForAll @IntRange(min = 1, max = 3) int stride) {
        Window w = k(kernel).stride(stride).padSame();
        Shape in = new Shape(1, n, n);
        int out = w.slide(in, 1).width();
        Window.Pads pads = w.pads(in);
        assertThat(out).isEqualTo((int) Math.ceil((double) n / stride));
        assertThat(pads.left() + pads.right()).isEqualTo(Math.max((out - 1) * stride + kernel - n, 0));
        assertThat(pads.right() - pads.left()).isBetween(0, 1);
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
