/**
 * What people look at: {@link org.convzoo.view.ShapeTable} is a network layer by layer,
 * {@link org.convzoo.view.Report} is a training run as one HTML file that needs nothing beside it.
 */
@NullMarked
package org.convzoo.view;

import org.jspecify.annotations.NullMarked;
