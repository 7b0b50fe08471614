"""Changes that leave the meaning of a picture or a phrase as it is."""

import random

import torch
from torch.nn import functional as F


def augment_pictures(
    pictures: torch.Tensor, technical: torch.Tensor, side: int, generator: torch.Generator
) -> torch.Tensor:
    """pictures: [batch, 3, any, any] of 0 to 1; technical: [batch] of bool. Colours of shapes and charts stay.

    Returns [batch, 3, side, side]."""

    def uniform(low: float, high: float, *shape: int) -> torch.Tensor:
        return low + (high - low) * torch.rand(*shape, generator=generator)

    batch = pictures.shape[0]
    # Smaller by up to a quarter, each side by itself, and moved so far that nothing is lost.
    scale = uniform(0.76, 1.03, batch, 2)
    move = uniform(-1, 1, batch, 2) * (1 - scale).clamp(min=0)
    theta = torch.zeros(batch, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = 1 / scale[:, 0], 1 / scale[:, 1]
    theta[:, :, 2] = move / scale
    grid = F.affine_grid(theta, [batch, 3, side, side], align_corners=False)
    pictures = F.grid_sample(pictures, grid, mode="bilinear", padding_mode="border", align_corners=False)

    chance = torch.rand(batch, generator=generator)
    grey = technical & (chance < 0.5)
    pictures[grey] = pictures[grey].mean(dim=1, keepdim=True).expand(-1, 3, -1, -1)
    edged = technical & (chance < 0.18)
    pictures[edged] = edges(pictures[edged])
    inverted = technical & (chance > 0.93)
    pictures[inverted] = 1 - pictures[inverted]
    faint = technical & (chance > 0.6) & (chance < 0.9)
    strength = uniform(0.35, 1, batch, 1, 1, 1)
    paper = pictures[faint].amax(dim=(2, 3), keepdim=True)
    pictures[faint] = paper - (paper - pictures[faint]) * strength[faint]
    return (pictures * uniform(0.92, 1.04, batch, 1, 1, 1)).clamp(0, 1)


def edges(pictures: torch.Tensor) -> torch.Tensor:
    """The size of the gradient by the operator of Sobel, dark on white."""
    if pictures.shape[0] == 0:
        return pictures
    light = F.pad(pictures.mean(dim=1, keepdim=True), (1, 1, 1, 1), mode="replicate")
    across = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]).view(1, 1, 3, 3)
    size = (F.conv2d(light, across) ** 2 + F.conv2d(light, across.transpose(2, 3)) ** 2).sqrt()
    size = size / size.amax(dim=(2, 3), keepdim=True).clamp(min=0.05)
    return (1 - size.clamp(0, 1)).expand(-1, 3, -1, -1)


def augment_text(text: str, chance: random.Random, common: list[str]) -> str:
    """Articles left out, words of no weight put in, stops left out."""
    words = text.split(" ")
    if chance.random() < 0.2:
        words = [word for word in words if word.lower() not in ("a", "an", "the")]
    if chance.random() < 0.15:
        for _ in range(chance.randint(1, 3)):
            words.insert(chance.choice((0, len(words), chance.randint(0, len(words)))), chance.choice(common))
    if chance.random() < 0.3:
        words = [word.strip("?,.") for word in words]
    return " ".join(words)
