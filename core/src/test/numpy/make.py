"""Makes the files under ../resources/numpy with NumPy: archives and pickles in the forms in which weights are found.

    pip install numpy && python3 make.py
"""

import collections, os, pickle
from pathlib import Path

import numpy as np

OUT = Path(__file__).parent.parent / "resources" / "numpy"

rows = np.arange(6, dtype=np.float32).reshape(2, 3) / 8
arrays = {
    "rows": rows,
    "columns": np.asfortranarray(rows),
    "big": rows.astype(">f4"),
    "double": rows.astype(np.float64),
    "half": rows.astype(np.float16),
    "whole": np.arange(6),
    "scalar": np.float32(1) * np.ones(()),
    "empty": np.zeros((0, 3), np.float32),
}
np.savez(OUT / "plain.npz", **arrays)
np.savez_compressed(OUT / "compressed.npz", **arrays)
nested = {"conv1": [arrays["rows"], arrays["columns"]], "fc": collections.OrderedDict(weight=arrays["big"], bias=arrays["half"])}
for protocol in (0, 2, 4, 5):
    with open(OUT / f"nested{protocol}.pkl", "wb") as f: pickle.dump(nested, f, protocol)


class Evil:
    def __reduce__(self): return os.system, ("echo pwned",)


with open(OUT / "evil.pkl", "wb") as f: pickle.dump({"a": rows, "b": Evil()}, f, 2)
with open(OUT / "objects.npz", "wb") as f: np.savez(f, a=np.array([Evil()], dtype=object))
