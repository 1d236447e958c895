/**
 * The CPU engine: compiles a graph to primitives of oneDNN and runs them. Here stand the engine and what it makes:
 * start with {@link org.convzoo.onednn.OneDnnEngine}, then see a learner, a predictor and a probe. What they need is in
 * rooms, each of which sees only those before it: {@link org.convzoo.onednn.binding} the native library, {@link
 * org.convzoo.onednn.program} steps over tensors that share an arena, {@link org.convzoo.onednn.loops} loops in Java,
 * {@link org.convzoo.onednn.winograd} convolutions with fewer multiplications, {@link org.convzoo.onednn.compile} from
 * a graph to a program, {@link org.convzoo.onednn.tuning} which plan is fastest. No native object leaves the engine,
 * and nobody outside it uses its rooms.
 */
@NullMarked
package org.convzoo.onednn;

import org.jspecify.annotations.NullMarked;
