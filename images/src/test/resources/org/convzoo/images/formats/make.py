"""Makes the pictures of this folder and expected.json: what Pillow makes of each with exif_transpose and convert("RGB").

Also resize.json: more cases in the form of ../pillow/resize.json, of the pictures there.

Run with Pillow 13 and numpy: python make.py
"""
import hashlib
import json
import os
import struct
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(1)
photo = Image.open(os.path.join(HERE, "..", "pillow", "chelsea.png")).convert("RGB")
cat = photo.crop((150, 60, 150 + 67, 60 + 45))


def put(name, content):
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(content)


def get(name):
    with open(os.path.join(HERE, name), "rb") as f:
        return f.read()


def save(name, image, **options):
    image.save(os.path.join(HERE, name), **options)


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, depth, colour, rows, extra=b"", interlace=0):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    pixels = zlib.compress(b"".join(b"\0" + r for r in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def noise(count):
    return rng.integers(0, 256, count, dtype=np.uint8).tobytes()


# JPEG: subsampling, quality, progressive, sizes that end inside a block
for subsampling, name in enumerate(("444", "422", "420")):
    for quality in (30, 90):
        save(f"jpeg_{name}_q{quality}.jpg", cat, quality=quality, subsampling=subsampling)
    save(f"jpeg_{name}_progressive.jpg", cat, quality=75, subsampling=subsampling, progressive=True)
for width, height in ((1, 1), (2, 1), (1, 2), (3, 5), (8, 8), (9, 17), (16, 16), (17, 33), (3, 40), (40, 3)):
    save(f"jpeg_{width}x{height}.jpg", photo.crop((200, 100, 200 + width, 100 + height)), quality=85)
save("jpeg_restarts.jpg", cat, quality=80, restart_marker_rows=1)
save("jpeg_gray.jpg", cat.convert("L"), quality=80)
save("jpeg_gray_progressive.jpg", cat.convert("L"), quality=80, progressive=True)
save("jpeg_rgb.jpg", cat, quality=80, keep_rgb=True)
save("jpeg_icc.jpg", cat, quality=80, icc_profile=b"no profile" * 30, comment="a comment")
inks = np.array(cat.convert("CMYK"))
inks[..., 3] = (np.arange(inks.shape[1]) * 255 // inks.shape[1])[None, :]
save("jpeg_cmyk.jpg", Image.fromarray(inks, "CMYK"), quality=85)
adobe = bytearray(get("jpeg_cmyk.jpg"))
adobe[adobe.find(b"Adobe") + 11] = 2
put("jpeg_ycck.jpg", adobe)

plain = get("jpeg_444_q90.jpg")
bare = plain[:2] + plain[4 + struct.unpack(">H", plain[4:6])[0] :]  # without JFIF


def components(content, names):
    content = bytearray(content)
    frame, scan = content.find(b"\xff\xc0"), content.find(b"\xff\xda")
    for k in range(3):
        content[frame + 10 + 3 * k] = content[scan + 5 + 2 * k] = names[k]
    return content


put("jpeg_no_jfif.jpg", bare)
put("jpeg_components_012.jpg", components(bare, (0, 1, 2)))
put("jpeg_components_rgb.jpg", components(bare, b"RGB"))
put("jpeg_components_odd.jpg", components(bare, b"\"#$"))
put("jpeg_jfif_components_rgb.jpg", components(plain, b"RGB"))
put("jpeg_trailing_bytes.jpg", plain + b"garbage" * 20)


def resampled(name, width, height, factors, source):
    """The blocks of another file in another arrangement: a valid file of a scrambled picture."""
    content = bytearray(source)
    frame = content.find(b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    content[frame + 11] = factors
    put(name, content)


wide = photo.crop((150, 60, 150 + 64, 60 + 32))
save("jpeg_411.jpg", wide, quality=85, subsampling=2)
resampled("jpeg_411.jpg", 64, 32, 0x41, get("jpeg_411.jpg"))
save("jpeg_440.jpg", wide, quality=85, subsampling=1)
resampled("jpeg_440.jpg", 32, 64, 0x12, get("jpeg_440.jpg"))

# Exif
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x112] = orientation
    save(f"exif_{orientation}.jpg", cat, quality=90, exif=exif)
small = photo.crop((150, 60, 150 + 13, 60 + 9))
for orientation in (1, 6, 7):
    exif = Image.Exif()
    exif[0x112] = orientation
    save(f"exif_{orientation}.png", small, exif=exif)
little = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0\0\0\0\0"
put("exif_little_endian_8.jpg", plain[:2] + b"\xff\xe1" + struct.pack(">H", len(little) + 2) + little + plain[2:])
long = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x04\0\0\0\x01\0\0\0\x06\0\0\0\0"
put("exif_long_6.jpg", plain[:2] + b"\xff\xe1" + struct.pack(">H", len(long) + 2) + long + plain[2:])
cut = b"Exif\0\0MM\0*\0\0\0\x08\0\x05\x01"
put("exif_broken.jpg", plain[:2] + b"\xff\xe1" + struct.pack(">H", len(cut) + 2) + cut + plain[2:])

# PNG: every colour type and depth, with transparency and gamma; interlaced; palettes
channels = {0: 1, 2: 3, 4: 2, 6: 4}
gamma = chunk(b"gAMA", struct.pack(">I", 100000))
for colour, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 4: (8, 16), 6: (8, 16)}.items():
    for depth in depths:
        rows = [noise((13 * depth * channels[colour] + 7) // 8) for _ in range(11)]
        name = f"png_{ {0: 'gray', 2: 'rgb', 4: 'gray_alpha', 6: 'rgba'}[colour] }_{depth}"
        put(name + ".png", png(13, 11, depth, colour, rows))
        put(name + "_gamma.png", png(13, 11, depth, colour, rows, gamma))
        if colour in (0, 2):
            clear = chunk(b"tRNS", struct.pack(">H", 1) * channels[colour])
            put(name + "_clear.png", png(13, 11, depth, colour, rows, clear))
steps = [struct.pack(">13H", *range(i * 40, i * 40 + 13)) for i in range(11)]
put("png_gray_16_low.png", png(13, 11, 16, 0, steps))
palette = noise(30)
for depth in (1, 2, 4, 8):
    rows = [noise((13 * depth + 7) // 8) for _ in range(11)]
    entries = palette[: 3 * min(10, 2**depth)]
    put(f"png_palette_{depth}.png", png(13, 11, depth, 3, rows, chunk(b"PLTE", entries)))
    put(
        f"png_palette_{depth}_clear.png",
        png(13, 11, depth, 3, rows, chunk(b"PLTE", entries) + chunk(b"tRNS", bytes([0, 128]))),
    )
for name, shape, colour in (("gray", (23, 19), 0), ("rgb", (23, 19, 3), 2), ("rgba", (23, 19, 4), 6)):
    pixels = rng.integers(0, 256, shape, dtype=np.uint8)
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = [row.tobytes() for x, y, dx, dy in passes for row in pixels[y::dy, x::dx]]
    put(f"png_interlaced_{name}.png", png(19, 23, 8, colour, rows, interlace=1))

# Broken
progressive = get("jpeg_444_progressive.jpg")
for share in (10, 60, 99):
    put(f"broken_cut_{share}.jpg", plain[: len(plain) * share // 100])
    put(f"broken_cut_progressive_{share}.jpg", progressive[: len(progressive) * share // 100])
put("broken_no_end.jpg", plain[:-2])
save("broken_cut.png", cat)
whole = get("broken_cut.png")
put("broken_cut.png", whole[: len(whole) // 2])
put("broken_cut_in_header.png", whole[:20])
flipped = bytearray(whole)
flipped[len(whole) // 2] ^= 0xFF
put("broken_flipped.png", flipped)
put("broken_empty.png", b"")
put("broken_text.png", b"This is a text, not a picture.\n")
put("broken_text.jpg", b"hello")

expected = {}
for name in sorted(os.listdir(HERE)):
    if not name.endswith((".png", ".jpg")):
        continue
    try:
        image = Image.open(os.path.join(HERE, name))
        image = ImageOps.exif_transpose(image).convert("RGB")
        expected[name] = {"size": image.size, "sha256": hashlib.sha256(image.tobytes()).hexdigest()}
        if name == "jpeg_440.jpg":
            expected[name]["rgb"] = image.tobytes().hex()
    except Exception as e:
        if not name.startswith("broken"):
            raise
        expected[name] = {"error": True}
with open(os.path.join(HERE, "expected.json"), "w") as f:
    lines = [f"{json.dumps(n)}: {json.dumps(e)}" for n, e in expected.items()]
    f.write(json.dumps({"source": "Pillow " + PIL.__version__})[:-1] + ', "pictures": {\n' + ",\n".join(lines) + "\n}}\n")


def digest(image):
    return {"size": image.size, "sha256": hashlib.sha256(image.tobytes()).hexdigest()}


# All filters; growing and shrinking each way; both sides of the rule that decides which way comes first
cases = []
for source in ("small_37x53.png", "gray_alpha_61x45.png"):
    image = Image.open(os.path.join(HERE, "..", "pillow", source))
    rgb = image.convert("RGB")
    w, h = rgb.size
    for size in ((w // 2, h // 2), (2 * w, h // 3), (w // 3, 2 * h), (2 * w + 1, 3 * h - 1), (w, 7), (9, h), (1, 1),
                 (w - 10, h - 20), (w - 10, h - 21), (w - 10, h - 19), (w + 5, h), (w + 5, h - 1), (3, 2)):
        for name in ("NEAREST", "BOX", "BILINEAR", "HAMMING", "BICUBIC", "LANCZOS"):
            resized = rgb.resize(size, Image.Resampling[name])
            cases.append({"source": source, "mode": image.mode, "converted": digest(rgb), "resize_to": size,
                          "resample": name.lower(), "resized": digest(resized)})
with open(os.path.join(HERE, "resize.json"), "w") as f:
    lines = [json.dumps(c) for c in cases]
    f.write(json.dumps({"source": "Pillow " + PIL.__version__})[:-1] + ', "exact": [\n' + ",\n".join(lines) + "\n]}\n")
