"""Makes the files of PyTorch's two formats under ../resources/torch, with Python's own pickle and without PyTorch: modules
of its names stand in for it, so that the pickles name what torch.save lets them name (torch 2.x: zip; before 1.6: legacy).
Values are k / 8 for the k-th number of a storage, which every float type holds exactly.

    python3 make.py
"""

import collections, io, pickle, struct, sys, types, zipfile
from pathlib import Path

OUT = Path(__file__).parent.parent / "resources" / "torch"
SIZES = {"Double": 8, "Float": 4, "Half": 2, "BFloat16": 2, "Long": 8}

torch = types.ModuleType("torch")
utils = types.ModuleType("torch._utils")


def named(module, name):
    f = type(name, (), {}) if name.endswith("Storage") else lambda *a: None
    f.__module__, f.__name__, f.__qualname__ = module.__name__, name, name
    setattr(module, name, f)
    return f


STORAGE = {t: named(torch, t + "Storage") for t in SIZES}
REBUILD = named(utils, "_rebuild_tensor_v2")
PARAMETER = named(utils, "_rebuild_parameter")
sys.modules.update({"torch": torch, "torch._utils": utils})


class Storage:
    def __init__(self, key, kind, elements):
        self.key, self.kind, self.elements = str(key), kind, elements

    def bytes(self):
        values = [k / 8 for k in range(self.elements)]
        if self.kind == "Double": return struct.pack(f"<{len(values)}d", *values)
        if self.kind == "Float": return struct.pack(f"<{len(values)}f", *values)
        if self.kind == "Half": return struct.pack(f"<{len(values)}e", *values)
        if self.kind == "Long": return struct.pack(f"<{len(values)}q", *[int(v) for v in values])
        return b"".join(struct.pack("<f", v)[2:] for v in values)  # bfloat16


class Tensor:
    def __init__(self, storage, sizes, strides=None, offset=0):
        if strides is None:
            strides, n = [], 1
            for s in reversed(sizes): strides, n = [n] + strides, n * s
        self.args = (storage, offset, tuple(sizes), tuple(strides), False, collections.OrderedDict())

    def __reduce__(self):
        return REBUILD, self.args


class Parameter:
    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce__(self):
        return PARAMETER, (self.tensor, True, collections.OrderedDict())


class Pickler(pickle.Pickler):
    def __init__(self, out, legacy):
        super().__init__(out, protocol=2)
        self.legacy, self.storages = legacy, {}

    def persistent_id(self, o):
        if not isinstance(o, Storage): return None
        self.storages[o.key] = o
        id = ("storage", STORAGE[o.kind], o.key, "cpu", o.elements)
        return id + (None,) if self.legacy else id


def save(name, root):
    out = io.BytesIO()
    p = Pickler(out, False)
    p.dump(root)
    with zipfile.ZipFile(OUT / name, "w", zipfile.ZIP_STORED) as z:
        def put(path, data): z.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), data)
        put("archive/data.pkl", out.getvalue())
        put("archive/byteorder", b"little")
        for s in p.storages.values(): put(f"archive/data/{s.key}", s.bytes())
        put("archive/version", b"3\n")


def save_legacy(name, root):
    with open(OUT / name, "wb") as f:
        for head in (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}):
            pickle.dump(head, f, protocol=2)
        p = Pickler(f, True)
        p.dump(root)
        keys = sorted(p.storages)
        pickle.dump(keys, f, protocol=2)
        f.flush()
        for k in keys: f.write(struct.pack("<q", p.storages[k].elements) + p.storages[k].bytes())


def state():
    shared = Storage(1, "Float", 12)
    return collections.OrderedDict([
        ("plain.weight", Tensor(Storage(0, "Float", 6), [2, 3])),
        ("turned.weight", Tensor(shared, [4, 3], [1, 4])),  # column by column
        ("tail.bias", Tensor(shared, [5], [2], 3)),         # every second number of the same storage
        ("double.weight", Tensor(Storage(2, "Double", 4), [4])),
        ("half.weight", Tensor(Storage(3, "Half", 4), [2, 2])),
        ("bfloat16.weight", Parameter(Tensor(Storage(4, "BFloat16", 4), [1, 4]))),
        ("bn.num_batches_tracked", Tensor(Storage(5, "Long", 1), [])),
        ("empty", Tensor(Storage(6, "Float", 0), [0])),
    ])


with_metadata = state()
with_metadata._metadata = collections.OrderedDict([("", {"version": 1})])  # as state_dict() has it
save("state.pth", with_metadata)
save("wrapped.pth", {"epoch": 3, "lr": 0.1, "best": None, "model": state(), "optimizer": {"state": {}, "param_groups": [{"lr": 0.1}]}})
save_legacy("legacy.pth", state())
save("evil.pth", {"state_dict": state(), "x": type("E", (), {"__reduce__": lambda s: (__import__("os").system, ("echo pwned",))})()})
save("beyond.pth", collections.OrderedDict([("a", Tensor(Storage(0, "Float", 6), [3, 3]))]))
save("repeated.pth", collections.OrderedDict([("a", Tensor(Storage(0, "Float", 1), [1 << 30], [0]))]))
