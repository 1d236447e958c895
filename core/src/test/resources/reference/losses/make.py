"""Writes steps.json: losses of PyTorch and timm, and their gradients in the parameters of two linear layers, in float64.

    pip install torch timm
    python make.py > steps.json

Parameters and images follow the value rule of ../README.md; the images are 5 numbers, 5 times as large as the rule says,
so that some of the 6 are told apart well and some are not at all. The loss of the layer side.fc, an auxiliary head, counts
0.3 times. Labels are 3 n mod 5.
"""

import json
import math
import zlib

import timm
import torch
from timm.loss import BinaryCrossEntropy
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
MASK = (1 << 64) - 1
IMAGES, CLASSES = 6, 5
LABELS = torch.tensor([3 * n % CLASSES for n in range(IMAGES)])
WEIGHTS = torch.tensor([1, 2, 0.5, 3, 1.0])
SHAPES = {"fc.weight": (CLASSES, 5), "fc.bias": (CLASSES,), "side.fc.weight": (CLASSES, 5), "side.fc.bias": (CLASSES,)}


def u(name, n):
    s = zlib.crc32(name.encode())
    out = []
    for i in range(n):
        z = (s + (i + 1) * 0x9E3779B97F4A7C15) & MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        out.append((z >> 40) / (1 << 23) - 1)
    return torch.tensor(out)


def value(name, shape):
    v = u(name, math.prod(shape)).float()
    if len(shape) == 1:
        v = torch.tensor(0.1).float() * v
    else:
        v = v * torch.tensor(math.sqrt(6 * shape[0] / math.prod(shape))).float()
    return v.double().reshape(shape)


def focal(gamma, rows):
    """Equation 4 of Lin et al. 2017 with a softmax, a sum over the classes."""
    def loss(logits):
        log = logits.log_softmax(1)
        return -(rows * (1 - log.exp()) ** gamma * log).sum(1).mean()
    return loss


def case(loss):
    params = {name: value(name, shape).requires_grad_() for name, shape in SHAPES.items()}
    images = 5 * u("images", IMAGES * 5).reshape(IMAGES, 5)
    logits = {n: images @ params[f"{n}.weight"].T + params[f"{n}.bias"] for n in ("fc", "side.fc")}
    total = loss(logits["fc"]) + 0.3 * loss(logits["side.fc"])
    total.backward()
    gradients = {n: [float(f"{x:.9g}") for x in p.grad.flatten().tolist()] for n, p in params.items()}
    return {"loss": float(f"{total.item():.9g}"), "gradients": gradients}


labelled = F.one_hot(LABELS, CLASSES).double()
smoothed = 0.9 * labelled + 0.1 / CLASSES
mixed = 0.7 * labelled + 0.3 * labelled.flip(0)
weighted = labelled * WEIGHTS * IMAGES / WEIGHTS[LABELS].sum()
cases = {
    "cross_entropy labelled": case(lambda z: F.cross_entropy(z, LABELS)),
    "cross_entropy smoothed": case(lambda z: F.cross_entropy(z, LABELS, label_smoothing=0.1)),
    "cross_entropy mixed": case(lambda z: F.cross_entropy(z, mixed)),
    "cross_entropy weighted": case(lambda z: F.cross_entropy(z, LABELS, weight=WEIGHTS)),
}
for gamma in (0.5, 2, 3):
    for name, rows in {"labelled": labelled, "smoothed": smoothed, "mixed": mixed, "weighted": weighted}.items():
        cases[f"focal{gamma} {name}"] = case(focal(gamma, rows))
cases["binary labelled"] = case(lambda z: F.binary_cross_entropy_with_logits(z, labelled))
cases["binary smoothed"] = case(lambda z: BinaryCrossEntropy(smoothing=0.1)(z, LABELS))
cases["binary mixed"] = case(lambda z: BinaryCrossEntropy(smoothing=0)(z, mixed))
cases["binary weighted"] = case(lambda z: F.binary_cross_entropy_with_logits(z, weighted))
versions = f"PyTorch {torch.__version__.split('+')[0]}, timm {timm.__version__}"
print(json.dumps({"source": versions, **cases}))
