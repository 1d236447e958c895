"""Writes a tiny network in each of Keras' formats to ../resources/org/convzoo/pretrained/keras: material for broken files.

    pip install keras==3.15.1 torch tf_keras && python3 tiny.py
"""

import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np
import tf_keras

OUT = Path(__file__).parent.parent / "resources" / "org" / "convzoo" / "pretrained" / "keras"
for library, names in (keras, ("tiny.h5", "tiny.keras", "tiny.weights.h5")), (tf_keras, ("tiny2.h5",)):
    layers = library.layers
    net = library.Sequential([layers.Input((4, 4, 1)), layers.Conv2D(2, 3, name="conv"), layers.BatchNormalization(name="bn"),
                              layers.Flatten(), layers.Dense(2, name="fc")])
    net.set_weights([np.arange(w.size, dtype=np.float32).reshape(w.shape) / 8 for w in net.get_weights()])
    for name in names: (net.save_weights if "weights" in name else net.save)(OUT / name)
