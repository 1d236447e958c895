/**
 * Loops in Java, over native memory, where the library has no kernel or a worse one. Start with {@link Flat} and
 * {@link Norm}.
 */
@NullMarked
package org.convzoo.onednn.loops;

import org.jspecify.annotations.NullMarked;
