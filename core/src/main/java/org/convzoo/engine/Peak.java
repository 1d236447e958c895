package org.convzoo.engine;

/**
 * What a machine reaches at best with an engine's threads, measured: the two roofs of a roofline plot (Williams,
 * Waterman and Patterson 2009, CACM 52(4)).
 *
 * @param flops floating-point operations a second in the product of large matrices; a multiply-accumulate is two
 * @param bytes bytes a second, read and written together, of a copy between arrays too large for any cache
 */
public record Peak(double flops, double bytes) {
    /** Operations a byte from which on arithmetic is the limit, no longer memory. */
    public double ridge() {
        return flops / bytes;
    }
}
