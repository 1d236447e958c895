/**
 * What executes graphs. {@link org.convzoo.engine.Engine} gives a {@link org.convzoo.engine.Learner} to train, a
 * {@link org.convzoo.engine.Predictor} to classify and a {@link org.convzoo.engine.Probe} to look inside. Weights and
 * images cross this border as buffers in plain row-major layout; native memory stays on the engine's side and is freed
 * by {@code close}.
 */
@NullMarked
package org.convzoo.engine;

import org.jspecify.annotations.NullMarked;
