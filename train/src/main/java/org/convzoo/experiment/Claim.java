package org.convzoo.experiment;

/**
 * What a paper says of two arms, as it can be counted: something is more of one than of the other.
 *
 * @param words the paper's, in short
 * @param measure what is more
 * @param more the name of the arm of which it is more
 * @param less the name of the other
 */
public record Claim(String words, Measure measure, String more, String less) {}
