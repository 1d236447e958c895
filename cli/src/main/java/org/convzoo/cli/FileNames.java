package org.convzoo.cli;

import java.io.File;
import java.util.Locale;

/** Whether Java reads and writes the names of files as they are: outside UTF-8 letters are lost, and names merge. */
final class FileNames {
    private FileNames() {}

    /** What is wrong and what to do about it, in one line; empty where all is well. */
    static String trouble() {
        return trouble(System.getProperty("sun.jnu.encoding", "UTF-8"), File.separatorChar);
    }

    static String trouble(String encoding, char separator) {
        boolean windows = separator == '\\'; // which has names of its own encoding
        if (windows || encoding.toUpperCase(Locale.ROOT).equals("UTF-8")) return "";
        return "file names lose their letters in this locale, in which Java reads them as " + encoding
                + "; set LC_ALL=C.UTF-8, or another locale with UTF-8 that 'locale -a' lists";
    }
}
