package org.convzoo.train;

/** This version of convzoo, as files and pages name it. */
public final class ConvzooVersion {
    private ConvzooVersion() {}

    /** The version in the jar's manifest, or that there is none. */
    static String number() {
        String version = ConvzooVersion.class.getPackage().getImplementationVersion();
        return version == null ? "not packaged" : version;
    }

    /** {@code convzoo 1.0, Java 25}: its version and the Java that runs it. */
    public static String text() {
        String version = number();
        return "convzoo " + (version.contains(" ") ? "(" + version + ")" : version) + ", Java " + Runtime.version();
    }
}
