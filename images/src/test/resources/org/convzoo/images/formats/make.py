"""Makes the pictures of this folder and expected.json: what Pillow makes of each with exif_transpose and convert("RGB").

Also resize.json: more cases in the form of ../pillow/resize.json, of the pictures there.

What Pillow does to 16 bits is not what we do: there the expected pixels are samples / 257, rounded.

Run with Pillow 13, numpy and tifffile 2026: python make.py
"""
import hashlib
import json
import os
import struct
import zlib

import numpy as np
import PIL
import tifffile
from PIL import Image, ImageOps

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(1)
photo = Image.open(os.path.join(HERE, "..", "pillow", "chelsea.png")).convert("RGB")
cat = photo.crop((150, 60, 150 + 67, 60 + 45))


os.chdir(HERE)


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
sixteen = {}


def eight(samples):
    """Our own idea of 16-bit samples, of the shape height x width x channels."""
    scaled = ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)
    return Image.fromarray(np.repeat(scaled[..., :1], 3, 2) if samples.shape[2] < 3 else scaled[..., :3].copy())


gamma = chunk(b"gAMA", struct.pack(">I", 100000))
for colour, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 4: (8, 16), 6: (8, 16)}.items():
    for depth in depths:
        rows = [noise((13 * depth * channels[colour] + 7) // 8) for _ in range(11)]
        name = f"png_{ {0: 'gray', 2: 'rgb', 4: 'gray_alpha', 6: 'rgba'}[colour] }_{depth}"
        put(name + ".png", png(13, 11, depth, colour, rows))
        put(name + "_gamma.png", png(13, 11, depth, colour, rows, gamma))
        if depth == 16:
            values = np.frombuffer(b"".join(rows), ">u2").reshape(11, 13, -1)
            sixteen.update({f"{name}{kind}.png": eight(values) for kind in ("", "_gamma", "_clear")})
        if colour in (0, 2):
            clear = chunk(b"tRNS", struct.pack(">H", 1) * channels[colour])
            put(name + "_clear.png", png(13, 11, depth, colour, rows, clear))
steps = [struct.pack(">13H", *range(i * 40, i * 40 + 13)) for i in range(11)]
put("png_gray_16_low.png", png(13, 11, 16, 0, steps))
sixteen["png_gray_16_low.png"] = eight(np.frombuffer(b"".join(steps), ">u2").reshape(11, 13, 1))
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

# BMP: every depth, masks, run lengths, from above, OS/2's header
rng = np.random.default_rng(2)


def bmp(name, bits, rows, colours=b"", compression=0, masks=(), height=11):
    header = struct.pack("<IiiHHIIiiII", 40, 13, height, 1, bits, compression, 0, 2835, 2835, len(colours) // 4, 0)
    header += b"".join(struct.pack("<I", m) for m in masks) + colours
    start = 14 + len(header)
    put(name, b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + header + rows)


def padded(row):
    return row + bytes(-len(row) % 4)


for bits in (1, 4, 8):
    rows = b"".join(padded(noise((13 * bits + 7) // 8)) for _ in range(11))
    bmp(f"bmp_{bits}.bmp", bits, rows, noise(4 * 2**bits))
indices = b"".join(padded(bytes(rng.integers(0, 10, 13, dtype=np.uint8))) for _ in range(11))
bmp("bmp_8_few.bmp", 8, indices, noise(40))
for bits in (16, 24, 32):
    rows = b"".join(padded(noise(13 * bits // 8)) for _ in range(11))
    bmp(f"bmp_{bits}.bmp", bits, rows)
    bmp(f"bmp_{bits}_from_above.bmp", bits, rows, height=-11)
bmp("bmp_16_565.bmp", 16, b"".join(padded(noise(26)) for _ in range(11)), compression=3, masks=(0xF800, 0x7E0, 0x1F))
bmp("bmp_32_masks.bmp", 32, noise(13 * 4 * 11), compression=3, masks=(0xFF000000, 0xFF0000, 0xFF00))
runs8 = b"".join(bytes((5, 3, 0, 3, 1, 2, 3, 0, 5, 7, 0, 0)) for _ in range(8))
runs8 += bytes((0, 2, 4, 1, 9, 8, 0, 0, 13, 9, 0, 1))
bmp("bmp_rle8.bmp", 8, runs8, noise(1024), compression=1)
runs4 = b"".join(bytes((5, 0x3A, 0, 5, 0x12, 0x34, 0x50, 0, 3, 0x77, 0, 0)) for _ in range(11)) + bytes((0, 1))
bmp("bmp_rle4.bmp", 4, runs4, noise(64), compression=2)
core = struct.pack("<IHHHH", 12, 13, 11, 1, 4) + noise(48)
rows = b"".join(padded(noise(7)) for _ in range(11))
put("bmp_os2.bmp", b"BM" + struct.pack("<IHHI", 26 + 48 + len(rows), 0, 0, 26 + 48) + core + rows)
save("bmp_pillow.bmp", small)

# GIF: interlaced, a frame on a larger screen with and without a transparent colour, own palettes, a full code table
drawn = cat.quantize(200)
save("gif_plain.gif", drawn, interlace=False)
save("gif_interlaced.gif", drawn, interlace=True)
save("gif_two_colours.gif", small.convert("1"))
save("gif_noise.gif", Image.fromarray(rng.integers(0, 256, (90, 90), dtype=np.uint8)))
save("gif_clear.gif", drawn, transparency=3)
save("gif_animated.gif", drawn, save_all=True, append_images=[photo.crop((0, 0, 67, 45)).quantize(30)])


def smaller_frame(name, flags, palette=b""):
    """A frame of 5 x 3 at 4, 2 on a screen of 13 x 11."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 13, 11, 0x81, 1, 0) + bytes(range(10, 22))
    control = b"\x21\xf9\x04" + bytes((flags, 0, 0, 2)) + b"\0"
    frame = b"\x2c" + struct.pack("<HHHHB", 4, 2, 5, 3, 0x81 if palette else 0) + palette
    indices = (0, 1, 2, 3, 1, 1, 0, 2, 3, 3, 0, 0, 1, 2, 3)
    bits = "".join(f"{c:03b}"[::-1] for i in indices for c in (4, i)) + f"{5:03b}"[::-1]
    codes = bytes(int(bits[i : i + 8][::-1], 2) for i in range(0, len(bits), 8))
    put(name, screen + control + frame + b"\x02" + bytes((len(codes),)) + codes + b"\0;")


smaller_frame("gif_frame.gif", 0)
smaller_frame("gif_frame_clear.gif", 1)
smaller_frame("gif_frame_palette.gif", 0, bytes(range(100, 112)))

# TIFF: compressions, kinds of pixels, strips and tiles, byte orders, 16 bits, orientation, several pages
for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
    name = compression.replace("tiff_", "")
    for mode in ("L", "RGB", "RGBA", "P", "CMYK", "LA"):
        image = drawn if mode == "P" else Image.fromarray(inks, "CMYK") if mode == "CMYK" else cat.convert(mode)
        save(f"tiff_{name}_{mode.lower()}.tif", image.crop((0, 0, 30, 20)), compression=compression)
bilevel = cat.convert("1")
for compression in ("raw", "group3", "group4"):
    save(f"tiff_{compression}_1.tif", bilevel, compression=compression)
save("tiff_lzw_predictor.tif", cat, compression="tiff_lzw", tiffinfo={317: 2})
save("tiff_jpeg.tif", cat, compression="jpeg", quality=85)
save("tiff_jpeg_l.tif", cat.convert("L"), compression="jpeg", quality=85)
save("tiff_pages.tif", small, save_all=True, append_images=[small.rotate(180), small])
for orientation in (3, 6):
    save(f"tiff_exif_{orientation}.tif", small, tiffinfo={0x112: orientation})
pixels = np.array(photo.crop((150, 60, 150 + 40, 60 + 35)))
for order, end in (("<", "ii"), (">", "mm")):
    tifffile.imwrite(f"tiff_tiles_{end}.tif", pixels, byteorder=order, photometric="rgb", tile=(16, 32), metadata=None)
    deep = rng.integers(0, 65536, (11, 13, 3), dtype=np.uint16)
    tifffile.imwrite(f"tiff_16_rgb_{end}.tif", deep, byteorder=order, photometric="rgb", metadata=None)
    tifffile.imwrite(f"tiff_16_gray_{end}.tif", deep[..., 0], byteorder=order, photometric="minisblack", metadata=None)
    sixteen[f"tiff_16_rgb_{end}.tif"], sixteen[f"tiff_16_gray_{end}.tif"] = eight(deep), eight(deep[..., :1])
tifffile.imwrite("tiff_planes.tif", np.moveaxis(pixels, 2, 0)[:, :20, :30], photometric="rgb", planarconfig="separate",
                 metadata=None)
tifffile.imwrite("tiff_strips.tif", pixels, photometric="rgb", rowsperstrip=7, metadata=None)
tifffile.imwrite("tiff_white_is_zero.tif", pixels[..., 0], photometric="miniswhite", metadata=None)

# WebP: lossless with few and many colours, lossy, alpha, orientation, an animation whose frame is smaller
save("webp_lossless.webp", cat, lossless=True)
save("webp_lossless_few.webp", cat.quantize(6).convert("RGB"), lossless=True)
clear = cat.copy()
clear.putalpha(Image.fromarray(np.tile(np.arange(67, dtype=np.uint8) * 3, (45, 1))))
save("webp_lossless_alpha.webp", clear, lossless=True, exact=True)
save("webp_lossy_alpha.webp", clear, quality=70)
for quality in (1, 30, 75, 95):
    save(f"webp_lossy_{quality}.webp", cat, quality=quality)
save("webp_lossy_1x1.webp", cat.crop((0, 0, 1, 1)))
save("webp_lossy_17x2.webp", cat.crop((0, 0, 17, 2)))
save("webp_lossy_large.webp", photo, quality=60, method=6)
exif = Image.Exif()
exif[0x112] = 6
save("webp_exif_6.webp", small, lossless=True, exif=exif)
save("webp_animated.webp", cat, save_all=True, append_images=[cat.rotate(180)], lossless=True)
frame = get("webp_lossless_few.webp")[12:]
anmf = bytes((4, 0, 0, 3, 0, 0, 66, 0, 0, 44, 0, 0, 100, 0, 0, 2)) + frame
parts = [(b"VP8X", bytes((2, 0, 0, 0, 99, 0, 0, 79, 0, 0))), (b"ANIM", bytes(6)), (b"ANMF", anmf)]
riff = b"WEBP" + b"".join(k + struct.pack("<I", len(c)) + c for k, c in parts)
put("webp_animated_smaller.webp", b"RIFF" + struct.pack("<I", len(riff)) + riff)

for name in ("bmp_24.bmp", "gif_plain.gif", "tiff_lzw_rgb.tif", "webp_lossless.webp", "webp_lossy_75.webp"):
    whole = get(name)
    put("broken_cut_" + name, whole[: len(whole) // 2])

expected = {}
for name in sorted(os.listdir(HERE)):
    if not name.endswith((".png", ".jpg", ".webp", ".bmp", ".gif", ".tif")):
        continue
    try:
        image = Image.open(os.path.join(HERE, name))
        image = sixteen[name] if name in sixteen else ImageOps.exif_transpose(image).convert("RGB")
        expected[name] = {"size": image.size, "sha256": hashlib.sha256(image.tobytes()).hexdigest()}
        if name == "jpeg_440.jpg":
            expected[name]["rgb"] = image.tobytes().hex()
    except Exception as e:
        if not name.startswith("broken"):
            raise Exception(name) from e
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
