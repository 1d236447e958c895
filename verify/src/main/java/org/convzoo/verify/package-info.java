/**
 * Holds engines, networks and pictures against reference files. {@link org.convzoo.verify.NetworkCheck} compares a
 * network of the catalogue with what an independent implementation computed, {@link org.convzoo.verify.OperatorCheck}
 * single operators, {@link org.convzoo.verify.PixelCheck} decoding and resizing; each gives
 * {@link org.convzoo.verify.Finding}s. Weights and images come from
 * {@link org.convzoo.verify.ValueRule}, a formula instead of a file.
 */
@NullMarked
package org.convzoo.verify;

import org.jspecify.annotations.NullMarked;
