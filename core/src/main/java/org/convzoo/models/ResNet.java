package org.convzoo.models;

import java.util.List;

final class ResNet {
    private ResNet() {}

    static final List<Architecture> VARIANTS = List.of();
}
