package org.convzoo.bench;

import static org.convzoo.bench.Contest.Work.PREDICTION;
import static org.convzoo.bench.Contest.Work.TRAINING;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.convzoo.bench.Results.Network;

/**
 * What is compared, with whom, and the goals that we set ourselves before measuring.
 *
 * @param ours our variant
 * @param theirs those of the others that count
 * @param mean the goal for the geometric mean of the ratios, if there is one
 */
record Contest(
        String title,
        String explanation,
        Work work,
        List<Goal> goals,
        String ours,
        Predicate<String> theirs,
        OptionalDouble mean) {
    enum Work {
        TRAINING,
        PREDICTION
    }

    /** How many times as fast as the fastest of the others convzoo shall be; 0 sets no goal. */
    record Goal(String network, int batch, double ratio) {}

    // spotless:off
    private static final List<Goal> TRAININGS = List.of(
            new Goal("mobilenet_v2",       16, 1.5),
            new Goal("shufflenet_v2_x1_0", 16, 1.5),
            new Goal("squeezenet1_1",      16, 1.5),
            new Goal("efficientnet_b0",     8, 1.3),
            new Goal("resnet50",           16, 1.2),
            new Goal("densenet121",         8, 1.2),
            new Goal("googlenet",          16, 1.2),
            new Goal("resnet18_32",        64, 1.2),
            new Goal("vgg16",               4, 1.05),
            new Goal("lenet",              64, 1.5));
    private static final List<Goal> HALF_TRAININGS = List.of(
            new Goal("resnet50",        16, 1.2),
            new Goal("mobilenet_v2",    16, 1.2),
            new Goal("densenet121",      8, 1.2),
            new Goal("efficientnet_b0",  8, 0),
            new Goal("resnet18_32",     64, 0),
            new Goal("lenet",           64, 0));
    // spotless:on

    static final Contest FLOAT_TRAINING = new Contest(
            "Training in float32",
            "A step: forward, loss, backward, SGD with momentum. Against the fastest of the others in float32.",
            TRAINING,
            TRAININGS,
            "ours",
            Variants::isFloat32,
            OptionalDouble.empty());

    static final Contest HALF_TRAINING = new Contest(
            "Training in bfloat16",
            "The same step. Against PyTorch's autocast, channels last.",
            TRAINING,
            HALF_TRAININGS,
            "ours_bf16",
            "bf16_cl"::equals,
            OptionalDouble.empty());

    static final List<Contest> ALL = List.of(
            FLOAT_TRAINING,
            HALF_TRAINING,
            floatPrediction(1),
            floatPrediction(16),
            halfPrediction(1),
            halfPrediction(16));

    static Contest floatPrediction(int batch) {
        return new Contest(
                "Prediction in float32, batch " + batch,
                "Against the faster of ONNX Runtime and OpenVINO.",
                PREDICTION,
                predictions(batch, 1),
                "ours",
                Variants::isRuntime,
                OptionalDouble.of(1.1));
    }

    private static Contest halfPrediction(int batch) {
        return new Contest(
                "Prediction in bfloat16, batch " + batch,
                "Against OpenVINO as it comes: in bfloat16 where the processor has it. The goal is for the mean.",
                PREDICTION,
                predictions(batch, 0),
                "ours_bf16",
                "ov_default"::equals,
                OptionalDouble.of(1));
    }

    private static List<Goal> predictions(int batch, double goal) {
        return Stream.of(
                        "resnet50",
                        "mobilenet_v2",
                        "mobilenet_v3_large",
                        "densenet121",
                        "efficientnet_b0",
                        "shufflenet_v2_x1_0",
                        "squeezenet1_1",
                        "googlenet",
                        "inception_v3",
                        "vgg16")
                .map(network -> new Goal(network, batch, goal))
                .toList();
    }

    /** The networks that were measured in this kind of work. */
    Map<String, Network> networks(Results results) {
        return work == TRAINING ? results.training() : results.inference();
    }

    /** A comparison for each goal, also where nothing was measured. */
    List<Comparison> comparisons(Results results) {
        return goals.stream()
                .map(goal -> Comparison.of(networks(results), goal, ours, theirs))
                .toList();
    }

    /** Whether this machine ever computed in this precision. */
    boolean isMeasured(Results results) {
        return Stream.of(results.training(), results.inference())
                .flatMap(networks -> networks.values().stream())
                .anyMatch(n -> n.variants().contains(ours));
    }
}
