"""Makes expected.json: what torchvision's v2 transforms MixUp and CutMix make of a batch with a given draw of λ and of the
box's middle, of the images a checksum of their floats; the loss that PyTorch has for them with smoothing and class weights;
and quantiles of Beta(α, α) by SciPy.

Run with torchvision 0.29 and SciPy: python make.py
"""
import hashlib
import json
import os
from unittest import mock

import torch
from scipy.stats import beta
from torchvision.transforms import v2

HERE = os.path.dirname(os.path.abspath(__file__))
COUNT, CHANNELS, HEIGHT, WIDTH, CLASSES = 5, 3, 6, 9, 4
SMOOTHING, WEIGHTS = 0.1, torch.tensor([0.5, 1.0, 2.0, 0.25])
labels = torch.tensor([0, 3, 3, 1, 2])
# As the test has them: thirds are no round numbers.
images = (torch.arange(COUNT * CHANNELS * HEIGHT * WIDTH, dtype=torch.float32) % 97 / 3).reshape(
    COUNT, CHANNELS, HEIGHT, WIDTH)
logits = torch.arange(COUNT * CLASSES, dtype=torch.float64).remainder(7).div(2).reshape(COUNT, CLASSES)


def rows(wanted):
    return [[float(v) for v in row] for row in wanted]


def mixed(transform, lam, middle):
    """With λ and the middle of the box in place of random numbers."""
    draws = iter(middle)
    with mock.patch.object(transform._dist, "sample", lambda *_: torch.tensor(lam, dtype=torch.float64)), \
            mock.patch.object(torch, "randint", lambda *_, **__: torch.tensor([next(draws)])):
        x, y = transform(images, labels)
    share = float(y[0, 0])  # of image 0, whose label no other has
    loss = lambda t: torch.nn.functional.cross_entropy(
        logits, t, weight=WEIGHTS.double(), label_smoothing=SMOOTHING)
    sha256 = hashlib.sha256(x.numpy().astype(">f4").tobytes()).hexdigest()
    return {"lambda": lam, "middle": middle, "sha256": sha256, "targets": rows(y),
            "loss": float(share * loss(labels) + (1 - share) * loss(labels.roll(1)))}


cases = {
    "mixup": [mixed(v2.MixUp(alpha=1.0, num_classes=CLASSES), lam, []) for lam in (0.3, 0.987654321, 0.0, 1.0)],
    "cutmix": [mixed(v2.CutMix(alpha=1.0, num_classes=CLASSES), lam, middle) for lam, middle in (
        (0.3, [4, 3]), (0.55, [0, 0]), (0.1, [8, 5]), (0.0, [1, 2]), (0.999, [4, 2]), (0.75, [7, 1]))],
}
shares = [i / 20 for i in range(1, 20)]
quantiles = {str(a): [float(beta.ppf(s, a, a)) for s in shares] for a in (0.1, 0.2, 0.8, 1.0, 3.0)}
with open(os.path.join(HERE, "expected.json"), "w") as f:
    json.dump({**cases, "quantiles": quantiles}, f, indent=None, separators=(",", ":"))
    f.write("\n")
