package org.convzoo.engine;

/**
 * One step of a compiled network, measured. An engine that fuses layers names the step by the first of them.
 *
 * @param layer the node's path, or the name of what is no node: {@code loss}, {@code parameters}
 * @param pass {@code forward}, {@code backward} or {@code update}
 * @param kernel what it computes and which implementation of it was chosen, in the engine's words
 * @param milliseconds the median of the runs
 * @param macs multiply-accumulates of convolutions and linear layers; each gradient counts as its forward step does
 * @param bytes the sizes of the tensors that it reads plus those of the tensors that it writes
 */
public record LayerTime(String layer, String pass, String kernel, double milliseconds, long macs, long bytes) {}
