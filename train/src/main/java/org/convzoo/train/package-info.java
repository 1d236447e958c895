/**
 * Training and what it leaves. {@link org.convzoo.train.Trainer} trains a network by a {@link
 * org.convzoo.recipe.Recipe} into a {@link org.convzoo.train.RunDirectory}, from which it can be resumed exactly; {@link
 * org.convzoo.classify.Model} is the trained network that everything else reads, {@link
 * org.convzoo.train.Evaluation} how it does.
 */
@NullMarked
package org.convzoo.train;

import org.jspecify.annotations.NullMarked;
