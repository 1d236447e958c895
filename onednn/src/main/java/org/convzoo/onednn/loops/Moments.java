package org.convzoo.onednn.loops;

import org.convzoo.onednn.program.Tensor;

/**
 * Sums of a map's values and of their squares, of each channel in short runs of pixels.
 *
 * @param sums a run's channels side by side, run after run as they lie in the map
 * @param squares the sums of the squares, which lie alike
 */
public record Moments(Tensor sums, Tensor squares) {}
