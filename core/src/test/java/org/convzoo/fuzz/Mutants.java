package org.convzoo.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.OutputStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.convzoo.failure.BrokenFileException;
import org.convzoo.failure.OutOfMemoryException;

/**
 * Broken files, made from sound ones by mutations, and a trial of a reader with all of them. A reader may answer, or
 * refuse with {@link BrokenFileException} or {@link OutOfMemoryException} whose line begins with the file's name;
 * anything else fails, as does a file that takes too long or too much memory. A mutant is a function of its number
 * alone: what failed is made again by {@link #mutant}.
 *
 * <p>{@code -Dconvzoo.fuzz=100000} tries so many instead of the test's own number; {@code -Dconvzoo.fuzz.out=FILE}
 * keeps them with the reader's verdicts for another reader to judge: each as the length in four bytes, the bytes, and
 * 1 where it was accepted, else 0.
 */
public final class Mutants {
    private static final BufferPoolMXBean DIRECT = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(p -> p.getName().equals("direct"))
            .findFirst()
            .orElseThrow();

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Changes a sound file; another one may be mixed in. Neither array may be written to. */
    @FunctionalInterface
    public interface Mutation {
        byte[] of(byte[] sound, byte[] other, SplittableRandom random);
    }

    /** Reads the file with the code under test. */
    @FunctionalInterface
    public interface Reader {
        void read(Path file) throws Exception;
    }

    /** What a single file may take: time, and memory newly claimed in Java's heap and in direct buffers. */
    public record Limits(Duration time, long bytes) {}

    private final String name;
    private final List<byte[]> sound;
    private final List<String> names = new ArrayList<>();
    private final List<Mutation> mutations = new ArrayList<>();

    /**
     * Mutations of bytes, whatever they mean; those that know the format are added by {@link #with}.
     *
     * @param name what the files are; also their suffix
     * @param sound files that the reader accepts
     */
    public Mutants(String name, List<byte[]> sound) {
        this.name = name;
        this.sound = List.copyOf(sound);
        Bytes.ALL.forEach(this::with);
    }

    /** Adds a mutation that is as frequent as each of the others. */
    public Mutants with(String what, Mutation mutation) {
        names.add(what);
        mutations.add(mutation);
        return this;
    }

    /** The mutant of a number; about one in four is a mutant's mutant. */
    public byte[] mutant(int number) {
        var random = new SplittableRandom(number * 0x9E3779B97F4A7C15L + name.hashCode());
        byte[] bytes = sound.get(random.nextInt(sound.size()));
        bytes = mutations.get(number % mutations.size()).of(bytes, any(random), random);
        while (random.nextInt(4) == 0)
            bytes = mutations.get(random.nextInt(mutations.size())).of(bytes, any(random), random);
        return bytes;
    }

    private byte[] any(SplittableRandom random) {
        return sound.get(random.nextInt(sound.size()));
    }

    /** Reads the sound files, which must be accepted, and {@code count} mutants; prints how many were accepted. */
    public void run(Path directory, int count, Limits limits, Reader reader) throws Exception {
        count = Integer.getInteger("convzoo.fuzz", count);
        Path file = directory.resolve("mutant." + name);
        String out = System.getProperty("convzoo.fuzz.out");
        Map<String, int[]> outcomes = new TreeMap<>();
        Trial slowest = Trial.NONE, largest = Trial.NONE;
        ExecutorService worker = Executors.newSingleThreadExecutor();
        try (var kept = new DataOutputStream(new BufferedOutputStream(
                out == null ? OutputStream.nullOutputStream() : Files.newOutputStream(Path.of(out))))) {
            for (int i = -sound.size(); i < count; i++) {
                byte[] bytes = i < 0 ? sound.get(i + sound.size()) : mutant(i);
                String what = i < 0 ? "sound" : names.get(i % names.size());
                String where = i < 0 ? "sound file " + (i + sound.size()) : "mutant " + i + " (" + what + ")";
                Files.write(file, bytes);
                Trial trial = Trial.of(i, worker, file, reader, limits);
                String wrong = trial.wrong(file, limits);
                if (i < 0 && wrong.isEmpty() && !trial.accepted()) wrong = "not accepted";
                if (!wrong.isEmpty()) {
                    String content = bytes.length > 3000
                            ? bytes.length + " bytes"
                            : Base64.getEncoder().encodeToString(bytes);
                    throw new AssertionError(
                            name + ", " + where + ": " + wrong + "; " + content, trial.thrown.orElse(null));
                }
                if (trial.nanos > slowest.nanos) slowest = trial;
                if (trial.bytes > largest.bytes) largest = trial;
                outcomes.computeIfAbsent(what, w -> new int[2])[trial.accepted() ? 0 : 1]++;
                kept.writeInt(bytes.length);
                kept.write(bytes);
                kept.writeByte(trial.accepted() ? 1 : 0);
            }
        } finally {
            worker.shutdownNow();
        }
        tell(count, outcomes, slowest, largest);
    }

    private void tell(int count, Map<String, int[]> outcomes, Trial slowest, Trial largest) {
        int accepted = outcomes.values().stream().mapToInt(o -> o[0]).sum() - outcomes.get("sound")[0];
        System.out.printf(
                "%s: of %,d mutants %,d accepted, %,d refused; the slowest %.1f ms (%d), the largest %.2f MB (%d)%n",
                name,
                count,
                accepted,
                count - accepted,
                slowest.nanos / 1e6,
                slowest.number,
                largest.bytes / 1e6,
                largest.number);
        outcomes.forEach((what, o) -> System.out.printf("  %,7d accepted %,7d refused  %s%n", o[0], o[1], what));
    }

    /** What a reader did with a file; nothing thrown is an answer. */
    private record Trial(int number, Optional<Throwable> thrown, long nanos, long bytes) {
        static final Trial NONE = new Trial(0, Optional.empty(), 0, 0);

        static Trial of(int number, ExecutorService worker, Path file, Reader reader, Limits limits)
                throws InterruptedException {
            var thread = new AtomicReference<Thread>();
            var heap = new AtomicLong();
            long direct = DIRECT.getMemoryUsed(), start = System.nanoTime();
            Throwable thrown = null;
            Future<?> reading = worker.submit(() -> {
                thread.set(Thread.currentThread());
                long before = THREADS.getCurrentThreadAllocatedBytes();
                try {
                    reader.read(file);
                } finally {
                    heap.set(THREADS.getCurrentThreadAllocatedBytes() - before);
                }
                return null;
            });
            try {
                reading.get(limits.time.toNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                thrown = e.getCause();
            } catch (TimeoutException e) {
                thrown = e;
                if (thread.get() != null) thrown.setStackTrace(thread.get().getStackTrace());
            }
            long bytes = heap.get() + Math.max(0, DIRECT.getMemoryUsed() - direct);
            return new Trial(number, Optional.ofNullable(thrown), System.nanoTime() - start, bytes);
        }

        boolean accepted() {
            return thrown.isEmpty();
        }

        /** What is wrong with it; empty when nothing is. */
        String wrong(Path file, Limits limits) {
            if (thrown.isPresent()) {
                Throwable t = thrown.get();
                if (t instanceof TimeoutException) return "not read after " + limits.time;
                if (!(t instanceof BrokenFileException || t instanceof OutOfMemoryException)) return "threw " + t;
                if (!t.getMessage().startsWith(file.toString())) return "names no file: " + t.getMessage();
            }
            return bytes > limits.bytes ? "claimed " + bytes + " bytes of memory" : "";
        }
    }
}
