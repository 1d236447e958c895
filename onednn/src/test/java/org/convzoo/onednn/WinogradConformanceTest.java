package org.convzoo.onednn;

import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineConformance;

/** With {@link Winograd} for every convolution that it can do, in a network of blocks, so that maps change layout. */
class WinogradConformanceTest extends EngineConformance {
    @Override
    protected Engine open() {
        return new OneDnnEngine(Tuner.forced(new Choice(Layout.BLOCKED, Winograd.Use.EVERYWHERE)));
    }
}
