package org.convzoo.models;

import org.convzoo.graph.Shape;

/** What a network is asked to do: the images it sees, {@code [C, H, W]}, and the classes it tells apart. */
public record Task(Shape image, int classes) {
    /** @throws IllegalArgumentException unless the image has three sizes and there are at least two classes */
    public Task {
        if (image.rank() != 3)
            throw new IllegalArgumentException("an image has channels, height and width, like 3x224x224; got " + image);
        if (classes < 2) throw new IllegalArgumentException("a classifier needs at least 2 classes, got " + classes);
    }

    public static Task imagenet(int size) {
        return new Task(new Shape(3, size, size), 1000);
    }

    public static Task cifar10() {
        return new Task(new Shape(3, 32, 32), 10);
    }

    public static Task mnist() {
        return new Task(new Shape(1, 28, 28), 10);
    }

    public Task image(Shape image) {
        return new Task(image, classes);
    }

    public Task classes(int classes) {
        return new Task(image, classes);
    }
}
