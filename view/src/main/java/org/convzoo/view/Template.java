package org.convzoo.view;

import com.samskivert.mustache.DefaultCollector;
import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * HTML with places to be filled, a resource of this package in Mustache's notation: {@code {{name}}} is the text that the
 * accessor {@code name} gives, escaped, and {@code {{{name}}}} HTML as it is; {@code {{#name}} ... {{/name}}} is there
 * once for each element of a list, or if there is something at all, and {@code {{^name}}} if there is nothing. A name
 * that nothing has is an error.
 */
final class Template {
    /** To which an {@link Optional} is a list of one or none. */
    private static final class Collector extends DefaultCollector {
        @Override
        public @Nullable Iterator<?> toIterator(Object value) {
            return value instanceof Optional<?> o ? o.stream().iterator() : super.toIterator(value);
        }
    }

    private Template() {}

    /** Fills the template with what {@code values} says. */
    static String filled(String name, Object values) {
        return Mustache.compiler()
                .withCollector(new Collector())
                .withEscaper(Html::escape)
                .emptyStringIsFalse(true)
                .strictSections(true)
                .withLoader(part -> reader(part + ".html"))
                .compile(reader(name))
                .execute(values);
    }

    private static Reader reader(String name) {
        return new InputStreamReader(stream(name), StandardCharsets.UTF_8);
    }

    /** A resource as it is. */
    static String text(String name) {
        try (InputStream resource = stream(name)) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be read from the jar of view", e);
        }
    }

    private static InputStream stream(String name) {
        InputStream resource = Template.class.getResourceAsStream(name);
        if (resource == null) throw new IllegalStateException(name + " is missing from the jar of view");
        return resource;
    }
}
