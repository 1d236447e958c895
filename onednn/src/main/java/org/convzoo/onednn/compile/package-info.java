/**
 * From a graph to a program. {@link org.convzoo.onednn.compile.Compilation} visits the nodes and holds what predictions
 * and training share;
 * {@link org.convzoo.onednn.compile.Inference} compiles predictions, {@link org.convzoo.onednn.compile.Training} gradients:
 * an op's steps forward and backward stand together, in {@code Training} or, where there is more to an op, in a class of
 * its own, and meet on the {@link org.convzoo.onednn.compile.Tape}. {@link org.convzoo.onednn.compile.Maps} gives tensors the
 * layouts that steps want. A new op is a method in {@code Inference} and one in {@code Training}; a new layout begins in
 * {@link org.convzoo.onednn.binding.Layout} and {@code Maps}; a choice of kernels in
 * {@link org.convzoo.onednn.compile.ConvolutionKernels} or beside it.
 */
@NullMarked
package org.convzoo.onednn.compile;

import org.jspecify.annotations.NullMarked;
