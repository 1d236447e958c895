/**
 * What people look at: {@link org.convzoo.view.ShapeTable} is a network layer by layer,
 * {@link org.convzoo.view.CostTable} what its layers cost, {@link org.convzoo.view.Diagram} its architecture as a
 * figure, {@link org.convzoo.view.Comparison} several side by side; {@link org.convzoo.view.Profile} is where the time
 * of one goes; {@link org.convzoo.view.Report} leaves a training run as one HTML file that needs nothing beside it,
 * {@link org.convzoo.view.FindingsPage} what was found in a data set.
 */
@NullMarked
package org.convzoo.view;

import org.jspecify.annotations.NullMarked;
