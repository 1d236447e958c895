/**
 * Trained networks and their files. {@link org.convzoo.classify.Model} is a network with its weights and all that is
 * needed to use it, {@link org.convzoo.classify.CheckpointFile} what a training in progress keeps of it.
 */
@NullMarked
package org.convzoo.classify;

import org.jspecify.annotations.NullMarked;
