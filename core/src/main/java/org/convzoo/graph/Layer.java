package org.convzoo.graph;

/** A piece of network: a function from value to value. Composing networks is composing functions. */
@FunctionalInterface
public interface Layer {
    Value apply(Value x);
}
