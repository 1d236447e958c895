package org.convzoo.onednn;

import org.convzoo.engine.Engine;
import org.convzoo.engine.GroupConformance;
import org.convzoo.engine.LearnerConformance;
import org.convzoo.engine.PredictorConformance;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.compile.Plan;
import org.convzoo.onednn.tuning.Tuner;
import org.convzoo.onednn.winograd.WinogradUse;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/**
 * All convolutions that can be computed as Winograd has it, in networks of blocks, so that maps change layout; and
 * predictions in {@link Parts}.
 */
@Tag("thorough")
class WinogradConformanceTest {
    private static Engine forced() {
        return new OneDnnEngine(Tuner.forced(new Plan(Layout.BLOCKED, WinogradUse.EVERYWHERE).inParts()));
    }

    @Nested
    class Operators extends ForcedOperators {
        @Override
        protected Engine open() {
            return forced();
        }
    }

    @Nested
    class Learners extends LearnerConformance {
        @Override
        protected Engine open() {
            return forced();
        }
    }

    @Nested
    class Groups extends GroupConformance {
        @Override
        protected Engine open() {
            return forced();
        }
    }

    @Nested
    class Predictors extends PredictorConformance {
        @Override
        protected Engine open() {
            return forced();
        }
    }
}
