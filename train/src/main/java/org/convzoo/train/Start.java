package org.convzoo.train;

import org.convzoo.classify.Model;
import org.convzoo.classify.Provenance;
import org.convzoo.pretrained.Pretrained;
import org.convzoo.weights.Weights;

/**
 * The weights that a training starts from instead of drawn ones. The network's head is drawn anew in any case, and its
 * first layer adapted to images of other channels: {@link org.convzoo.weights.Fit}.
 *
 * @param weights under the names of the network's parameters
 * @param origin who made the weights, and where they are from
 * @param licence under which licence they are; empty where nobody said
 */
public record Start(Weights weights, String origin, String licence) {
    public static Start of(Pretrained pretrained) {
        return new Start(pretrained.weights(), pretrained.origin(), pretrained.licence());
    }

    /** What a model has learnt: of weights that were published, their origin stays what it was. */
    public static Start of(Model model) {
        Provenance p = model.provenance();
        String own = model.graph().name() + (p.data().isEmpty() ? "" : " trained on " + p.data());
        return new Start(model.weights(), p.origin().isEmpty() ? own : own + ", from " + p.origin(), p.licence());
    }
}
