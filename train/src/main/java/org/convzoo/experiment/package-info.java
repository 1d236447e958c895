/**
 * The papers' figures on data that one has. An {@link org.convzoo.experiment.Experiment} is data: trainings that differ in
 * what a paper is about, and what the paper says of them; {@link org.convzoo.experiment.Experiments} has them. {@link
 * org.convzoo.experiment.Experimenter} runs one with several seeds, and {@link org.convzoo.experiment.Judgement} tells by
 * the results alone whether what the paper says shows.
 */
@NullMarked
package org.convzoo.experiment;

import org.jspecify.annotations.NullMarked;
