/**
 * Trained networks and what they say of pictures. {@link org.convzoo.classify.Classifier} is the way in: it opens a run
 * directory or a file and classifies. {@link org.convzoo.classify.Model} is a network with its weights and all that is
 * needed to use it, {@link org.convzoo.classify.GraphJson} how its file describes the network, and
 * {@link org.convzoo.classify.CheckpointFile} what a training in progress keeps of it.
 */
@NullMarked
package org.convzoo.classify;

import org.jspecify.annotations.NullMarked;
