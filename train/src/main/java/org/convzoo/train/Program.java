package org.convzoo.train;

/** What this program is called in files and on pages. */
public final class Program {
    private Program() {}

    /** The version in the jar's manifest, or that there is none. */
    static String version() {
        String version = Program.class.getPackage().getImplementationVersion();
        return version == null ? "not packaged" : version;
    }

    /** {@code convzoo 1.0, Java 25}: its version and the Java that runs it. */
    public static String text() {
        String version = version();
        return "convzoo " + (version.contains(" ") ? "(" + version + ")" : version) + ", Java " + Runtime.version();
    }
}
