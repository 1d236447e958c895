"""Writes schedules.json: learning rates of PyTorch's and timm's schedulers, step by step, as factors of the full rate,
each beside the schedule of ours that must be the same.

    pip install torch timm
    python make.py > schedules.json

A warm-up of n steps begins at 1 / (n + 1). PyTorch's OneCycleLR takes its last step at the final rate, which ours would
reach one step after the last, as all curves do: hence one step more, and a share that lets the peak be at the same step.
"""

import json
import warnings

import timm
import torch
from timm.scheduler import CosineLRScheduler, PolyLRScheduler
from torch.optim import lr_scheduler as torchs

warnings.filterwarnings("ignore")
cases = []


def add(source, warm_up, curve, factors):
    factors = [float(f"{f:.9g}") for f in factors]
    schedule = {"warm_up": warm_up / len(factors), "curve": curve}
    cases.append({"source": source, "schedule": schedule, "factors": factors})


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)


def run(o, scheduler, steps):
    factors = []
    for _ in range(steps):
        factors.append(o.param_groups[0]["lr"])
        o.step()
        scheduler.step()
    return factors


def torch_case(steps, curve, make):
    """Alone, and after a warm-up of 10 steps."""
    o = optimizer()
    scheduler = make(o)
    add("PyTorch " + type(scheduler).__name__, 0, curve, run(o, scheduler, steps))
    o = optimizer()
    up = torchs.LinearLR(o, start_factor=1 / 11, end_factor=1, total_iters=10)
    both = torchs.SequentialLR(o, [up, make(o)], milestones=[10])
    add(f"PyTorch LinearLR, {type(scheduler).__name__}", 10, curve, run(o, both, 10 + steps))


def timm_case(steps, curve, scheduler_type, **options):
    o = optimizer()
    scheduler = scheduler_type(o, warmup_t=10, warmup_lr_init=1 / 11, warmup_prefix=True, **options)
    factors = []
    for t in range(10 + steps):
        scheduler.step(t)
        factors.append(o.param_groups[0]["lr"])
    add("timm " + scheduler_type.__name__, 10, curve, factors)


torch_case(20, {"kind": "constant"}, lambda o: torchs.ConstantLR(o, factor=1))
torch_case(40, {"kind": "linear"}, lambda o: torchs.LinearLR(o, 1, 0, 40))
torch_case(40, {"kind": "step", "every": 0.1, "factor": 0.7}, lambda o: torchs.StepLR(o, 4, 0.7))
torch_case(40, {"kind": "steps", "at": [0.5, 0.75], "factor": 0.1}, lambda o: torchs.MultiStepLR(o, [20, 30], 0.1))
torch_case(40, {"kind": "exponential", "end": 0.01}, lambda o: torchs.ExponentialLR(o, 0.01 ** (1 / 40)))
torch_case(40, {"kind": "polynomial", "power": 0.9}, lambda o: torchs.PolynomialLR(o, 40, 0.9))
torch_case(40, {"kind": "cosine"}, lambda o: torchs.CosineAnnealingLR(o, 40))
even = {"kind": "cosine_restarts", "cycles": 3, "growth": 1, "height": 1}
torch_case(30, even, lambda o: torchs.CosineAnnealingWarmRestarts(o, 10))
longer = {"kind": "cosine_restarts", "cycles": 3, "growth": 2, "height": 1}
torch_case(70, longer, lambda o: torchs.CosineAnnealingWarmRestarts(o, 10, 2))

timm_case(40, {"kind": "cosine"}, CosineLRScheduler, t_initial=40)
timm_case(40, {"kind": "polynomial", "power": 2}, PolyLRScheduler, t_initial=40, power=2)
lower = {"kind": "cosine_restarts", "cycles": 3, "growth": 2, "height": 0.5}
timm_case(70, lower, CosineLRScheduler, t_initial=10, cycle_mul=2, cycle_decay=0.5, cycle_limit=3)
lower = {"kind": "cosine_restarts", "cycles": 4, "growth": 1, "height": 0.8}
timm_case(40, lower, CosineLRScheduler, t_initial=10, cycle_decay=0.8, cycle_limit=4)

for steps, peak, start, final in [(50, 0.3, 25, 1e4), (40, 0.25, 10, 100)]:
    o = optimizer()
    share = (peak * steps + 1) / (steps + 1)
    one = torchs.OneCycleLR(
        o, 1, steps + 1, pct_start=share, div_factor=start, final_div_factor=final, cycle_momentum=False
    )
    curve = {"kind": "one_cycle", "peak": peak, "start": 1 / start, "end": 1 / start / final}
    add("PyTorch OneCycleLR", 0, curve, run(o, one, steps))

versions = f"PyTorch {torch.__version__.split('+')[0]}, timm {timm.__version__}"
print(json.dumps({"source": versions, "cases": cases}))
