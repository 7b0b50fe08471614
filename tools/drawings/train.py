"""Trains the small dual encoder on what main.ts has drawn, and exports it: see README.md beside this file."""

import argparse
import json
import math
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from augment import augment_pictures, augment_text
from export import export
from model import PictureTower, TextTower
from tokens import train_tokenizer
from torch import nn
from torch.nn import functional as F

SIDE, WIDTH, DIMENSION, LONGEST, WORDS = 96, 160, 192, 48, 1600
MEAN, DEVIATION = 0.5, 0.5


def read(folder: Path) -> tuple[np.ndarray, list[dict]]:
    said = json.loads((folder / "drawings.json").read_text())
    side = said["side"]
    pixels = np.memmap(folder / "pictures.bin", np.uint8, "r").reshape(-1, side, side, 3)
    assert len(pixels) == len(said["drawings"])
    return pixels, said["drawings"]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--steps", type=int, default=1000)
    options.add_argument("--batch", type=int, default=80)
    options.add_argument("--seed", type=int, default=5)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--start", type=Path, help="weights of an earlier run to go on from")
    chosen = options.parse_args()

    torch.manual_seed(chosen.seed)
    torch.set_num_threads(chosen.threads)
    chance = random.Random(chosen.seed)
    generator = torch.Generator().manual_seed(chosen.seed)
    pixels, drawings = read(chosen.data)
    common = (Path(__file__).parent / "common-words.txt").read_text().split()
    tokenizer = train_tokenizer((caption for each in drawings for caption in each["captions"]), common, WORDS, LONGEST)

    counts = Counter(name for each in drawings for name in set(each["attributes"]))
    names = sorted(name for name, count in counts.items() if count >= 20)
    place = {name: index for index, name in enumerate(names)}
    kinds = sorted({each["kind"] for each in drawings})
    of_kind = {kind: [i for i, each in enumerate(drawings) if each["kind"] == kind] for kind in kinds}
    technical = torch.tensor([each["kind"] in ("piping", "wiring") for each in drawings])

    pictures = PictureTower(SIDE, WIDTH, DIMENSION).to(memory_format=torch.channels_last)
    texts = TextTower(tokenizer.get_vocab_size(), WIDTH, DIMENSION, LONGEST)
    scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
    # A helper task, dropped after the training: say from the vector, of the picture or the text alike, what is to be
    # seen. It brings both towers to the same things long before the comparison of whole batches would.
    helper = nn.Linear(DIMENSION, len(names))
    share = torch.tensor([counts[name] / len(drawings) for name in names])
    helper.bias.data = torch.logit(share)
    modules = nn.ModuleList([pictures, texts, helper])
    if chosen.start is not None:
        modules.load_state_dict(torch.load(chosen.start))
        scale.data.fill_(math.log(40.0))
    towers = [*pictures.parameters(), *texts.parameters()]
    groups = [
        {"params": [p for p in towers if p.ndim > 1], "weight_decay": 0.02, "share": 1.0},
        {"params": [p for p in towers if p.ndim <= 1] + [scale], "weight_decay": 0.0, "share": 1.0},
        {"params": list(helper.parameters()), "weight_decay": 0.0, "share": 3.0},
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98))
    peak, warm = 1.5e-3, 60
    began = time.time()

    def prepare() -> tuple[torch.Tensor, ...]:
        # As many of each kind, so that what is common to a batch is always the same.
        indices = [i for kind in kinds for i in chance.sample(of_kind[kind], chosen.batch // len(kinds))]
        said = [augment_text(chance.choice(drawings[i]["captions"]), chance, common) for i in indices]
        x = torch.from_numpy(pixels[indices]).permute(0, 3, 1, 2).float() / 255
        x = (augment_pictures(x, technical[indices], SIDE, generator) - MEAN) / DEVIATION
        encoded = tokenizer.encode_batch(said)
        ids = torch.tensor([each.ids for each in encoded])
        mask = torch.tensor([each.attention_mask for each in encoded])
        wanted = torch.zeros(len(indices), len(names))
        for row, i in enumerate(indices):
            wanted[row, [place[name] for name in drawings[i]["attributes"] if name in place]] = 1
        keys = [drawings[i]["key"] for i in indices]
        same = torch.tensor([[one == other for one in keys] for other in keys]).fill_diagonal_(False)
        return x.contiguous(memory_format=torch.channels_last), ids, mask, wanted, same

    # One batch is made ready while another is learned from; one after the other, so that chance stays the same.
    helper_thread = ThreadPoolExecutor(1)
    ready = helper_thread.submit(prepare)
    target = torch.arange(chosen.batch)
    for step in range(chosen.steps):
        rate = peak * min(1, (step + 1) / warm) * 0.5 * (1 + math.cos(math.pi * step / chosen.steps))
        for group in optimizer.param_groups:
            group["lr"] = rate * group["share"]
        x, ids, mask, wanted, same = ready.result()
        if step + 1 < chosen.steps:
            ready = helper_thread.submit(prepare)
        with torch.autocast("cpu", torch.bfloat16):
            picture, text = pictures(x), texts(ids, mask)
        guesses = helper(torch.cat([picture.float(), text.float()]))
        seen = F.binary_cross_entropy_with_logits(guesses, wanted.repeat(2, 1), reduction="sum") / chosen.batch / 2
        picture, text = F.normalize(picture.float(), dim=1), F.normalize(text.float(), dim=1)
        logits = scale.exp().clamp(max=100) * picture @ text.T
        logits = logits.masked_fill(same, -1e4)
        contrast = (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
        loss = contrast + 0.1 * seen
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(modules.parameters(), 5.0)
        optimizer.step()
        if step % 20 == 0 or step == chosen.steps - 1:
            right = (logits.argmax(0) == target).float().mean().item()
            print(
                f"step {step}: contrast {contrast.item():.3f}, seen {seen.item():.3f}, "
                f"right {right:.2f}, scale {scale.exp().item():.1f}, {time.time() - began:.0f} s",
                flush=True,
            )
        if step % 200 == 199:
            torch.save(modules.state_dict(), chosen.data / "weights.pt")
    torch.save(modules.state_dict(), chosen.data / "weights.pt")
    export(pictures, texts, tokenizer, chosen.out, side=SIDE, mean=MEAN, deviation=DEVIATION)
    print(f"exported to {chosen.out} after {time.time() - began:.0f} s")


if __name__ == "__main__":
    main()
