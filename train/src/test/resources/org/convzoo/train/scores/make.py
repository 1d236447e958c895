"""Writes what ScoresTest and ViewsTest expect: python3 make.py, with numpy, scipy, scikit-learn, torchvision and Pillow."""

import json
import pathlib
import zlib

import numpy
import PIL.Image
import scipy.stats
import sklearn.metrics
import torchvision.transforms.functional as functional

here = pathlib.Path(__file__).parent
random = numpy.random.default_rng(1)


def several():
    """Probabilities of four classes with two decimals, so that many are equal; no image is of the last class."""
    labels = random.integers(0, 3, 60)
    logits = random.normal(0, 1, (60, 4))
    logits[numpy.arange(60), labels] += 1
    p = numpy.exp(logits)
    p = numpy.round(p / p.sum(1, keepdims=True), 2)
    auc = [sklearn.metrics.roc_auc_score(labels == k, p[:, k]) for k in range(3)]
    return {"labels": labels.tolist(), "probabilities": p.T.tolist(), "auc": auc, "mean": float(numpy.mean(auc))}


def two():
    labels = random.integers(0, 2, 50)
    p = numpy.round(numpy.clip(random.normal(0.35 + 0.3 * labels, 0.2), 0, 1), 2)  # some lie on a threshold
    rows = []
    for t in range(1, 20):
        said = numpy.round(p * 100) >= 5 * t
        rows.append([
            t / 20,
            sklearn.metrics.precision_score(labels, said, zero_division=0),
            sklearn.metrics.recall_score(labels, said),
            sklearn.metrics.f1_score(labels, said),
            sklearn.metrics.recall_score(labels, said, pos_label=0),
        ])
    return {"labels": labels.tolist(), "probabilities": [(1 - p).tolist(), p.tolist()], "rows": rows}


def wilson():
    counts = [(0, 10), (1, 10), (5, 10), (10, 10), (180, 240), (999, 1000), (1, 3), (40_000, 50_000)]
    return [[k, n, *scipy.stats.binomtest(k, n).proportion_ci(method="wilson")] for k, n in counts]


def crops():
    """torchvision's ten crops of 16x12, as CRC-32 of their pixels, from a picture of 33x25 with a shorter side of 21."""
    y, x, c = numpy.mgrid[0:25, 0:33, 0:3]
    picture = PIL.Image.fromarray(((7 * x + 13 * y + 50 * c + x * y) % 256).astype("uint8"))
    crops = functional.ten_crop(functional.resize(picture, 21), (12, 16))
    return [zlib.crc32(crop.tobytes()) for crop in crops]


expected = {"several": several(), "two": two(), "wilson": wilson(), "crops": crops()}
(here / "expected.json").write_text(json.dumps(expected) + "\n")
