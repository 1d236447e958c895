package org.convzoo.engine;

/** How an engine decides between several right ways to run a network. */
public enum Tuning {
    /** By measuring each network once on this machine; what was the fastest is remembered in a file. */
    MEASURED,
    /** Without measuring: for a few predictions, and for results that must not depend on a measurement. */
    USUAL
}
