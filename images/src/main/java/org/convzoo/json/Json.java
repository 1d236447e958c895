package org.convzoo.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Locale;

/**
 * Records as JSON: an object each, with the names of the components in snake case; values of enums in lower case. What
 * is read must have every component, none of them null, and whole numbers where whole numbers belong.
 */
public final class Json {
    /** JSON has no number that is none. */
    private static final class Finite extends JsonSerializer<Double> {
        @Override
        public void serialize(Double value, JsonGenerator json, SerializerProvider provider) throws IOException {
            if (Double.isFinite(value)) json.writeNumber(value);
            else json.writeNull();
        }
    }

    /** Reads a component that is no number where JSON has null. */
    public static final class OrNone extends JsonDeserializer<Double> {
        @Override
        public Double deserialize(JsonParser json, DeserializationContext context) throws IOException {
            return json.getDoubleValue();
        }

        @Override
        public Double getNullValue(DeserializationContext context) {
            return Double.NaN;
        }
    }

    /** Jackson's own lower case is that of the default locale, in which an I may lose its dot. */
    @SuppressWarnings("rawtypes")
    private static final class LowerCase extends JsonSerializer<Enum> {
        @Override
        public void serialize(Enum value, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeString(value.name().toLowerCase(Locale.ROOT));
        }
    }

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .addModule(new SimpleModule()
                    .addSerializer(double.class, new Finite())
                    .addSerializer(Enum.class, new LowerCase()))
            .build();

    private Json() {}

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    /** One line. */
    public static String text(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As {@link #parse(String)}, of a file's bytes, in whichever Unicode they are. */
    public static JsonNode parse(byte[] text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw broken(e);
        } catch (IOException e) { // bytes that are no text
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Throws {@link IllegalArgumentException} with one line when that is no JSON. */
    public static JsonNode parse(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw broken(e);
        }
    }

    /** Throws {@link IllegalArgumentException} with one line when that is no {@code type}. */
    public static <T> T read(JsonNode tree, Class<T> type) {
        try {
            return MAPPER.treeToValue(tree, type);
        } catch (JsonProcessingException e) {
            throw broken(e);
        }
    }

    /** {@link #read} of what is called {@code what} in the message: {@code no transform: it is no JSON object}. */
    public static <T> T read(JsonNode tree, Class<T> type, String what) {
        if (!tree.isObject()) throw new IllegalArgumentException("no " + what + ": it is no JSON object");
        try {
            return read(tree, type);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("no " + what + ": " + e.getMessage(), e);
        }
    }

    /** The message goes on for lines about where in the text it was. */
    private static IllegalArgumentException broken(JsonProcessingException e) {
        return new IllegalArgumentException(
                e.getOriginalMessage().lines().findFirst().orElse("broken JSON"), e);
    }
}
