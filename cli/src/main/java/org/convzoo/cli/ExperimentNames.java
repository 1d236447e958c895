package org.convzoo.cli;

import java.util.Iterator;
import org.convzoo.experiment.Experiment;
import org.convzoo.experiment.Experiments;

/** The experiments' names, for shells to complete. */
final class ExperimentNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        return Experiments.all().stream().map(Experiment::name).iterator();
    }
}
