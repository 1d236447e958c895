/**
 * The catalogue: {@link org.convzoo.models.Models} lists every {@link org.convzoo.models.Architecture}, one file a
 * family. An architecture applied to a {@link org.convzoo.models.Task} (the images it sees, the classes it tells apart)
 * and {@link org.convzoo.models.Options} gives a graph.
 *
 * <p>The file of a family has its paper ({@code Family}), its variants as rows of the paper's table, and below them the
 * network and its blocks: functions from value to value, one line a layer. {@code Blocks} holds what several share.
 */
@NullMarked
package org.convzoo.models;

import org.jspecify.annotations.NullMarked;
