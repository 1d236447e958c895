/**
 * Which plan a network runs by: {@link Tuner} measures and remembers, {@link Race} compares.
 */
@NullMarked
package org.convzoo.onednn.tuning;

import org.jspecify.annotations.NullMarked;
