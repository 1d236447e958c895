/**
 * The library's door: its file, its objects and their one owner ({@link Natives}), layouts, kernels, threads and
 * native memory. Nothing above it calls the library but through what is made here.
 */
@NullMarked
package org.convzoo.onednn.binding;

import org.jspecify.annotations.NullMarked;
