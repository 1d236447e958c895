/**
 * The native library as the engine sees it: its file, its objects and their one owner ({@link Natives}), layouts,
 * kernels, threads and native memory. The rooms above call the library by what is made here.
 */
@NullMarked
package org.convzoo.onednn.binding;

import org.jspecify.annotations.NullMarked;
