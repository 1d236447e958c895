package org.convzoo.onednn;

import org.convzoo.engine.Engine;

/** How the engine is found. */
public final class OneDnnProvider implements Engine.Provider {
    @Override
    public String name() {
        return "onednn";
    }

    @Override
    public Engine open() {
        try {
            Dnnl.version();
        } catch (LinkageError e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException(
                    "the oneDNN library does not load on " + System.getProperty("os.name") + " "
                            + System.getProperty("os.arch") + ": " + cause.getMessage(),
                    e);
        }
        return new OneDnnEngine();
    }
}
