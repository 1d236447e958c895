package org.convzoo.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.convzoo.engine.Batch;
import org.convzoo.engine.Engine;
import org.convzoo.engine.Learner;
import org.convzoo.engine.Optimizer;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.models.Architecture;
import org.convzoo.models.Models;
import org.convzoo.models.Options;
import org.convzoo.models.Task;
import org.convzoo.verify.ValueRule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every parameter of every network learns: its gradient is finite and not all zero. */
class OneDnnGradientsIT {
    private static final int IMAGES = 4;

    static Stream<String> names() {
        return Models.all().stream().map(Architecture::name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyParameterHasAGradient(String name) {
        Graph graph = small(Models.named(name));
        var sgd = new Optimizer.Sgd(0, false, Optimizer.Decay.NONE);
        try (Engine engine = Engine.named("onednn");
                Learner learner = engine.learner(graph, ValueRule.state(graph, 1), sgd, false, 1)) {
            learner.gradients(Batch.labelled(ValueRule.images(graph.input().shape(), IMAGES), 4, 0, 1, 2, 3));
            List<String> without = new ArrayList<>();
            learner.gradientsByName().tensors().forEach((parameter, g) -> {
                boolean some = false, finite = true;
                for (float f : g.toArray()) {
                    some |= f != 0;
                    finite &= Float.isFinite(f);
                }
                if (!some || !finite) without.add(parameter);
            });
            assertThat(without).isEmpty();
        }
    }

    /** For four classes and the smallest image, from 64 pixels up, that the network can take. */
    private static Graph small(Architecture a) {
        Shape usual = a.usual().image();
        for (int side = Math.min(64, usual.height()); ; side += 32) {
            try {
                return a.graph(new Task(new Shape(usual.channels(), side, side), 4), Options.NONE);
            } catch (IllegalArgumentException tooSmall) {
                if (side > usual.height()) throw tooSmall;
            }
        }
    }
}
