/**
 * The decision by which plan a network runs: {@link Tuner} measures and remembers, {@link Race} compares.
 */
@NullMarked
package org.convzoo.onednn.tuning;

import org.jspecify.annotations.NullMarked;
