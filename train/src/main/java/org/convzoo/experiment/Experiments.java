package org.convzoo.experiment;

import static org.convzoo.experiment.Measure.TEST_ERROR;
import static org.convzoo.experiment.Measure.TRAINING_ERROR;
import static org.convzoo.experiment.Measure.epochsTo;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.convzoo.experiment.Experiment.Figure;
import org.convzoo.experiment.Experiment.Figure.Series;
import org.convzoo.experiment.Experiment.Paper;
import org.convzoo.experiment.Experiment.Size;
import org.convzoo.failure.Near;
import org.convzoo.failure.WrongUseException;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Init.Rule;
import org.convzoo.graph.Op.Activation;
import org.convzoo.models.Options;

/** The experiments that there are. Their rates and sizes are chosen by trials, which docs/experiments.md tells. */
public final class Experiments {
    /** At most so many images: all of the data sets that networks of this size are for. */
    private static final int MOST = 50_000, MOST_TESTS = 10_000;

    /** The rate that is best for the plain network without batch norm. */
    private static final double OWN_RATE = 0.003;

    private static final String ADAM = "optimizer=adam", CONSTANT = "schedule.curve=constant";
    private static final List<String> SGD =
            List.of("optimizer=sgd", "optimizer.nesterov=false", "optimizer.decay.rate=0.0001");

    // spotless:off
    private static final Experiment DEGRADATION = new Experiment(
            "degradation",
            "Deeper plain networks train worse, residual ones do not",
            new Paper(
                    "He et al. 2015, 1512.03385",
                    "He, Zhang, Ren, Sun 2015 (arXiv 1512.03385), figures 1 and 6, tables 2 and 6",
                    "On CIFAR-10 the plain network of 56 layers has the higher training error than that of 20, and thus"
                            + " the higher test error, throughout the training: it is harder to optimise, not"
                            + " overfitted. With shortcuts the deeper network is the better one.",
                    List.of("test error", "shallower", "deeper"),
                    List.of(
                            List.of("plain, CIFAR-10 (20 and 56 layers)", "lower in figure 1", "higher in figure 1"),
                            List.of("residual, CIFAR-10 (20 and 56 layers)", "8.75 %", "6.97 %"),
                            List.of("plain, ImageNet (18 and 34 layers)", "27.94 %", "28.54 %"),
                            List.of("residual, ImageNet (18 and 34 layers)", "27.88 %", "25.03 %"))),
            List.of(
                    "The paper trains for 64,000 steps on 45,000 images of 32x32 in colour.",
                    "Batches have 64 images and the rate is halved with them; it falls to a tenth at a half and at"
                            + " three quarters of the run, as in the paper.",
                    "Augmentation is what is usual for the data."),
            with(SGD, "batch=64", "learning_rate=0.05", "schedule.curve=steps"),
            List.of(Arm.of("plain20", 28), Arm.of("plain56", 28), Arm.of("resnet20", 28), Arm.of("resnet56", 28)),
            List.of(
                    new Claim(
                            "The deeper plain network has the higher training error.",
                            TRAINING_ERROR, "plain56", "plain20"),
                    new Claim("So has it the higher test error.", TEST_ERROR, "plain56", "plain20"),
                    new Claim(
                            "With shortcuts the deeper network has the lower test error.",
                            TEST_ERROR, "resnet20", "resnet56"),
                    new Claim(
                            "Of 56 layers, those with shortcuts train to the lower error.",
                            TRAINING_ERROR, "plain56", "resnet56")),
            List.of(TRAINING_ERROR, TEST_ERROR),
            new Figure.Learning(),
            new Size(2_000, 1_000, 6, 3),
            new Size(MOST, MOST_TESTS, 40, 5));

    private static final Experiment AUXILIARY = new Experiment(
            "auxiliary",
            "Auxiliary classifiers help a little",
            new Paper(
                    "Szegedy et al. 2014, 1409.4842",
                    "Szegedy et al. 2014, Going deeper with convolutions (arXiv 1409.4842; CVPR 2015), section 5;"
                            + " Szegedy et al. 2015 (arXiv 1512.00567), section 4",
                    "Two classifiers in the middle of GoogLeNet were to give its lower layers more gradient. Control"
                            + " experiments later found their effect minor. The second paper sees none early in the"
                            + " training, and a slightly higher accuracy at its end.",
                    List.of("on ImageNet", "effect"),
                    List.of(
                            List.of("2014: the error at the end", "about 0.5 points lower with heads"),
                            List.of("2015: early in the training", "virtually identical"),
                            List.of("2015: the accuracy at the end", "slightly higher with heads"))),
            List.of(
                    "Images have 65 pixels a side, the least that the heads take, in place of 224; smaller ones are"
                            + " enlarged.",
                    "Response normalisation is left out, and weights start by He et al. 2015.",
                    "The optimizer is Adam, with which the network starts to learn within few steps; the paper's is"
                            + " SGD."),
            List.of(ADAM, CONSTANT, "batch=32", "learning_rate=0.0003"),
            List.of(
                    new Arm("no-heads", "googlenet", Options.NONE, UnaryOperator.identity(), 65, List.of()),
                    new Arm("heads", "googlenet", Options.of("aux", true), UnaryOperator.identity(), 65, List.of())),
            List.of(
                    new Claim(
                            "With heads it learns sooner (what they were made for).",
                            epochsTo(0.5), "no-heads", "heads"),
                    new Claim("With heads it ends with the lower test error.", TEST_ERROR, "no-heads", "heads")),
            List.of(epochsTo(0.5), TRAINING_ERROR, TEST_ERROR),
            new Figure.Learning(),
            new Size(1_000, 1_000, 6, 3),
            new Size(MOST, MOST_TESTS, 20, 5));

    private static final Experiment NORMALISATION = new Experiment(
            "normalisation",
            "Batch norm allows higher rates, and learns sooner",
            new Paper(
                    "Ioffe, Szegedy 2015, 1502.03167",
                    "Ioffe, Szegedy 2015 (arXiv 1502.03167), section 4.2, figures 2 and 3",
                    "Inception with batch norm reaches the accuracy of the one without in less than half the steps,"
                            + " and with a rate five times as high in a fourteenth. Without batch norm that rate"
                            + " leads to infinity.",
                    List.of("Inception on ImageNet", "steps to 72.2 %", "highest accuracy"),
                    List.of(
                            List.of("without", "31.0 million", "72.2 %"),
                            List.of("with", "13.3 million", "72.7 %"),
                            List.of("with, rate x 5", "2.1 million", "73.0 %"),
                            List.of("with, rate x 30", "2.7 million", "74.8 %"))),
            List.of(
                    "The network is the plain one of 20 layers of He et al. 2015 in place of Inception. Without batch"
                            + " norm its convolutions have biases, and weights start by He et al. 2015 (1502.01852).",
                    "The curves are of training images; the paper's are of validation images.",
                    "The rate falls along a cosine, the paper's exponentially; the paper also changes the decay,"
                            + " dropout and the augmentation where it raises the rate."),
            with(SGD, "batch=32", "schedule.curve=cosine"),
            List.of(
                    plain("without-x1", Experiments::unnormalised, 1),
                    plain("without-x5", Experiments::unnormalised, 5),
                    plain("without-x30", Experiments::unnormalised, 30),
                    plain("with-x1", UnaryOperator.identity(), 1),
                    plain("with-x5", UnaryOperator.identity(), 5),
                    plain("with-x30", UnaryOperator.identity(), 30)),
            List.of(
                    new Claim(
                            "With batch norm it learns sooner at the same rate.",
                            epochsTo(0.5), "without-x1", "with-x1"),
                    new Claim(
                            "Without, five times the rate is too high.",
                            TRAINING_ERROR, "without-x5", "without-x1"),
                    new Claim(
                            "Without, thirty times the rate is too high.",
                            TRAINING_ERROR, "without-x30", "without-x1"),
                    new Claim(
                            "With batch norm five times the rate learns sooner still.",
                            epochsTo(0.5), "with-x1", "with-x5"),
                    new Claim(
                            "It then has a lower test error than without, at the rate of that.",
                            TEST_ERROR, "without-x1", "with-x5"),
                    new Claim(
                            "With batch norm thirty times the rate is better yet.",
                            TEST_ERROR, "with-x5", "with-x30")),
            List.of(epochsTo(0.5), TRAINING_ERROR, TEST_ERROR),
            new Figure.Learning(),
            new Size(1_500, 1_000, 6, 3),
            new Size(MOST, MOST_TESTS, 30, 5));

    private static final Experiment ACTIVATION = new Experiment(
            "activation",
            "ReLUs learn several times faster than units that saturate",
            new Paper(
                    "Krizhevsky et al. 2012, NeurIPS",
                    "Krizhevsky, Sutskever, Hinton 2012, ImageNet classification with deep convolutional neural"
                            + " networks (NeurIPS), section 3.1, figure 1",
                    "A network of four convolutional layers with ReLUs reaches a training error of 25 % on CIFAR-10"
                            + " six times sooner than with tanh, each at the rate that is best for it, without"
                            + " regularisation.",
                    List.of("to a training error of 25 %", "epochs"),
                    List.of(List.of("ReLU", "a sixth of tanh's"), List.of("tanh", "six times ReLU's"))),
            List.of(
                    "The network is LeNet-5 with max pooling, which has two convolutional layers; of its four the"
                            + " paper says no more.",
                    "Sigmoids are ours: the paper has tanh alone in its place. ReLUs start by He et al. 2015, the"
                            + " others by Glorot, Bengio 2010.",
                    "The rates are from trials on the pictures of clothes; for other data others may be better."),
            with(SGD, "optimizer.decay.rate=0", CONSTANT, "batch=64", "augmentation={\"steps\":[]}"),
            List.of(
                    lenet("relu", Activation.RELU, 0.03),
                    lenet("tanh", Activation.TANH, 0.05),
                    lenet("sigmoid", Activation.SIGMOID, 0.1)),
            List.of(
                    new Claim("ReLUs get there sooner than tanh.", epochsTo(0.25), "tanh", "relu"),
                    new Claim("ReLUs get there sooner than sigmoids.", epochsTo(0.25), "sigmoid", "relu"),
                    new Claim(
                            "tanh gets there sooner than sigmoids (not in the paper).",
                            epochsTo(0.25), "sigmoid", "tanh")),
            List.of(epochsTo(0.25), TRAINING_ERROR, TEST_ERROR),
            new Figure.Learning(),
            new Size(4_000, 1_000, 20, 3),
            new Size(MOST, MOST_TESTS, 40, 10));

    private static final Experiment WIDTHS = new Experiment(
            "widths",
            "Thinner networks and smaller images: accuracy for less work",
            new Paper(
                    "Howard et al. 2017, 1704.04861",
                    "Howard et al. 2017 (arXiv 1704.04861), tables 6 and 7, figure 4",
                    "The accuracy falls smoothly with the width α, until the network is too small at 0.25, and"
                            + " smoothly with the resolution ρ.",
                    List.of("MobileNet on ImageNet", "top-1", "MACs", "parameters"),
                    List.of(
                            List.of("α 1, 224 px", "70.6 %", "569 M", "4.2 M"),
                            List.of("α 0.75", "68.4 %", "325 M", "2.6 M"),
                            List.of("α 0.5", "63.7 %", "149 M", "1.3 M"),
                            List.of("α 0.25", "50.6 %", "41 M", "0.5 M"),
                            List.of("ρ 6/7, 192 px", "69.1 %", "418 M", "4.2 M"),
                            List.of("ρ 5/7, 160 px", "67.2 %", "290 M", "4.2 M"),
                            List.of("ρ 4/7, 128 px", "64.4 %", "186 M", "4.2 M"))),
            List.of(
                    "Images have 42 pixels a side in place of 224, and the same shares of that; drawings of 28 are"
                            + " enlarged, so that less resolution loses less of them than of photos.",
                    "The optimizer is Adam in place of RMSprop."),
            List.of(ADAM, "batch=32", "learning_rate=0.002", "schedule.curve=cosine"),
            List.of(
                    mobilenet("whole", 1, 42),
                    mobilenet("width-0.75", 0.75, 42),
                    mobilenet("width-0.5", 0.5, 42),
                    mobilenet("width-0.25", 0.25, 42),
                    mobilenet("size-36", 1, 36),
                    mobilenet("size-30", 1, 30),
                    mobilenet("size-24", 1, 24)),
            List.of(
                    new Claim("α 0.75 costs accuracy.", TEST_ERROR, "width-0.75", "whole"),
                    new Claim("α 0.5 costs more.", TEST_ERROR, "width-0.5", "width-0.75"),
                    new Claim("α 0.25 costs more again.", TEST_ERROR, "width-0.25", "width-0.5"),
                    new Claim("The thinnest is worse than the whole network.", TEST_ERROR, "width-0.25", "whole"),
                    new Claim("The smallest images are worse than the largest.", TEST_ERROR, "size-24", "whole")),
            List.of(TRAINING_ERROR, TEST_ERROR),
            new Figure.Cost(List.of(
                    new Series("width α", List.of("width-0.25", "width-0.5", "width-0.75", "whole")),
                    new Series("resolution ρ", List.of("size-24", "size-30", "size-36", "whole")))),
            new Size(1_000, 1_000, 8, 3),
            new Size(MOST, MOST_TESTS, 30, 5));
    // spotless:on

    private static final List<Experiment> ALL = List.of(DEGRADATION, AUXILIARY, NORMALISATION, ACTIVATION, WIDTHS);

    private Experiments() {}

    /** In the order in which they are listed. */
    public static List<Experiment> all() {
        return ALL;
    }

    /** Throws {@link WrongUseException} that names those that there are. */
    public static Experiment named(String name) {
        List<String> names = ALL.stream().map(Experiment::name).toList();
        return ALL.stream()
                .filter(e -> e.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new WrongUseException("there is no experiment '" + name + "'; near are "
                        + String.join(", ", Near.names(name, names))));
    }

    private static List<String> with(List<String> recipe, String... more) {
        return Stream.concat(recipe.stream(), Stream.of(more)).toList();
    }

    private static Arm plain(String name, UnaryOperator<Graph> variation, int times) {
        return new Arm(name, "plain20", Options.NONE, variation, 28, rate(times * OWN_RATE));
    }

    private static Graph unnormalised(Graph graph) {
        return graph.withoutNorms().withStart(Rule.KAIMING_FAN_IN, Rule.ZERO);
    }

    private static Arm lenet(String name, Activation activation, double rate) {
        UnaryOperator<Graph> variation = activation == Activation.RELU
                ? UnaryOperator.identity()
                : g -> g.withActivation(Activation.RELU, activation).withStart(Rule.XAVIER_UNIFORM, Rule.ZERO);
        return new Arm(name, "lenet", Options.of("modern", true), variation, 28, rate(rate));
    }

    private static Arm mobilenet(String name, double width, int side) {
        return new Arm(name, "mobilenet_v1", Options.of("width", width), UnaryOperator.identity(), side, List.of());
    }

    private static List<String> rate(double rate) {
        return List.of(String.format(Locale.ROOT, "learning_rate=%.5f", rate));
    }
}
