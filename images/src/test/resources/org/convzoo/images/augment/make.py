"""Makes expected.json: what torchvision's v2 transforms make of three pictures, each in colour and grey.

Operations on PIL pictures are told by a checksum of their bytes, as ours are the same; blurs, of which a value may differ
by 1, by all their bytes. Lighting is not torchvision's: the formula of PyTorch's scripts for ImageNet.

Run with torchvision 0.29 and Pillow 13: python make.py
"""
import base64
import hashlib
import json
import os

import numpy as np
import torch
from PIL import Image
from torchvision.transforms import InterpolationMode, functional as v1
from torchvision.transforms.v2 import AutoAugment, RandAugment, TrivialAugmentWide, functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
photo = Image.open(os.path.join(HERE, "..", "pillow", "chelsea.png")).convert("RGB")
crops = {"wide": (150, 60, 211, 107), "square": (180, 90, 220, 130), "thin": (100, 100, 102, 131), "whole": (0, 0, 451, 300)}
FILTERS = {"nearest": InterpolationMode.NEAREST, "bilinear": InterpolationMode.BILINEAR}
NAMES = {
    "Identity": "identity", "ShearX": "shear_x", "ShearY": "shear_y", "TranslateX": "translate_x",
    "TranslateY": "translate_y", "Rotate": "rotate", "Brightness": "brightness", "Color": "color",
    "Contrast": "contrast", "Sharpness": "sharpness", "Posterize": "posterize", "Solarize": "solarize",
    "AutoContrast": "auto_contrast", "Equalize": "equalize", "Invert": "invert",
}


def sha(image):
    return hashlib.sha256(np.asarray(image).tobytes()).hexdigest()


def tensor(image):
    a = np.asarray(image)
    return torch.from_numpy(a.copy()[None] if a.ndim == 2 else a.transpose(2, 0, 1).copy())


def plain(t):
    return t.permute(1, 2, 0).contiguous().numpy()


pictures = {}
for name, box in crops.items():
    pictures[name] = photo.crop(box)
    pictures[name + "_grey"] = pictures[name].convert("L")
# Values that reach neither end, and a channel of one value: autocontrast and equalize.
dull = np.asarray(pictures["wide"]).astype(int) // 4 + 90
dull[..., 2] = 77
pictures["dull"] = Image.fromarray(dull.astype(np.uint8))

cases = []
# Corners as RandomPerspective draws them with distortion 1.
rng = np.random.default_rng(1)
draws = [[x / 2 if i in (0, 1, 3, 6) else 1 - x / 2 for i, x in enumerate(rng.random(8))] for _ in range(12)]


def case(picture, operation, arguments, result, filter="nearest"):
    cases.append({"picture": picture, "operation": operation, "arguments": arguments, "filter": filter,
                  "sha256": sha(result)})


for name, image in pictures.items():
    w, h = image.size
    for degrees in (0, 17.5, -42, 90, -90, 180, 270, 133.7, 1e-3):
        for filter, mode in FILTERS.items():
            case(name, "rotate", [degrees], F.rotate(image, degrees, interpolation=mode), filter)
    for corners in ([0.1, 0.2, 0.95, 0.05, 0.8, 0.9, 0.2, 0.7], [0.3, 0, 0.9, 0.3, 1, 1, 0, 0.8], *draws):
        ends = [[int(x * (w - 1)), int(y * (h - 1))] for x, y in zip(corners[::2], corners[1::2])]
        if w == 2 and corners[0]:
            continue
        starts = [[0, 0], [w - 1, 0], [w - 1, h - 1], [0, h - 1]]
        result = F.perspective(image, starts, ends, interpolation=InterpolationMode.BILINEAR)
        case(name, "perspective", [v for end in ends for v in end], result)
    case(name, "grey", [], F.to_grayscale(image, num_output_channels=len(image.getbands())))
    case(name, "invert", [], F.invert(image))
    case(name, "equalize", [], F.equalize(image))
    case(name, "auto_contrast", [], F.autocontrast(image))
    for bits in range(1, 9):
        case(name, "posterize", [bits], F.posterize(image, bits))
    for threshold in (0, 77.5, 128, 255, 256):
        case(name, "solarize", [threshold], F.solarize(image, threshold))
    for factor in (0, 0.3, 1, 1.9, 7):
        case(name, "sharpness", [factor], F.adjust_sharpness(image, factor))
        case(name, "brightness", [factor], F.adjust_brightness(image, factor))
        case(name, "contrast", [factor], F.adjust_contrast(image, factor))
        case(name, "saturation", [factor], F.adjust_saturation(image, factor))
    for turns in (-0.5, -0.21, 0.03, 0.1, 0.5):
        case(name, "hue", [turns], F.adjust_hue(image, turns))
    if w > 2:
        erased = F.erase(tensor(image), 5, 3, 20, 17, torch.tensor([124, 116, 104][: len(image.getbands())])[:, None, None])
        case(name, "erase", [3, 5, 17, 20], plain(erased))

# Each operation of the policies, by the policies' own code.
policy = RandAugment()
for name in ("wide", "square_grey", "dull"):
    image = pictures[name]
    for space in (AutoAugment._AUGMENTATION_SPACE, TrivialAugmentWide._AUGMENTATION_SPACE):
        for operation, (magnitudes, signed) in space.items():
            of = magnitudes(31, image.height, image.width)
            levels = [0.0] if of is None else [float(of[i]) for i in (0, 9, 17, 30)]
            for magnitude in levels + ([-m for m in levels[1:]] if signed else []):
                for filter, mode in FILTERS.items():
                    result = policy._apply_image_or_video_transform(image, operation, magnitude, mode, policy._fill)
                    case(name, "policy " + NAMES[operation], [magnitude], result, filter)

blurs = []
for name in ("wide", "square_grey", "thin"):
    for size, sigma in ((3, 0.5), (5, 0.1), (5, 1.3), (23, 4.0)):
        if size // 2 >= min(pictures[name].size):
            continue  # PyTorch cannot mirror more than there is
        result = np.asarray(F.gaussian_blur(pictures[name], [size, size], [sigma, sigma]))
        blurs.append({"picture": name, "size": size, "sigma": sigma,
                      "bytes": base64.b64encode(result.tobytes()).decode()})

torch.manual_seed(4)
small = tensor(pictures["thin"])
noised = F.gaussian_noise(small, 0.0, 0.2)
torch.manual_seed(4)
draws = torch.randn_like(small, dtype=torch.float32)
noise = {"picture": "thin", "sigma": 0.2, "draws": [round(float(v), 9) for v in plain(draws).ravel()],
         "sha256": sha(plain(noised))}

eigval = torch.tensor([0.2175, 0.0188, 0.0045], dtype=torch.float64)
eigvec = torch.tensor([[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]],
                      dtype=torch.float64)
for name in ("wide", "dull"):
    for alpha in ([0.1, -0.05, 0.2], [-0.3, 0.7, -1.5]):
        rgb = (eigvec * torch.tensor(alpha, dtype=torch.float64) * eigval).sum(1)
        light = (tensor(pictures[name]).double() / 255 + rgb[:, None, None]).clamp(0, 1).mul(255).round().byte()
        case(name, "light", alpha, plain(light))


def numbers(space, levels, width, height):
    found = {}
    for operation, (magnitudes, signed) in space.items():
        of = magnitudes(levels, height, width)
        found[NAMES[operation]] = {"signed": signed, "magnitudes": [] if of is None else [float(v) for v in of]}
    return found


auto = AutoAugment()
policies = {
    "rand_augment": numbers(RandAugment._AUGMENTATION_SPACE, 31, 61, 47),
    "trivial_augment_wide": numbers(TrivialAugmentWide._AUGMENTATION_SPACE, 31, 61, 47),
    "auto_augment": numbers(AutoAugment._AUGMENTATION_SPACE, 10, 224, 331),
    "imagenet": [[{"operation": NAMES[o], "probability": p, "level": m or 0} for o, p, m in pair] for pair in auto._policies],
}
lines = ",\n".join(json.dumps(c) for c in cases)
with open(os.path.join(HERE, "expected.json"), "w") as f:
    crop = json.dumps({n: b for n, b in crops.items()})
    f.write('{"source": "torchvision 0.29.2, Pillow 13.0.0", "crops": ' + crop + ',\n"cases": [\n' + lines + "],\n")
    f.write('"blurs": [\n' + ",\n".join(json.dumps(b) for b in blurs) + "],\n")
    f.write('"noise": ' + json.dumps(noise) + ',\n"policies": ' + json.dumps(policies) + "}\n")
