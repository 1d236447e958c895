package org.convzoo.cli;

import java.util.Iterator;
import java.util.List;
import org.convzoo.engine.Precision;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The precisions that one computes in; what is for comparisons alone is not offered. */
final class Precisions implements ITypeConverter<Precision>, Iterable<String> {
    static final List<Precision> OFFERED = List.of(Precision.F32, Precision.BF16);

    @Override
    public Precision convert(String word) {
        return OFFERED.stream()
                .filter(p -> p.toString().equalsIgnoreCase(word))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("expected f32 or bf16, got '" + word + "'"));
    }

    @Override
    public Iterator<String> iterator() {
        return OFFERED.stream().map(Precision::toString).iterator();
    }
}
