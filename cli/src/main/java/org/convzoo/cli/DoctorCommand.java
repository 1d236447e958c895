package org.convzoo.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import org.convzoo.engine.Engine;
import org.convzoo.engine.EngineOptions;
import org.convzoo.failure.WrongUseException;
import org.convzoo.system.Machine;
import org.convzoo.view.Numbers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What this machine has, what is missing, and what to do about it. */
@Command(
        name = "doctor",
        description = "Tells what this machine has, what is missing, and what to do.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  convzoo doctor"})
final class DoctorCommand implements Callable<Integer> {
    private static final long HEAP = 1L << 30, DISK = 1L << 30;

    @Spec
    private CommandSpec spec;

    private int missing;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.println("system    " + System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                + System.getProperty("os.arch") + (tested() ? "" : ", which is not tested: Linux on x86_64 is"));
        out.println("processor " + processor());
        out.println("java      " + Runtime.version() + " (" + System.getProperty("java.vendor") + "), "
                + System.getProperty("java.home"));
        String names = FileNames.trouble();
        tell(out, names.isEmpty(), "names     of files are read as " + System.getProperty("sun.jnu.encoding"), names);
        heap(out);
        disk(out);
        engine(out);
        out.println(missing == 0 ? "All is well." : missing + " to mend.");
        return missing == 0 ? 0 : Failures.FAILED;
    }

    private void tell(PrintWriter out, boolean well, String line, String remedy) {
        out.println(well ? line : line + "  <- " + remedy);
        if (!well) missing++;
    }

    /** Whether this is the one platform that we test on. */
    private static boolean tested() {
        return System.getProperty("os.name").equals("Linux")
                && Set.of("amd64", "x86_64").contains(System.getProperty("os.arch"));
    }

    private static String processor() {
        String name = Machine.processor();
        return (name.isEmpty() ? "" : name + ", ") + Runtime.getRuntime().availableProcessors() + " granted, "
                + EngineOptions.DEFAULTS.threadsOrCores() + " threads to compute with";
    }

    private void heap(PrintWriter out) {
        long most = Runtime.getRuntime().maxMemory();
        tell(
                out,
                most >= HEAP * 9 / 10,
                "heap      up to " + Numbers.bytes(most),
                "little for data sets; set CONVZOO_JAVA_OPTS=-Xmx1g or more, or give the machine more memory");
    }

    private void disk(PrintWriter out) {
        Path here = Path.of("").toAbsolutePath();
        try {
            long free = Files.getFileStore(here).getUsableSpace();
            tell(
                    out,
                    free >= DISK && Files.isWritable(here),
                    "disk      " + Numbers.bytes(free) + " free in " + here
                            + (Files.isWritable(here) ? "" : ", which you may not write to"),
                    "runs need some room here; give train --out DIR on another disk");
        } catch (IOException e) {
            tell(out, false, "disk      " + here + ": " + Failures.text(e), "give train --out DIR on another disk");
        }
    }

    private void engine(PrintWriter out) {
        try (Engine engine = Engine.open()) {
            out.println("engine    " + engine.name() + ": " + engine.description());
            out.println("natives   are unpacked into " + System.getProperty("org.bytedeco.javacpp.cachedir"));
        } catch (WrongUseException | LinkageError e) {
            tell(
                    out,
                    false,
                    "engine    " + e.getMessage(),
                    "supported are Linux on x86_64 with glibc; --stacktrace shows more");
        }
    }
}
