package org.convzoo.onednn;

import java.lang.ref.Reference;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.convzoo.graph.Graph;
import org.convzoo.graph.Shape;
import org.convzoo.onednn.binding.Memory;
import org.convzoo.onednn.binding.Natives;
import org.convzoo.onednn.compile.Constants;
import org.convzoo.onednn.compile.Inference;
import org.convzoo.onednn.compile.Plan;
import org.convzoo.onednn.program.Arena;
import org.convzoo.onednn.program.Program;
import org.convzoo.onednn.program.Tensor;
import org.convzoo.onednn.program.Timing;

/** A network compiled for predictions of some number of images at once: a program, and where images go in. */
final class CompiledPrediction implements Prediction {
    final Program program;
    private final Natives own;
    final int elements, classes;
    private final int images;
    private final Shape image;
    private final Tensor input, logits;
    /** Where images are copied to if they cannot be read in place. */
    private final BytePointer inputAddress;

    /** @param type of maps */
    CompiledPrediction(Memory memory, int type, Graph graph, int images, Plan plan, Constants constants) {
        this.images = images;
        image = graph.input().shape();
        elements = Math.toIntExact(image.elements());
        classes = graph.classes();
        own = new Natives(type);
        program = new Program(memory, own, Arena.Sharing.BY_LIFETIME);
        try {
            Inference inference = new Inference(own, program, graph, images, plan, constants);
            Inference.Endpoints endpoints = inference.compile();
            program.place();
            input = endpoints.images();
            logits = endpoints.logits();
            inputAddress = input.address();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public int images() {
        return images;
    }

    @Override
    public Shape image() {
        return image;
    }

    @Override
    public void logits(FloatBuffer given, float[] into, int from) {
        reading(given, () -> {
            program.run();
            logits.floats().get(0, into, from, given.remaining() / elements * classes);
            return into;
        });
    }

    /**
     * Does {@code work} with the program reading {@code images}: in place, or from a copy; fewer leave the rest as it
     * is.
     */
    <T> T reading(FloatBuffer images, Supplier<T> work) {
        boolean all = images.remaining() == this.images * elements;
        FloatPointer given =
                new FloatPointer(all && images.isDirect() ? images.slice() : null); // it misreads positions
        if (given.isNull() || images.order() != ByteOrder.nativeOrder() || given.address() % Float.BYTES != 0) {
            input.floats().put(0, images, images.position(), images.remaining());
            return work.get();
        }
        program.move(input, new BytePointer(given));
        try {
            return work.get();
        } finally {
            program.move(input, inputAddress);
            Reference.reachabilityFence(images);
        }
    }

    @Override
    public double milliseconds() {
        return Timing.best(program::run);
    }

    @Override
    public void close() {
        program.close();
        own.close();
    }
}
