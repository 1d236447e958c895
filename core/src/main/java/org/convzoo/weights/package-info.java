/**
 * Named arrays and their files. {@link org.convzoo.weights.Weights} are parameters and running statistics under their
 * published names; {@link org.convzoo.weights.SafeTensors} reads and writes them.
 */
@NullMarked
package org.convzoo.weights;

import org.jspecify.annotations.NullMarked;
