package org.convzoo.onednn;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineEndurance;
import org.convzoo.engine.References;
import org.convzoo.onednn.binding.Layout;
import org.convzoo.onednn.compile.Plan;
import org.convzoo.onednn.tuning.Tuner;
import org.convzoo.onednn.winograd.WinogradUse;

/** All convolutions that can be computed as Winograd has it, in networks of maps that lie channels last. */
class WinogradConformanceIT extends EngineEndurance {
    @Override
    protected Engine open() {
        return new OneDnnEngine(Tuner.forced(new Plan(Layout.CHANNELS_LAST, WinogradUse.EVERYWHERE)));
    }

    /** The references of networks in which Winograd computes the most. */
    @Override
    protected boolean takes(String file) {
        return Stream.of("vgg16_bn", "resnet50", "res2net50_26w_4s", "inception_v4")
                .anyMatch(n -> file.startsWith(n + "-"));
    }

    @Override
    protected JsonNode asked(JsonNode file) {
        return References.withoutSteps(file);
    }
}
