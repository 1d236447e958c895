/**
 * The catalogue: {@link org.convzoo.models.Models} lists every {@link org.convzoo.models.Architecture}, one file a
 * family. An architecture applied to a {@link org.convzoo.models.Task} (the images it sees, the classes it tells apart)
 * and {@link org.convzoo.models.Options} gives a graph.
 */
@NullMarked
package org.convzoo.models;

import org.jspecify.annotations.NullMarked;
