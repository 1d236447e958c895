package org.convzoo.onednn;

import org.convzoo.engine.Engine;
import org.convzoo.engine.GroupConformance;
import org.convzoo.engine.LearnerConformance;
import org.convzoo.engine.PredictorConformance;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.tuning.Tuner;
import org.junit.jupiter.api.Nested;

/** With all maps in blocks, even where the tuner would choose channels last. */
class BlockedConformanceTest {
    private static Engine forced() {
        return new OneDnnEngine(Tuner.forced(Layout.BLOCKED));
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
