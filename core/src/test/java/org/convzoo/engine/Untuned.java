package org.convzoo.engine;

/** Engines for tests, which must neither take the time of measurements nor depend on them. */
public final class Untuned {
    public static final EngineOptions OPTIONS = EngineOptions.DEFAULTS.withTuning(Tuning.USUAL);

    private Untuned() {}

    public static Engine open() {
        return Engine.open(OPTIONS);
    }
}
