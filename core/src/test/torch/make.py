"""Makes the files under ../resources/torch with PyTorch itself, safetensors and timm: every form in which states are kept.
Values are k / 8 for the k-th number of a storage, which every float type but those of 8 bits holds exactly.

    pip install torch==2.15.0 safetensors==0.8.0 timm==1.0.31 omegaconf==2.3.1 && python3 make.py
"""

import argparse, collections, datetime, os, pathlib, pickle, random, shutil, tempfile, warnings, zipfile

import numpy as np
import omegaconf
import torch
from safetensors.torch import save_file
from timm.utils import CheckpointSaver, ModelEmaV3

warnings.filterwarnings("ignore")
torch.manual_seed(0)
OUT = pathlib.Path(__file__).parent.parent / "resources" / "torch"
shutil.rmtree(OUT, ignore_errors=True)
OUT.mkdir()


def eighths(n, dtype=torch.float32): return (torch.arange(n) / 8).to(dtype)


def save(name, root, legacy=False):
    torch.save(root, OUT / name, _use_new_zipfile_serialization=not legacy)


def state():
    shared = eighths(12)
    parameter = torch.nn.Parameter(eighths(4).reshape(2, 2))
    parameter.comment = "an attribute, which makes torch save it in another way"
    s = collections.OrderedDict([
        ("plain.weight", eighths(6).reshape(2, 3)),
        ("turned.weight", shared.view(3, 4).t()),
        ("tail.bias", shared[3::2]),
        ("again.bias", shared),
        ("channels_last.weight", eighths(48).reshape(2, 3, 2, 4).contiguous(memory_format=torch.channels_last)),
        ("expanded.bias", torch.tensor([0.125]).expand(5)),
        ("expanded.weight", eighths(3).view(3, 1).expand(3, 2)),
        ("double.weight", eighths(4, torch.float64)),
        ("half.weight", eighths(4, torch.float16).reshape(2, 2)),
        ("bfloat16.weight", torch.nn.Parameter(eighths(4, torch.bfloat16).reshape(1, 4))),
        ("parameter.weight", parameter),
        ("bn.num_batches_tracked", torch.tensor(7)),
        ("int.buffer", torch.arange(3, dtype=torch.int32)),
        ("byte.buffer", torch.arange(3, dtype=torch.uint8)),
        ("bool.mask", torch.tensor([True, False])),
        ("scalar", torch.tensor(0.5)),
        ("empty", torch.zeros(0, 3)),
    ])
    s._metadata = collections.OrderedDict([("", {"version": 1})])  # as Module.state_dict() has it
    return s


save("state.pth", state())
save("legacy.pth", state(), legacy=True)
new = state()
new["float8.weight"] = eighths(4).to(torch.float8_e4m3fn)
new["float8e5.weight"] = eighths(4).to(torch.float8_e5m2)
new["uint16.buffer"] = torch.zeros(2, dtype=torch.uint16)
save("newer.pth", new)
save_file({k: v.detach().contiguous().clone() for k, v in new.items()}, OUT / "state.safetensors", {"format": "pt"})


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(1, 2, 3)
        self.bn = torch.nn.BatchNorm2d(2)
        self.fc = torch.nn.Linear(2, 2)
        for p in self.state_dict().values(): p.copy_(eighths(p.numel()).reshape(p.shape))

    def forward(self, x): return self.fc(self.bn(self.conv(x)).mean((2, 3)))


net = Net()
optimizer = torch.optim.AdamW(net.parameters())
net(torch.ones(2, 1, 3, 3)).sum().backward()
optimizer.step()
net = Net()
own = net.state_dict()


def prefixed(prefix): return {prefix + k: v for k, v in own.items()}


# -- wrappers and prefixes: the files under wrapped/ all hold the state of Net
(OUT / "wrapped").mkdir()
for key in ("state_dict", "model", "model_state_dict", "net", "model_ema"): save(f"wrapped/{key}.pth", {"epoch": 3, key: own})
save("wrapped/nested.pth", {"epoch": 3, "model": {"version": 2, "state_dict": own}}, legacy=True)
save("wrapped/module.pth", {"state_dict": torch.nn.DataParallel(net).state_dict()})
save("wrapped/orig_mod.pth", prefixed("_orig_mod."))
save("wrapped/both.pth", {"model": prefixed("module._orig_mod.")}, legacy=True)
save("wrapped/averaged.pth", {"model_ema": torch.optim.swa_utils.AveragedModel(net).state_dict()})  # torchvision's references
save("wrapped/numpy.pth", {"model": {k: v.numpy() for k, v in own.items()}})
save("wrapped/counted.pth", {"model": own, "epoch": torch.tensor(3), "accuracy": torch.tensor([76.5])})
save("wrapped/lightning.pth", {
    "epoch": 1, "global_step": 10, "pytorch-lightning_version": "2.5.0", "state_dict": prefixed("model."),
    "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 1}}}},
    "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(0.5), "dirpath": "/tmp"}},
    "optimizer_states": [optimizer.state_dict()], "lr_schedulers": [], "MixedPrecision": {"scale": 65536.0},
    "hparams_name": "kwargs",
    "hyper_parameters": omegaconf.OmegaConf.create({"lr": 0.1, "layers": [1, 2], "name": "net"}),
})
save("wrapped/script.pth", {
    "epoch": 3, "arch": "net", "args": argparse.Namespace(lr=0.1, data=pathlib.Path("/data"), dtype=torch.float32),
    "state_dict": own, "optimizer": optimizer.state_dict(), "best": np.float64(0.5), "count": np.int64(3),
    "confusion": np.eye(2), "metrics": collections.defaultdict(list, acc=[0.5]), "seen": collections.Counter("aab"),
    "when": datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc), "took": datetime.timedelta(1), "classes": {1, 2},
    "device": torch.device("cpu"), "layout": torch.strided, "size": torch.Size([1, 2]), "rng": torch.get_rng_state(),
    "python": random.Random(0).getstate()[0], "numpy": np.random.RandomState(0), (1, 2): 3, None: 4, 0.5: 5, "z": 1 + 2j,
})
with tempfile.TemporaryDirectory() as d:  # what timm's train.py writes
    args = argparse.Namespace(model="net", lr=0.1, opt_betas=None, mean=(0.5,), aug_splits=0)
    saver = CheckpointSaver(net, optimizer, args=args, model_ema=ModelEmaV3(net), checkpoint_dir=d, recovery_dir=d)
    saver.save_checkpoint(1, metric=np.float64(71.5))
    shutil.copy(pathlib.Path(d) / "last.pth.tar", OUT / "wrapped" / "timm.pth")

# -- in archives
stored = zipfile.ZipInfo("weights/net.pth", (1980, 1, 1, 0, 0, 0))
with zipfile.ZipFile(OUT / "wrapped" / "folder.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr(zipfile.ZipInfo("weights/README.txt", (1980, 1, 1, 0, 0, 0)), "The weights of Net.\n")
    z.writestr(stored, (OUT / "wrapped" / "model.pth").read_bytes())
with zipfile.ZipFile(OUT / "several.zip", "w") as z:
    for n in ("a.pth", "b/c.safetensors"): z.writestr(zipfile.ZipInfo(n, (1980, 1, 1, 0, 0, 0)), (OUT / ("state.pth" if n[0] == "a" else "state.safetensors")).read_bytes())
with open(OUT / "wrapped" / "plain.pkl", "wb") as f: pickle.dump({k: v.numpy() for k, v in own.items()}, f)
np.savez(OUT / "wrapped" / "arrays.npz", **{k: v.numpy() for k, v in own.items()})
save_file(prefixed("model."), OUT / "wrapped" / "prefixed.safetensors")

# -- many arrays
save("many.pth", {f"layers.{i}.weight": torch.tensor([i / 8]) for i in range(300)}, legacy=True)

# -- what is refused
(OUT / "refused").mkdir()
save("refused/module.pth", net)
save("refused/legacy-module.pth", {"model": net}, legacy=True)
torch.jit.script(torch.nn.Linear(2, 2)).save(OUT / "refused" / "script.pt")
save("refused/quantised.pth", {"fc.weight": torch.quantize_per_tensor(eighths(4), 0.125, 0, torch.qint8)})
save("refused/sparse.pth", {"fc.weight": eighths(4).to_sparse()})
save("refused/meta.pth", {"fc.weight": torch.empty(4, device="meta")})
save("refused/nothing.pth", {"epoch": 3, "optimizer": optimizer.state_dict()})
save("refused/list.pth", [eighths(4)])


class Evil:
    def __reduce__(self): return os.system, ("echo pwned",)


save("refused/evil.pth", {"state_dict": own, "x": Evil()})
save("refused/repeated.pth", {"a": torch.zeros(1).expand(1 << 30)})
save("refused/repeated-often.pth", {f"a{i}": torch.zeros(1).expand(1 << 20) for i in range(10)})
save("refused/beyond.pth", {"a": eighths(6).reshape(2, 3)})
with zipfile.ZipFile(OUT / "refused" / "beyond.pth") as z: parts = [(i.filename, z.read(i)) for i in z.infolist()]
with zipfile.ZipFile(OUT / "refused" / "beyond.pth", "w") as z:  # 3 x 3 of the 6 numbers
    for n, data in parts: z.writestr(zipfile.ZipInfo(n, (1980, 1, 1, 0, 0, 0)), data.replace(b"K\x02K\x03\x86", b"K\x03K\x03\x86"))
