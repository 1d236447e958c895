/**
 * The CPU engine: compiles a graph to primitives of oneDNN and runs them. Start with
 * {@link org.convzoo.onednn.OneDnnEngine}. {@link org.convzoo.onednn.Training} and
 * {@link org.convzoo.onednn.Inference} turn a graph into a {@link org.convzoo.onednn.Program}: steps over tensors,
 * which the program then places in one arena by their lifetimes. Feature maps are kept channels last (nhwc) through
 * the whole network, the layout of oneDNN's fastest kernels. No native object leaves the package.
 */
@NullMarked
package org.convzoo.onednn;

import org.jspecify.annotations.NullMarked;
