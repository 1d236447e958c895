"""Writes steps.json: where each optimizer of PyTorch or timm brings the parameters of a small network in five steps with
given gradients, in float64.

    pip install torch timm
    python make.py > steps.json

Parameters follow the value rule of ../README.md; the gradient of NAME in step t, from 0, is u("gradientt NAME"), 0.3 times
as large in every other step. Rates fall from step to step. Matrices and kernels decay, vectors do not; the parameters of
the batch norm have half the rate, fc.weight three times the rate and half the decay.
"""

import json
import math
import zlib

import timm
import torch
from timm.optim import Lamb, Lion, RMSpropTF

torch.set_default_dtype(torch.float64)
MASK = (1 << 64) - 1
SHAPES = {
    "conv.weight": (8, 3, 3, 3),
    "conv.bias": (8,),
    "bn.weight": (8,),
    "bn.bias": (8,),
    "fc.weight": (5, 8),
    "fc.bias": (5,),
}
DECAY = 0.1


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
        v = 1 + 0.25 * v if name.endswith("weight") else torch.tensor(0.1).float() * v
    else:
        v = v * torch.tensor(math.sqrt(6 * shape[0] / math.prod(shape))).float()
    return v.double().reshape(shape)


def steps(make, rate, clip=0.5):
    params = {name: torch.nn.Parameter(value(name, shape)) for name, shape in SHAPES.items()}
    factors = {"bn.weight": (0.5, 0), "bn.bias": (0.5, 0), "fc.weight": (3, 0.5)}
    groups = []
    for name, p in params.items():
        of_rate, of_decay = factors.get(name, (1, 1))
        decay = DECAY * of_decay if p.dim() > 1 else 0
        groups.append({"params": [p], "lr": rate * of_rate, "full": rate * of_rate, "weight_decay": decay})
    optimizer = make(groups)
    for t in range(5):
        for group in optimizer.param_groups:
            group["lr"] = group["full"] * (1 - t / 5)
        for name, p in params.items():
            g = u(f"gradient{t} {name}", p.numel()).float() * (1 if t % 2 == 0 else torch.tensor(0.3).float())
            p.grad = g.double().reshape(p.shape)
        if clip:
            torch.nn.utils.clip_grad_norm_(params.values(), clip)
        optimizer.step()
    after = {n: [float(f"{x:.9g}") for x in p.flatten().tolist()] for n, p in params.items()}
    return {"rate": rate, "after": after}


betas = {"betas": (0.9, 0.99), "eps": 1e-6}
mean = {"alpha": 0.9, "momentum": 0.9}
cases = {
    "sgd": steps(lambda g: torch.optim.SGD(g, momentum=0.9), 0.05),
    "nesterov": steps(lambda g: torch.optim.SGD(g, momentum=0.9, nesterov=True), 0.05),
    "adam": steps(lambda g: torch.optim.Adam(g, **betas), 0.01),
    "adamw": steps(lambda g: torch.optim.AdamW(g, **betas), 0.01),
    "rmsprop": steps(lambda g: torch.optim.RMSprop(g, eps=1e-3, **mean), 0.01),
    "rmsprop_plain": steps(lambda g: torch.optim.RMSprop(g, alpha=0.9, eps=1e-3), 0.01),
    "rmsprop_tf": steps(lambda g: RMSpropTF(g, eps=1e-3, **mean), 0.01),
    "rmsprop_tf_plain": steps(lambda g: RMSpropTF(g, alpha=0.9, eps=1e-3), 0.01),
    "lamb": steps(lambda g: Lamb(g, max_grad_norm=0.5, **betas), 0.01, clip=None),
    "lion": steps(lambda g: Lion(g, betas=(0.9, 0.99)), 0.001),
}
versions = f"PyTorch {torch.__version__.split('+')[0]}, timm {timm.__version__}"
print(json.dumps({"source": versions, **cases}))
