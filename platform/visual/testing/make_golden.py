"""Writes golden.json: what the reference makes of pictures that are drawn by a formula.

The reference is Hugging Face's own image processors on Pillow:

    python3 -m venv venv && venv/bin/pip install 'pillow<13' numpy 'transformers<5'
    venv/bin/python platform/visual/testing/make_golden.py

`drawn-picture.ts` draws the very same pictures.
"""

import base64
import json
import pathlib

import numpy
import PIL
import transformers
from PIL import Image

CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073]
CLIP_STD = [0.26862954, 0.26130258, 0.27577711]
MASK = 0xFFFFFFFF


def draw(width: int, height: int, seed: int) -> Image.Image:
    """Slopes, hard edges and noise."""
    y, x, c = numpy.meshgrid(
        numpy.arange(height, dtype=numpy.uint64),
        numpy.arange(width, dtype=numpy.uint64),
        numpy.arange(3, dtype=numpy.uint64),
        indexing="ij",
    )
    noise = ((x * 73856093) ^ (y * 19349663) ^ (c * 83492791) ^ numpy.uint64(seed * 40503)) & MASK
    noise ^= noise >> numpy.uint64(13)
    noise = (noise * numpy.uint64(0x5BD1E995)) & MASK
    noise ^= noise >> numpy.uint64(15)
    slope = (x * (3 + 2 * c) + y * (5 - c)) & 127
    edge = (((x >> numpy.uint64(4)) ^ (y >> numpy.uint64(3))) & 1) * 96
    return Image.fromarray((slope + edge + (noise & 31)).astype(numpy.uint8))


def clip(edge: int, crop: int, **other):
    return {
        "do_resize": True,
        "size": {"shortest_edge": edge},
        "resample": 3,
        "do_center_crop": True,
        "crop_size": {"height": crop, "width": crop},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": CLIP_MEAN,
        "image_std": CLIP_STD,
        **other,
    }


def siglip(side: int, **other):
    return {
        "do_resize": True,
        "size": {"height": side, "width": side},
        "resample": 3,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
        **other,
    }


# Name, processor, its file, the picture's width, height and seed, and which rows and columns are kept: each nth.
CASES = [
    ("landscape", "CLIP", clip(24, 24), 97, 61, 1, 1),
    ("portrait", "CLIP", clip(24, 24), 41, 133, 2, 1),
    ("made larger", "CLIP", clip(24, 24), 13, 9, 3, 1),
    ("of the right size already", "CLIP", clip(24, 24), 24, 24, 4, 1),
    ("very wide", "CLIP", clip(24, 24), 310, 5, 5, 1),
    ("smaller than the crop", "CLIP", clip(17, 24), 40, 31, 6, 1),
    ("bilinear", "CLIP", clip(24, 20, resample=2), 100, 75, 7, 1),
    ("Lanczos", "CLIP", clip(24, 24, resample=1), 50, 75, 8, 1),
    ("CLIP ViT-B/32", "CLIP", clip(224, 224), 768, 576, 9, 9),
    ("SigLIP", "Siglip", siglip(24), 120, 77, 10, 1),
    ("SigLIP, 224 pixels", "Siglip", siglip(224), 500, 768, 11, 9),
    ("SigLIP, bilinear", "Siglip", siglip(24, resample=2), 30, 61, 12, 1),
]


def main() -> None:
    cases = []
    for name, family, config, width, height, seed, step in CASES:
        processor = getattr(transformers, f"{family}ImageProcessor")(**config)
        values = processor(draw(width, height, seed), return_tensors="np")["pixel_values"][0]
        kept = numpy.ascontiguousarray(values[:, ::step, ::step], dtype="<f4")
        cases.append(
            {
                "name": name,
                "config": config,
                "width": width,
                "height": height,
                "seed": seed,
                "step": step,
                "values": base64.b64encode(kept.tobytes()).decode(),
            }
        )
    versions = {"pillow": PIL.__version__, "transformers": transformers.__version__}
    path = pathlib.Path(__file__).with_name("golden.json")
    path.write_text(json.dumps({"madeWith": versions, "cases": cases}, indent=2) + "\n")
    print(path, path.stat().st_size, versions)


main()
