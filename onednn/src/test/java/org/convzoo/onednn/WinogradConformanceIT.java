package org.convzoo.onednn;

import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineEndurance;

/** With {@link Winograd} for every convolution that it can do, in networks of maps that lie channels last. */
class WinogradConformanceIT extends EngineEndurance {
    @Override
    protected Engine open() {
        return new OneDnnEngine(Tuner.forced(new Choice(Layout.CHANNELS_LAST, Winograd.Use.EVERYWHERE)));
    }
}
