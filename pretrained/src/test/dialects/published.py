"""Writes ../resources/org/convzoo/pretrained/states.json.gz: names and shapes of the states of all networks that have
published weights, as the libraries have them that published the weights; auxiliary heads and counters, too.

    pip install torch==2.15.0 torchvision==0.29.2 timm==1.0.31 pytorchcv==0.0.74 && python3 published.py
"""

import gzip, json, warnings
from pathlib import Path

import pytorchcv.model_provider as pytorchcv
import timm
import torch
import torchvision.models as torchvision

warnings.filterwarnings("ignore")
HERE = Path(__file__).parent.parent
OTHERS = {"alexnet_owt": "alexnet", "googlenet_bn": "googlenet", "senet154": "legacy_senet154", "xception": "legacy_xception",
          "mobilenet_v1": "mobilenetv1_100", "efficientnet_lite0": "tf_efficientnet_lite0",
          **{f"shufflenet_v1_g{g}": f"shufflenet_g{g}_w1" for g in (1, 2, 3, 4, 8)}}
rows = {}
published = json.loads((HERE.parent / "main/resources/org/convzoo/pretrained/published.json").read_text())
for entry in published if isinstance(published, list) else next(iter(published.values())):
    network, library = entry["network"], entry["library"].split()[0]
    if network in rows: continue
    name = OTHERS.get(network, network)
    with torch.device("meta"):
        if library == "torchvision": net = getattr(torchvision, name)(**({"init_weights": False} if "ception" in name or name == "googlenet" else {}))
        elif library == "timm" or network == "efficientnet_lite0": net = timm.create_model(name)
        elif library == "pytorchcv": net = pytorchcv.get_model(name)
        else: net = getattr(torchvision, name)()
    rows[network] = {"library": library, "model": name, "arrays": [[k, list(v.shape)] for k, v in net.state_dict().items()]}
print(len(rows), {r["library"] for r in rows.values()})
with gzip.GzipFile(HERE / "resources/org/convzoo/pretrained/states.json.gz", "wb", mtime=0) as f: f.write(json.dumps(rows).encode())
