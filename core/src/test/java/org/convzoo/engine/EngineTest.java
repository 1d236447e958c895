package org.convzoo.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.convzoo.failure.WrongUseException;
import org.convzoo.system.Machine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineTest {
    @TempDir
    private Path temp;

    private final ClassLoader usual = Thread.currentThread().getContextClassLoader();

    /** A provider by its name and priority; a subclass opens the plain engine, under the provider's name, or nothing. */
    abstract static class Named implements Engine.Provider {
        private final int priority;

        Named(int priority) {
            this.priority = priority;
        }

        @Override
        public String name() {
            return getClass().getSimpleName();
        }

        @Override
        public int priority() {
            return priority;
        }

        @Override
        public Engine open(EngineOptions options) {
            return new PlainEngine() {
                @Override
                public String name() {
                    return Named.this.name();
                }
            };
        }
    }

    /** A slow one. */
    public static final class Slow extends Named {
        public Slow() {
            super(-1);
        }
    }

    /** A fast one. */
    public static final class Fast extends Named {
        public Fast() {
            super(10);
        }
    }

    /** The fastest, on machines that this is none of. */
    public static final class Absent extends Named {
        public Absent() {
            super(20);
        }

        @Override
        public Engine open(EngineOptions options) {
            throw new WrongUseException("there is no such processor");
        }
    }

    private void onTheClassPath(Class<?>... providers) throws IOException {
        Path services = Files.createDirectories(temp.resolve("META-INF/services"));
        Files.writeString(
                services.resolve(Engine.Provider.class.getName()),
                Arrays.stream(providers).map(Class::getName).collect(Collectors.joining("\n")));
        Thread.currentThread()
                .setContextClassLoader(
                        new URLClassLoader(new URL[] {temp.toUri().toURL()}, usual));
    }

    @AfterEach
    void usual() throws IOException {
        if (Thread.currentThread().getContextClassLoader() instanceof URLClassLoader own && own != usual) own.close();
        Thread.currentThread().setContextClassLoader(usual);
    }

    @Test
    void theHighestPriorityThatWorksIsOpened() throws IOException {
        onTheClassPath(Slow.class, Fast.class, Absent.class);
        assertThat(Engine.open().name()).isEqualTo("Fast");
        assertThat(Engine.named("Slow", EngineOptions.DEFAULTS).name()).isEqualTo("Slow");
    }

    @Test
    void whatDoesNotWorkIsNamedWhereNoneDoes() throws IOException {
        onTheClassPath(Absent.class);
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(Engine::open)
                .withMessage("no engine that was asked for works on this machine: Absent: there is no such processor");
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> Engine.named("Absent", EngineOptions.DEFAULTS))
                .withMessageContaining("there is no such processor");
    }

    @Test
    void namesThatThereAreNotAreTold() throws IOException {
        onTheClassPath(Slow.class, Fast.class);
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> Engine.named("Torch", EngineOptions.DEFAULTS))
                .withMessage("no engine is named Torch; there is Fast, Slow");
        onTheClassPath();
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(Engine::open)
                .withMessage("no engine is on the class path; add the module convzoo-onednn");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, EngineOptions.MOST_THREADS + 1, 8000, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void threadsOutOfBoundsAreRefused(int threads) {
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> EngineOptions.DEFAULTS.withThreads(threads))
                .withMessage("an engine's threads are from 1 to 1024, best the " + Machine.cores()
                        + " cores that this process may use; got '" + threads + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8000", "abc", "0", "-2", "2147483648", "1.5", "3 4"})
    void whatTheEnvironmentSaysIsChecked(String given) {
        assertThatExceptionOfType(WrongUseException.class)
                .isThrownBy(() -> EngineOptions.threads(given))
                .withMessageStartingWith("the threads of OMP_NUM_THREADS are from 1 to 1024")
                .withMessageEndingWith("got '" + given + "'");
    }

    @Test
    void theEnvironmentGivesANumberForEachLevel() {
        assertThat(EngineOptions.threads(" 3,2 ")).isEqualTo(3);
        assertThat(EngineOptions.threads("1")).isEqualTo(1);
        assertThat(EngineOptions.threads("")).isEqualTo(Machine.cores());
        assertThat(EngineOptions.DEFAULTS.withThreads(5).threadsOrCores()).isEqualTo(5);
    }
}
