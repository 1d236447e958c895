package org.convzoo.bench;

import static org.convzoo.bench.Markdown.number;

import java.util.List;
import java.util.OptionalDouble;

/** The README's table of speed: some works of one machine, convzoo beside the fastest of the others, in float32. */
final class ReadmeTable {
    private static final String BEGIN = "<!-- speed: docs/performance/update -->\n", END = "<!-- /speed -->\n";

    private record Row(String words, Contest contest, String network, int batch) {}

    // spotless:off
    private static final List<Row> ROWS = List.of(
            new Row("training resnet50",             Contest.FLOAT_TRAINING,       "resnet50",           16),
            new Row("training mobilenet_v2",         Contest.FLOAT_TRAINING,       "mobilenet_v2",       16),
            new Row("training densenet121",          Contest.FLOAT_TRAINING,       "densenet121",         8),
            new Row("training efficientnet_b0",      Contest.FLOAT_TRAINING,       "efficientnet_b0",     8),
            new Row("training LeNet with ReLU",      Contest.FLOAT_TRAINING,       "lenet",              64),
            new Row("predicting with resnet50",      Contest.floatPrediction(16),  "resnet50",           16),
            new Row("predicting with resnet50",      Contest.floatPrediction(1),   "resnet50",            1),
            new Row("predicting with mobilenet_v2",  Contest.floatPrediction(1),   "mobilenet_v2",        1),
            new Row("predicting with mobilenet_v3_large", Contest.floatPrediction(1), "mobilenet_v3_large", 1),
            new Row("predicting with vgg16",         Contest.floatPrediction(1),   "vgg16",               1));
    // spotless:on

    private ReadmeTable() {}

    static String of(Results machine) {
        Markdown table = new Markdown();
        table.head("milliseconds", "batch>", "convzoo>", "the best of the others>", "ratio>", "convzoo in bfloat16>");
        for (Row row : ROWS) {
            var networks = row.contest.networks(machine);
            var c = Comparison.of(networks, new Contest.Goal(row.network, row.batch, 0), "ours", row.contest.theirs());
            OptionalDouble half =
                    Comparison.of(networks, c.goal(), "ours_bf16", v -> false).ours();
            table.row(row.words, "" + row.batch, number(c.ours()), number(c.theirs()), number(c.ratio()), number(half));
        }
        return table.toString();
    }

    /** The text with this machine's table between the marks. */
    static String replacedIn(String readme, Results machine) {
        int begin = readme.indexOf(BEGIN), end = readme.indexOf(END);
        if (begin < 0 || end < begin)
            throw new IllegalArgumentException("no " + BEGIN.strip() + " before " + END.strip());
        return readme.substring(0, begin + BEGIN.length()) + of(machine) + readme.substring(end);
    }
}
