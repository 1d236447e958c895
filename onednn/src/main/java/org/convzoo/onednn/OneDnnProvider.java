package org.convzoo.onednn;

import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineOptions;
import org.convzoo.failure.WrongUseException;
import org.convzoo.onednn.binding.Dnnl;
import org.convzoo.onednn.binding.Library;

/** Offers the engine to Java's {@link java.util.ServiceLoader}. */
public final class OneDnnProvider implements Engine.Provider {
    @Override
    public String name() {
        return "onednn";
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public Engine open(EngineOptions options) {
        try {
            Library.load();
            Dnnl.version();
        } catch (LinkageError e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new WrongUseException(
                    "the oneDNN library does not load on " + System.getProperty("os.name") + " "
                            + System.getProperty("os.arch") + ": " + cause.getMessage(),
                    e);
        }
        return new OneDnnEngine(options);
    }
}
