/**
 * How a network is trained, as data. {@link org.convzoo.recipe.Recipe} has it all; {@link org.convzoo.recipe.Recipes} chooses
 * the one to start from by the network and the pictures, {@link org.convzoo.recipe.PaperRecipe} has those of papers. What a
 * training decides by its epochs, {@link org.convzoo.recipe.Validation} and {@link org.convzoo.recipe.Schedule}, reads their
 * {@link org.convzoo.recipe.EpochMetrics}.
 */
@NullMarked
package org.convzoo.recipe;

import org.jspecify.annotations.NullMarked;
