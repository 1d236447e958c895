package org.convzoo.images;

/**
 * What a training learns from, and what it is judged by on the way.
 *
 * @param validation some of a data set's training pictures, as many of each class by its size; perhaps none
 * @param train the others
 */
public record HeldOut(Dataset train, Dataset validation) {}
