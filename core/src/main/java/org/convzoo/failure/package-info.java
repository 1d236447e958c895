/**
 * What goes wrong, as exceptions that say in one line what failed, where, and what to do about it.
 * {@link org.convzoo.failure.ConvzooException} is what all of them are.
 */
@NullMarked
package org.convzoo.failure;

import org.jspecify.annotations.NullMarked;
