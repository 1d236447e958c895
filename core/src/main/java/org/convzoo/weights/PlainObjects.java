package org.convzoo.weights;

import java.util.LinkedHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What stands in checkpoints beside a network's state: options, dates, paths, states of random generators. A pickle may
 * name these and say how to make one; nothing is made, and what they would hold is dropped.
 */
final class PlainObjects {
    /** Modules and packages all of whose classes hold data. */
    private static final Set<String> MODULES = Set.of(
            "datetime",
            "pathlib",
            "decimal",
            "fractions",
            "uuid",
            "typing",
            "omegaconf",
            "lightning",
            "pytorch_lightning",
            "lightning_fabric",
            "yacs");

    /** Names of modules that have others, too. */
    private static final Set<String> NAMES = Set.of(
            "argparse.Namespace",
            "builtins.bool",
            "builtins.bytearray",
            "builtins.bytes",
            "builtins.complex",
            "builtins.dict",
            "builtins.float",
            "builtins.frozenset",
            "builtins.int",
            "builtins.list",
            "builtins.long",
            "builtins.object",
            "builtins.range",
            "builtins.set",
            "builtins.slice",
            "builtins.str",
            "builtins.tuple",
            "collections.Counter",
            "collections.deque",
            "copyreg._reconstructor",
            "types.SimpleNamespace",
            "numpy.core.multiarray.scalar",
            "torch.device",
            "torch.serialization._get_layout",
            "torch.Tensor",
            "torch.nn.parameter.Buffer",
            "torch.nn.parameter.Parameter");

    private PlainObjects() {}

    /**
     * What stands for {@code module.name}.
     *
     * @return none if it is none of these
     */
    static Pickle.@Nullable Named named(String module, String name) {
        String now = module.replaceFirst("^__builtin__$", "builtins")
                .replaceFirst("^copy_reg$", "copyreg")
                .replaceFirst("^numpy\\._core", "numpy.core");
        String full = now + "." + name;
        if (full.equals("collections.OrderedDict")
                || full.equals("collections.defaultdict")
                || name.equals("AttributeDict")) return arguments -> new LinkedHashMap<Object, Object>();
        boolean plain = NAMES.contains(full)
                || MODULES.contains(now.replaceFirst("\\..*", ""))
                || now.startsWith("numpy.random.")
                || now.equals("torch") && isType(name);
        return plain ? arguments -> new Pickle.Dropped() : null;
    }

    /** PyTorch's types of numbers, {@code torch.float32}; its functions have other names. */
    private static boolean isType(String name) {
        return name.matches("(bool|u?int\\d+|b?float\\d+(_[a-z0-9]+)?|complex\\d+)");
    }
}
