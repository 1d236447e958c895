/**
 * Convolutions of 3x3 with a quarter of the multiplications. Start with {@link WinogradConvolution};
 * {@link WinogradUse} says which convolutions of a network are computed so.
 */
@NullMarked
package org.convzoo.onednn.winograd;

import org.jspecify.annotations.NullMarked;
