package org.convzoo.classify;

/**
 * One class that a picture may be of.
 *
 * @param index the class, counted from 0
 * @param label its name
 * @param probability how likely it is, 0 to 1
 */
public record Prediction(int index, String label, double probability) {}
