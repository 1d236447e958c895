package org.convzoo.cli;

import java.util.Iterator;
import java.util.stream.Stream;
import org.convzoo.engine.Precision;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a precision from the command line. */
final class Precisions implements ITypeConverter<Precision>, Iterable<String> {
    @Override
    public Precision convert(String word) {
        return Stream.of(Precision.values())
                .filter(p -> p.toString().equalsIgnoreCase(word))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("expected f32 or bf16, got '" + word + "'"));
    }

    @Override
    public Iterator<String> iterator() {
        return Stream.of(Precision.values()).map(Precision::toString).iterator();
    }
}
