package org.convzoo.onednn.program;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Training that keeps less, Chen et al. 2016 (1604.06174), section 3: what cheap steps made on the way forward is not
 * kept for the way back but made once more there, right before the first step that reads it. The same kernels see the
 * same arguments, so all results keep their bits.
 */
final class Recomputation {
    /** An argument is kept if the result that is made of it is so many times as large. */
    private static final long SMALL = 16;

    private final Map<Tensor, Step> makers = new IdentityHashMap<>();
    private final Set<Tensor> again = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Step> all;

    private Recomputation(List<Step> forward) {
        all = new ArrayList<>(forward);
        for (int i = 0; i < forward.size(); i++) {
            Tensor made = forward.get(i).cheapResult();
            if (made != null && made.first() == i) makers.put(made, forward.get(i));
        }
    }

    /** The steps with the cheap ones repeated on the way back, which begins at step {@code turn}. */
    static List<Step> of(List<Step> steps, int turn) {
        Recomputation r = new Recomputation(steps.subList(0, turn));
        for (int i = turn; i < steps.size(); i++) {
            for (Tensor t : steps.get(i).arguments.tensors()) r.make(t.root, i);
            r.all.add(steps.get(i));
        }
        return r.all;
    }

    /** Adds the steps that make {@code t} once more before step {@code at}, if that is possible and has not been done. */
    private void make(Tensor t, int at) {
        Step maker = makers.get(t);
        if (maker == null || again.contains(t) || !possible(t, at)) return;
        again.add(t);
        for (Tensor a : maker.arguments.tensors()) make(a.root, at);
        all.add(maker.again());
    }

    /**
     * Whether all that {@code t} is made from is there before step {@code at} anyway, or small enough to be kept, or can
     * be made once more itself without taking more memory than {@code t}.
     */
    private boolean possible(Tensor t, int at) {
        Step maker = makers.get(t);
        if (maker == null) return false;
        for (Tensor argument : maker.arguments.tensors()) {
            Tensor a = argument.root;
            boolean there = a == t || a.fixed() || a.last() >= at || again.contains(a) || maker.isScratchpad(argument);
            if (there || a.desc.bytes() * SMALL <= t.desc.bytes()) continue;
            if (a.desc.bytes() > t.desc.bytes() || !possible(a, at)) return false;
        }
        return true;
    }
}
