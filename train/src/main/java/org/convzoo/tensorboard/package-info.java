/**
 * What TensorBoard reads, written without TensorFlow. {@link org.convzoo.tensorboard.EventLog} makes the records of its
 * files.
 */
@NullMarked
package org.convzoo.tensorboard;

import org.jspecify.annotations.NullMarked;
