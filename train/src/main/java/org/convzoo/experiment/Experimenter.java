package org.convzoo.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.convzoo.engine.Engine;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.DivergedException;
import org.convzoo.failure.StoppedException;
import org.convzoo.failure.WrongUseException;
import org.convzoo.images.Splits;
import org.convzoo.train.RunDirectory;
import org.convzoo.train.TrainListener;
import org.convzoo.train.TrainRequest;
import org.convzoo.train.Trainer;

/**
 * Runs experiments. Each arm has a run for each seed, which is like any other run, in the directory {@code ARM/seed-1}. An
 * experiment that was stopped, however, goes on where it was: what has ended or diverged is not trained again.
 *
 * @param engine what computes; it stays open
 */
public record Experimenter(Engine engine, Listener listener) {
    /** Hears how an experiment goes, on the training thread. */
    public interface Listener {
        /** Before a run, {@code number} from 1 of {@code count}, which may have ended already; who hears how it goes. */
        TrainListener run(Arm arm, long seed, int number, int count);

        /** After a run: the results so far, its own the last. */
        void ended(List<Result> results) throws IOException;
    }

    /**
     * Runs all arms with one seed, then all with the next.
     *
     * @param data a specification for {@link Splits#open}, of which a part is used
     * @param directory absent, empty, or one in which this experiment was begun
     * @return the results of all runs
     * @throws WrongUseException where there is no such data set, or the directory holds something else
     * @throws BrokenFileException where pictures or the directory's files cannot be read
     * @throws StoppedException where the thread was interrupted
     * @throws IOException where the directory cannot be written
     */
    public List<Result> run(Experiment experiment, Experiment.Size size, String data, Path directory)
            throws IOException {
        Splits splits = Splits.open(size.part(data));
        List<Planned> plan = new ArrayList<>(); // what does not fit shows before anything is made
        for (int seed = 1; seed <= size.seeds(); seed++)
            for (Arm arm : experiment.arms())
                plan.add(new Planned(arm, seed, experiment.request(arm, splits, size, seed)));
        Protocol protocol = new Protocol(experiment.name(), splits.spec(), size, Map.of()).in(directory);
        protocol.write(directory);
        List<Result> results = new ArrayList<>();
        for (Planned next : plan) {
            TrainListener heard = listener.run(next.arm, next.seed, results.size() + 1, plan.size());
            RunDirectory run = new RunDirectory(directory.resolve(next.name()));
            double top1 = Double.NaN;
            if (!protocol.diverged().containsKey(next.name())) {
                try {
                    top1 = new Trainer(engine)
                            .withListener(heard)
                            .complete(next.request, run)
                            .top1();
                } catch (DivergedException e) {
                    protocol = protocol.with(next.name(), String.valueOf(e.getMessage()));
                    protocol.write(directory);
                }
            }
            results.add(new Result(
                    next.arm,
                    next.request.graph(),
                    next.seed,
                    run.path(),
                    run.history(),
                    top1,
                    protocol.diverged().getOrDefault(next.name(), "")));
            listener.ended(List.copyOf(results));
        }
        return results;
    }

    private record Planned(Arm arm, long seed, TrainRequest request) {
        /** Of its folder. */
        String name() {
            return arm.name() + "/seed-" + seed;
        }
    }
}
