/**
 * What runs: {@link Program} is a list of steps over {@link Tensor tensors}, which get their places in one arena by
 * their lifetimes.
 */
@NullMarked
package org.convzoo.onednn.program;

import org.jspecify.annotations.NullMarked;
