"""Writes steps.json: what PyTorch's parameter groups make of a small network in a few steps, in float64.

    python make.py > steps.json

Weights and images follow the value rule of ../README.md. Frozen are conv1 and all of bn1, all of bn2 behind a
convolution that learns, and the running statistics of bn3, whose scale and shift learn. A frozen batch norm is one in
evaluation mode.
"""

import json
import math
import zlib

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
MASK = (1 << 64) - 1


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


def value(name, t):
    v = u(name, t.numel()).float()
    if name.endswith("running_var") or t.dim() == 1 and name.endswith("weight"):
        v = 1 + 0.25 * v
    elif t.dim() == 1:
        v = torch.tensor(0.1).float() * v
    else:
        v = v * torch.tensor(math.sqrt(6 * t.shape[0] / t.numel())).float()
    return v.double().reshape(t.shape)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False)
        self.bn2 = nn.BatchNorm2d(8)
        self.conv3 = nn.Conv2d(8, 16, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(16)
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = nn.functional.relu6(self.bn2(self.conv2(x)))
        x = nn.functional.silu(self.bn3(self.conv3(x)))
        return self.fc(x.mean((2, 3)))


def steps(make):
    net = Net()
    state = net.state_dict()
    for name, t in state.items():
        if not name.endswith("tracked"):
            t.copy_(value(name, t))
    for part in (net.conv1, net.bn1, net.bn2):
        for p in part.parameters():
            p.requires_grad = False
    for norm in (net.bn1, net.bn2, net.bn3):
        norm.eval()
    optimizer = make(net)
    images = u("groups", 4 * 3 * 12 * 12).reshape(4, 3, 12, 12)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(images), torch.arange(4))
        loss.backward()
        nn.utils.clip_grad_norm_([p for p in net.parameters() if p.requires_grad], 0.5)
        optimizer.step()
        losses.append(loss.item())
    after = {n: [float(f"{x:.9g}") for x in t.flatten().tolist()] for n, t in state.items() if not n.endswith("tracked")}
    return {"losses": losses, "after": after}


def groups(net, rate, decay):
    return [
        {"params": [net.conv2.weight], "lr": 0.1 * rate, "weight_decay": 2 * decay},
        {"params": [net.bn3.weight, net.bn3.bias], "lr": 0.5 * rate, "weight_decay": 0},
        {"params": [net.conv3.weight], "lr": rate, "weight_decay": decay},
        {"params": [net.fc.weight, net.fc.bias], "lr": 3 * rate, "weight_decay": 0.5 * decay},
    ]


print(
    json.dumps(
        {
            "source": "PyTorch " + torch.__version__.split("+")[0],
            "sgd": steps(lambda n: torch.optim.SGD(groups(n, 0.05, 0.1), momentum=0.9, nesterov=True)),
            "adamw": steps(lambda n: torch.optim.AdamW(groups(n, 0.05, 0.1), betas=(0.9, 0.99), eps=1e-6)),
        }
    )
)
