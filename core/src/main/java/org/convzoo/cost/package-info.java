/**
 * What a network costs, told from its graph alone. Start with {@link org.convzoo.cost.Cost}: parameters,
 * multiply-accumulates, activations, receptive field and memory traffic of each layer and in total.
 * {@link org.convzoo.cost.Hint} names what ShuffleNetV2's guidelines would change.
 */
@NullMarked
package org.convzoo.cost;

import org.jspecify.annotations.NullMarked;
