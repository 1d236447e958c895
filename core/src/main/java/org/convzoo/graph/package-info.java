/**
 * The vocabulary in which networks are written. Start with {@link org.convzoo.graph.Graph}: a network is a small
 * immutable graph, traced once by applying a {@link org.convzoo.graph.Layer} to a symbolic
 * {@link org.convzoo.graph.Value}. Shapes, parameters, costs, engines and diagrams all read that graph.
 */
@NullMarked
package org.convzoo.graph;

import org.jspecify.annotations.NullMarked;
