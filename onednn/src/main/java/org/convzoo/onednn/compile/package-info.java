/**
 * From graphs to programs: {@link Inference} for predictions, {@link Training} for gradients.
 */
@NullMarked
package org.convzoo.onednn.compile;

import org.jspecify.annotations.NullMarked;
