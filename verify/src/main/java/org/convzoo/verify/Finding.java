package org.convzoo.verify;

/**
 * The outcome of one comparison with a reference.
 *
 * @param name the network, operator case or pixel case
 * @param ok whether everything that was compared agrees
 * @param text the line to print; it ends in {@code ok} or in what departs
 */
public record Finding(String name, boolean ok, String text) {}
