"""Writes MobileNetV2 of Keras, narrow and with weights of few values, in each of Keras' formats, and its logits, to
../resources/org/convzoo/pretrained/keras; the old format is that of TensorFlow's Keras 2.

    pip install keras==3.15.1 torch tf_keras && python3 make.py
"""

import gzip, json, os, tempfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
import numpy as np

OUT = Path(__file__).parent.parent / "resources" / "org" / "convzoo" / "pretrained" / "keras"
OUT.mkdir(parents=True, exist_ok=True)
LEVELS = np.array([-1, 0, 1])


def weights(keras):
    net = keras.applications.MobileNetV2((64, 64, 3), alpha=0.35, weights=None, classes=5, classifier_activation=None)
    random = np.random.default_rng(0)
    for layer in net.layers:
        now = []
        for i, w in enumerate(layer.get_weights()):
            level = random.choice(LEVELS, w.shape).astype(np.float32)
            fan = np.prod(w.shape[:2]) if "depthwise" in layer.name else np.prod(w.shape[:-1])
            now.append(level * np.float32(np.sqrt(4 / fan)) if w.ndim > 1 else
                       0.1 * level if len(layer.get_weights()) < 3 else [1 + level / 4, level / 10, level / 10, 1 + level / 4][i])
        layer.set_weights(now)
    return net


def keep(net, names):
    with tempfile.TemporaryDirectory() as d:
        for name in names:
            path = os.path.join(d, name)
            (net.save_weights if "weights" in name else net.save)(path)
            with gzip.GzipFile(OUT / (name + ".gz"), "wb", mtime=0) as f: f.write(Path(path).read_bytes())


import keras
net = weights(keras)
keep(net, ["model.h5", "model.keras", "only.weights.h5"])
image = (np.arange(64 * 64 * 3).reshape(1, 3, 64, 64) * 37 % 101 / 50 - 1).astype(np.float32)
logits = np.asarray(net(image.transpose(0, 2, 3, 1)).detach().cpu())
(OUT / "logits.json").write_text(json.dumps({"source": "Keras " + keras.__version__, "logits": logits[0].tolist()}) + "\n")
import tf_keras
old = weights(tf_keras)
assert np.abs(old(image.transpose(0, 2, 3, 1)).numpy() - logits).max() < 1e-4 * np.abs(logits).max()
keep(old, ["keras2.h5"])
with tempfile.TemporaryDirectory() as d:
    path = os.path.join(d, "keras2-weights.h5")
    old.save_weights(path)
    with gzip.GzipFile(OUT / "keras2-weights.h5.gz", "wb", mtime=0) as f: f.write(Path(path).read_bytes())
print(logits)
