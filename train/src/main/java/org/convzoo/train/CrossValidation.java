package org.convzoo.train;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.convzoo.json.Json;

/**
 * How a recipe does on data that it has not seen: a training for each fold of the data set, whose test is on that fold alone.
 *
 * @param folds in order; at least two
 */
public record CrossValidation(List<Evaluation> folds) {
    /** In the directory of the folds' runs. */
    public static final String FILE = "folds.json";

    public CrossValidation {
        folds = List.copyOf(folds);
        if (folds.size() < 2) throw new IllegalArgumentException("there are at least 2 folds, got " + folds.size());
    }

    /** The folds' shares of images that are right, 0 to 1. */
    public Spread top1() {
        return new Spread(folds.stream().map(Evaluation::top1).toList());
    }

    public ObjectNode toJson() {
        ObjectNode json = Json.object().put("top1", top1().mean()).put("deviation", top1().deviation());
        ArrayNode all = json.putArray("folds");
        folds.forEach(f -> all.add(f.summary()));
        return json;
    }
}
