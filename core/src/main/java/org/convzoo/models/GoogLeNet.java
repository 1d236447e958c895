package org.convzoo.models;

import static org.convzoo.graph.Window.k;
import static org.convzoo.models.Blocks.DOWN;

import java.util.List;
import org.convzoo.graph.Defaults;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Layer;
import org.convzoo.graph.Value;
import org.convzoo.graph.Window;

/**
 * GoogLeNet, Szegedy et al. 2014: {@code googlenet} as in table 1, without its response normalisation and with weights
 * that start by He et al. 2015; {@code googlenet_bn} in torchvision's form, with batch norm and, as its published
 * weights have it, 3x3 where the paper has 5x5. Auxiliary heads (section 5) after 4a and 4d are an option.
 *
 * @param norm batch norm in place of biases
 * @param five the larger kernel of a module
 * @param dropout before the classifier
 */
record GoogLeNet(boolean norm, int five, double dropout) {
    private static final Family FAMILY = new Family("GoogLeNet", 2014, "1409.4842")
            .option("aux", "true: auxiliary heads after 4a and 4d in training, weighted 0.3");

    static final List<Architecture> VARIANTS = List.of(
            variant("googlenet", new GoogLeNet(false, 5, 0.4)), variant("googlenet_bn", new GoogLeNet(true, 3, 0.2)));

    private static Architecture variant(String name, GoogLeNet form) {
        return FAMILY.variant(name, (image, classes, options) -> form.network(image, classes, options.flag("aux")));
    }

    /** Table 1. */
    private Value network(Value image, int classes, boolean aux) {
        Window pool = norm ? DOWN.ceilMode() : k(3).stride(2);
        Window lastPool = norm ? k(2).stride(2).ceilMode() : pool;
        Value x = image.with(start());
        x = x.in("conv1", unit(64, 7, 2)).maxPool(pool);
        x = x.in("conv2", unit(64, 1, 1));
        x = x.in("conv3", unit(192, 3, 1)).maxPool(pool);
        x = x.in("inception3a", module(64, 96, 128, 16, 32, 32));
        x = x.in("inception3b", module(128, 128, 192, 32, 96, 64)).maxPool(pool);
        x = x.in("inception4a", module(192, 96, 208, 16, 48, 64));
        Value x4a = x;
        x = x.in("inception4b", module(160, 112, 224, 24, 64, 64));
        x = x.in("inception4c", module(128, 128, 256, 24, 64, 64));
        x = x.in("inception4d", module(112, 144, 288, 32, 64, 64));
        Value x4d = x;
        x = x.in("inception4e", module(256, 160, 320, 32, 128, 128)).maxPool(lastPool);
        x = x.in("inception5a", module(256, 160, 320, 32, 128, 128));
        x = x.in("inception5b", module(384, 192, 384, 48, 128, 128));
        // The parameters of the heads come before the classifier's with batch norm, after them without.
        if (aux && norm) heads(x4a, x4d, classes);
        x = x.avgPoolTo(1).flatten().dropout(dropout).linear("fc", classes);
        if (aux && !norm) heads(x4a, x4d, classes);
        return x;
    }

    private Defaults start() {
        Defaults d = Defaults.PYTORCH.norm(1e-3, 0.1);
        if (!norm) return d.conv(Rule.KAIMING_FAN_IN, Rule.ZERO).linear(Rule.KAIMING_FAN_IN, Rule.ZERO);
        Rule small = Rule.truncatedNormal(0.01, 2);
        return d.conv(small, Rule.ZERO).linear(small, Rule.UNIFORM_FAN_IN);
    }

    private Layer unit(int out, int kernel, int stride) {
        if (norm) return Blocks.convBnRelu(out, kernel, stride);
        return x -> x.conv("conv", out, k(kernel).stride(stride).withBias()).relu();
    }

    /** Figure 2b; the arguments are a row of table 1: #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj. */
    private Layer module(int one, int reduce3, int three, int reduce5, int out5, int pool) {
        return Blocks.branches(
                1,
                unit(one, 1, 1),
                Blocks.chain(unit(reduce3, 1, 1), unit(three, 3, 1)),
                Blocks.chain(unit(reduce5, 1, 1), unit(out5, five, 1)),
                Blocks.chain(x -> x.maxPool(3, 1), unit(pool, 1, 1)));
    }

    private void heads(Value x4a, Value x4d, int classes) {
        x4a.aux("aux1", 0.3, head(classes));
        x4d.aux("aux2", 0.3, head(classes));
    }

    private Layer head(int classes) {
        return x -> {
            x = norm ? x.avgPoolTo(4) : x.avgPool(k(5).stride(3).pad(0));
            x = x.in("conv", unit(128, 1, 1)).flatten();
            x = x.linear("fc1", 1024).relu().dropout(0.7);
            return x.linear("fc2", classes);
        };
    }
}
