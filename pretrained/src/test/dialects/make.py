"""Writes ../resources/org/convzoo/pretrained/dialects.json.gz: for networks of timm and pytorchcv, which array of theirs is
which of ours. The arrays are paired in order, and the pairing is proved: the network whose names ours are gives with the
other's arrays the other's logits (to 1e-5), batch norms with the other's epsilon.

    pip install torch==2.15.0 torchvision==0.29.2 timm==1.0.31 pytorchcv==0.0.74 && python3 make.py
"""

import gzip, json, warnings
from pathlib import Path

import pytorchcv.model_provider as pytorchcv
import timm
import torch
import torchvision.models as torchvision

warnings.filterwarnings("ignore")
torch.manual_seed(0)
OUT = Path(__file__).parent.parent / "resources" / "org" / "convzoo" / "pretrained" / "dialects.json.gz"
NETWORKS = [("timm", *p) for p in {
    "resnet18": "resnet18", "resnet50": "resnet50", "vgg11": "vgg11", "vgg16_bn": "vgg16_bn", "densenet121": "densenet121",
    "mobilenetv2_100": "mobilenet_v2", "mobilenetv3_large_100": "mobilenet_v3_large",
    "mobilenetv3_small_100": "mobilenet_v3_small", "efficientnet_b0": "efficientnet_b0", "efficientnet_b3": "efficientnet_b3",
    "inception_v3": "inception_v3"}.items()] + [("pytorchcv", *p) for p in {
    "resnet18": "resnet18", "resnet50b": "resnet50", "resnext50_32x4d": "resnext50_32x4d", "vgg11": "vgg11",
    "bn_vgg11b": "vgg11_bn", "squeezenet_v1_0": "squeezenet1_0", "squeezenet_v1_1": "squeezenet1_1",
    "densenet121": "densenet121", "efficientnet_b0": "efficientnet_b0", "inceptionv3": "inception_v3",
    "inceptionv4": "inception_v4", "inceptionresnetv2": "inception_resnet_v2", "resnesta50": "resnest50d"}.items()]


def arrays(net):
    return [(k, v) for k, v in net.state_dict().items() if "num_batches" not in k and not k.lower().startswith("aux")]


def ours(network):
    if network.startswith("inception_v4") or network.startswith("inception_r") or network.startswith("resnest"):
        return timm.create_model(network)
    return getattr(torchvision, network)(**({"init_weights": False} if "inception" in network else {}))


rows = []
for library, name, network in NETWORKS:
    other = timm.create_model(name) if library == "timm" else pytorchcv.get_model(name)
    own = ours(network)
    for k, v in other.state_dict().items():
        if v.ndim == 1 and v.is_floating_point():
            v.copy_(torch.rand_like(v) / 2 + 0.75 if k.endswith(("weight", "var")) else torch.randn_like(v) / 10)
    state, a, b = own.state_dict(), arrays(other), arrays(own)
    assert len(a) == len(b), (name, len(a), len(b))
    for (k, x), (l, y) in zip(a, b): state[l] = x.reshape(y.shape)
    own.load_state_dict(state)
    eps = {m.eps for m in other.modules() if isinstance(m, torch.nn.BatchNorm2d)}
    for m in own.modules():
        if isinstance(m, torch.nn.BatchNorm2d): m.eps = max(eps)
    size = 299 if "inception" in network else 224
    image = torch.randn(1, 3, size, size)
    with torch.no_grad(): x, y = other.eval()(image), own.eval()(image)
    assert len(eps) < 2 and (x - y).abs().max() < 1e-5 * x.abs().max(), (name, eps)
    print(library, name, network, len(a), eps)
    rows.append({"library": library, "model": name, "network": network, "eps": max(eps, default=0),
                 "arrays": [[k, l, list(x.shape)] for (k, x), (l, y) in zip(a, b)]})
with gzip.GzipFile(OUT, "wb", mtime=0) as f: f.write(json.dumps(rows).encode())
