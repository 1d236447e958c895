/**
 * Named arrays and their files. {@link org.convzoo.weights.Weights} are parameters and running statistics under their
 * published names; {@link org.convzoo.weights.SafeTensors} reads and writes them, {@link org.convzoo.weights.TorchFile} and
 * {@link org.convzoo.weights.NumpyFile} read what others have written. Nothing in a file is ever executed.
 */
@NullMarked
package org.convzoo.weights;

import org.jspecify.annotations.NullMarked;
