/**
 * The CPU engine: compiles a graph to primitives of oneDNN and runs them. Start with
 * {@link org.convzoo.onednn.OneDnnEngine}. {@link org.convzoo.onednn.compile.Training} and
 * {@link org.convzoo.onednn.compile.Inference} turn a graph into a {@link org.convzoo.onednn.program.Program}: steps over tensors,
 * which the program then places in one arena by their lifetimes. Feature maps are kept channels last (nhwc) through
 * the whole network, the layout of oneDNN's fastest kernels. No native object leaves the package.
 */
@NullMarked
package org.convzoo.onednn;

import org.jspecify.annotations.NullMarked;
