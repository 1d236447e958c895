package org.convzoo.recipe;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.convzoo.engine.Loss;
import org.convzoo.engine.Optimizer;
import org.convzoo.engine.Precision;
import org.convzoo.failure.Near;
import org.convzoo.graph.Graph;
import org.convzoo.images.Augmentation;
import org.convzoo.images.Mixing;
import org.convzoo.images.Sampling;
import org.convzoo.json.Json;

/**
 * How a network is trained, as data: with the network, the data set and the machine it decides every bit of the result.
 * {@link Recipes} has the ones to start from; a run stores its own.
 *
 * @param epochs how often each training image is seen; of fine-tuning, the first of them may be the head's alone
 * @param batch images whose gradients are computed together; a data set with fewer is one batch
 * @param accumulation batches a step: the gradients are the mean of theirs, so that a step can be of more images than
 *     memory takes. What is left of an epoch when its batches do not come out even is not learnt from
 * @param learningRate the full one, which the schedule multiplies
 * @param optimizer the rule, with the weight decay, the gradients' limit and the decay of the weights' average
 * @param schedule the learning rate over the run
 * @param loss what the steps make small
 * @param classWeights how much images of each class count
 * @param smoothing label smoothing, Szegedy et al. 2015 (1512.00567), section 7
 * @param augmentation what happens to training images at random
 * @param mixing how images of a batch are mixed with each other
 * @param sampling which images an epoch has
 * @param progressive how images grow over the run
 * @param averageFrom the share of the run, over 0, after which the weights of each epoch count for a mean, with which the
 *     run ends: stochastic weight averaging, Izmailov et al. 2018 (1803.05407); 1 for none
 * @param network what is otherwise in training than the network was published
 * @param validation what becomes of pictures that are held out
 * @param fineTuning what is different where the weights are not drawn; {@link FineTuning#NONE} where they are
 * @param seed of the starting weights, the order of images, augmentation and dropout
 * @param precision what the steps compute in; the test images are always classified in float32
 * @param checkpointing whether steps take less memory and more time; it changes no bit
 * @param watch whether statistics of the layers are written down after each epoch; it changes no bit
 */
@RecordBuilder
public record Recipe(
        int epochs,
        int batch,
        int accumulation,
        double learningRate,
        // The names stand here: core's records know nothing of JSON.
        @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
        @JsonSubTypes({
            @JsonSubTypes.Type(value = Optimizer.Sgd.class, name = "sgd"),
            @JsonSubTypes.Type(value = Optimizer.AdamW.class, name = "adamw"),
            @JsonSubTypes.Type(value = Optimizer.Adam.class, name = "adam"),
            @JsonSubTypes.Type(value = Optimizer.RmsProp.class, name = "rmsprop"),
            @JsonSubTypes.Type(value = Optimizer.Lamb.class, name = "lamb"),
            @JsonSubTypes.Type(value = Optimizer.Lion.class, name = "lion")
        })
        Optimizer optimizer,

        Schedule schedule,

        @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
        @JsonSubTypes({
            @JsonSubTypes.Type(value = Loss.CrossEntropy.class, name = "cross_entropy"),
            @JsonSubTypes.Type(value = Loss.Focal.class, name = "focal"),
            @JsonSubTypes.Type(value = Loss.BinaryCrossEntropy.class, name = "binary_cross_entropy")
        })
        Loss loss,

        ClassWeights classWeights,
        double smoothing,
        Augmentation augmentation,
        Mixing mixing,
        Sampling sampling,
        Progressive progressive,
        double averageFrom,
        List<Adjustment> network,
        Validation validation,
        FineTuning fineTuning,
        long seed,
        Precision precision,
        boolean checkpointing,
        boolean watch)
        implements RecipeBuilder.With {
    /** How much images of each class count. */
    public enum ClassWeights {
        /** All as much. */
        EQUAL,
        /** Those of a class the more, the fewer there are: {@link Sampling#balancedWeights}. */
        BALANCED
    }

    /** What a recipe is where it says nothing else: an epoch at a constant rate, with nothing at random. */
    public static final Recipe PLAIN = new Recipe(
            1,
            32,
            1,
            0.001,
            Optimizer.AdamW.of(0.01),
            new Schedule(0, new Schedule.Constant()),
            new Loss.CrossEntropy(),
            ClassWeights.EQUAL,
            0,
            Augmentation.NONE,
            Mixing.NONE,
            Sampling.EACH_ONCE,
            Progressive.NONE,
            1,
            List.of(),
            Validation.NONE,
            FineTuning.NONE,
            1,
            Precision.F32,
            false,
            false);

    public Recipe {
        network = List.copyOf(network);
        if (epochs < 1) throw new IllegalArgumentException("a recipe needs at least 1 epoch, got " + epochs);
        if (batch < 1) throw new IllegalArgumentException("a batch has at least 1 image, got " + batch);
        if (accumulation < 1) throw new IllegalArgumentException("a step has at least 1 batch, got " + accumulation);
        if (!(learningRate > 0 && Double.isFinite(learningRate)))
            throw new IllegalArgumentException("a learning rate is over 0, got " + learningRate);
        if (!(averageFrom > 0 && averageFrom <= 1))
            throw new IllegalArgumentException(
                    "weights are averaged from a share over 0 to 1 of the run on, got " + averageFrom);
        if (schedule.curve() instanceof Schedule.Plateau && validation.holdOut() == 0)
            throw new IllegalArgumentException("a plateau is one of the validation images' loss; hold some out");
        if (!loss.weighs() && classWeights == ClassWeights.BALANCED)
            throw new IllegalArgumentException(
                    "weights of classes would change what binary cross-entropy aims at, not how"
                            + " much it counts; take the balanced sampling");
        if (!(smoothing >= 0 && smoothing < 1))
            throw new IllegalArgumentException("label smoothing is from 0 to under 1, got " + smoothing);
    }

    /**
     * Reads what {@link #toJson} wrote, in whole or in part: of what is not there, {@link #PLAIN} has a value, and a word
     * alone stands for what is usual of its kind: {@code "optimizer": "sgd"}. Throws {@link IllegalArgumentException} with
     * one line for anything else.
     */
    public static Recipe of(JsonNode json) {
        if (!(json instanceof ObjectNode object)) throw new IllegalArgumentException("not a recipe: " + json);
        ObjectNode whole = PLAIN.toJson();
        whole.setAll(object.deepCopy());
        Usual.expand(whole);
        if (whole.get("optimizer") instanceof ObjectNode o && !o.has("clip") && !o.has("ema"))
            o.put("clip", 0).put("ema", 0); // written before there were these
        Augmentation.of(whole.path("augmentation")); // says what is wrong in its own words
        return Json.read(whole, Recipe.class);
    }

    /**
     * This recipe with one value changed, as text.
     *
     * @param assignment the value's place and the value, as in the recipe's JSON: {@code optimizer.decay.rate=0.1},
     *     {@code schedule.curve=linear}, {@code mixing.cutmix=1}
     * @throws IllegalArgumentException with one line where there is no such place, or it cannot have that value
     */
    public Recipe with(String assignment) {
        int is = assignment.indexOf('=');
        if (is < 1) throw new IllegalArgumentException("'" + assignment + "' is no key=value");
        String key = assignment.substring(0, is);
        ObjectNode json = toJson(), at = json;
        String[] names = key.split("\\.", -1);
        for (int i = 0; i < names.length; i++) {
            if (!at.has(names[i]))
                throw new IllegalArgumentException("a recipe has no '" + key + "'; near are "
                        + String.join(", ", Near.names(names[i], List.copyOf(names(at)))));
            if (i < names.length - 1) {
                if (!(at.get(names[i]) instanceof ObjectNode inner))
                    throw new IllegalArgumentException(
                            "a recipe has no '" + key + "': '" + names[i] + "' is one value");
                at = inner;
            }
        }
        at.set(names[names.length - 1], value(assignment.substring(is + 1)));
        try {
            return of(json);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(assignment + ": " + e.getMessage(), e);
        }
    }

    private static Set<String> names(ObjectNode object) {
        Set<String> names = new LinkedHashSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** JSON, or else a word. */
    private static JsonNode value(String text) {
        try {
            JsonNode value = Json.parse(text);
            return value.isMissingNode() ? TextNode.valueOf(text) : value;
        } catch (IllegalArgumentException e) {
            return TextNode.valueOf(text);
        }
    }

    public ObjectNode toJson() {
        return (ObjectNode) Json.tree(this);
    }

    /** The network to be trained instead of {@code graph}. */
    public Graph adjusted(Graph graph) {
        for (Adjustment a : network) graph = a.of(graph);
        return graph;
    }

    /** The first epoch whose weights count for the mean. */
    public int averagesFrom() {
        return (int) (averageFrom * epochs) + 1;
    }

    /** Whether only the head learns: there is no epoch but its own. */
    public boolean linearProbe() {
        return fineTuning.headFirst() && epochs == 1;
    }

    private static final Pattern LONG = Pattern.compile("\\d+\\.\\d{4,}(?!\\d|E)");

    /** One line for people. */
    @Override
    public String toString() {
        StringJoiner line = new StringJoiner(", ");
        if (linearProbe()) return "a linear probe: the head is fitted to features, seed " + seed;
        line.add(epochs + (epochs == 1 ? " epoch" : " epochs") + " of batches of " + batch
                + (accumulation == 1 ? "" : ", " + accumulation + " a step"));
        line.add(optimizer.words());
        line.add("learning rate "
                + new BigDecimal(learningRate)
                        .round(new MathContext(3))
                        .stripTrailingZeros()
                        .toPlainString());
        String curve = words(schedule.curve());
        line.add(
                schedule.warmUp() == 0
                        ? curve
                        : "warm-up of " + Math.round(100 * schedule.warmUp()) + " % then " + curve);
        if (optimizer.decay().rate() != 0)
            line.add("weight decay " + optimizer.decay().rate());
        if (optimizer.clip() != 0) line.add("gradients clipped to a norm of " + optimizer.clip());
        if (optimizer.ema() != 0) line.add("weights averaged with a decay of " + optimizer.ema());
        if (!(loss instanceof Loss.CrossEntropy)) line.add(loss.words());
        if (classWeights == ClassWeights.BALANCED) line.add("balanced class weights");
        if (smoothing != 0) line.add("label smoothing " + smoothing);
        for (Augmentation.Step step : augmentation.steps()) line.add(words(step));
        if (mixing.mixup() != 0) line.add("mixup " + mixing.mixup());
        if (mixing.cutmix() != 0) line.add("cutmix " + mixing.cutmix());
        if (!mixing.equals(Mixing.NONE) && mixing.probability() != 1)
            line.add("of " + Math.round(100 * mixing.probability()) + " % of the batches");
        if (sampling == Sampling.BALANCED) line.add("classes equally often");
        if (!progressive.equals(Progressive.NONE)) line.add(words(progressive));
        if (averageFrom != 1) line.add("the mean of the weights from " + Math.round(100 * averageFrom) + " % on");
        for (Adjustment a : network) line.add(words(a));
        if (!validation.equals(Validation.NONE)) line.add(validation.toString());
        if (!fineTuning.equals(FineTuning.NONE)) line.add(fineTuning.toString());
        if (precision != Precision.F32) line.add("computed in " + precision);
        if (checkpointing) line.add("checkpointing");
        return line.add("seed " + seed).toString();
    }

    /** {@code PaddedCrop[padding=4]} as {@code padded crop (padding 4)}, with three decimals at most. */
    private static String words(Object record) {
        String text = LONG.matcher(record.toString())
                .replaceAll(n -> String.format(Locale.ROOT, "%.3f", Double.parseDouble(n.group())))
                .replace("=[]", " none")
                .replace("[]", "")
                .replace("=[", " (")
                .replace("[", " (")
                .replace('=', ' ')
                .replace("]", ")");
        return text.replaceAll("([a-z])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
    }
}
