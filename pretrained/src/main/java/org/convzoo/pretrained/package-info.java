/** Weights that others trained: the published ones by name, and files of other libraries. */
@NullMarked
package org.convzoo.pretrained;

import org.jspecify.annotations.NullMarked;
