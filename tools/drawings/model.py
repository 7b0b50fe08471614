"""The two towers: pictures and texts become vectors of one space, as in CLIP (Radford et al., 2021), only small."""

import math

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    """A transformer layer, normalised first. `bias` of shape [batch, 1, 1, positions] is added to the attention."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before_attention = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.before_mlp = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        # What is added begins small, so that what came in is not drowned in it.
        for last in (self.out, self.down):
            nn.init.normal_(last.weight, std=0.02)
            nn.init.zeros_(last.bias)

    def forward(self, x: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
        width = x.shape[2]
        qkv = self.qkv(self.before_attention(x)).unflatten(2, (3, self.heads, width // self.heads))
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        scores = q @ k.transpose(2, 3) / math.sqrt(width // self.heads)
        if bias is not None:
            scores = scores + bias
        mixed = (scores.softmax(dim=-1) @ v).transpose(1, 2).flatten(2)
        x = x + self.out(mixed)
        return x + self.down(F.gelu(self.up(self.before_mlp(x)), approximate="tanh"))


class Convolution(nn.Module):
    """A convolution of 4 × 4 for a stride of 4, else of 3 × 3; with a stride of 1 its result is added to its input."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.residual = stride == 1
        size, border = (4, 0) if stride == 4 else (3, 1)
        self.convolution = nn.Conv2d(inputs, outputs, size, stride, border, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.norm(self.convolution(x)))
        return x + y if self.residual else y


class PictureTower(nn.Module):
    """pixel_values [batch, 3, side, side] → image_embeds [batch, dimension]."""

    def __init__(self, side: int, width: int, dimension: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            Convolution(3, 48, 4),
            Convolution(48, 48, 1),
            Convolution(48, 96, 2),
            Convolution(96, 96, 1),
            Convolution(96, width, 2),
            Convolution(width, width, 1),
        )
        self.positions = nn.Parameter(torch.randn((side // 16) ** 2, width) * 0.1)
        self.blocks = nn.ModuleList(Block(width, 5) for _ in range(2))
        # Pictures have much paper in common, texts many words: what is common is taken out before they are compared.
        self.norm = nn.BatchNorm1d(2 * width)
        self.projection = nn.Linear(2 * width, dimension, bias=False)

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        x = self.convolutions(pixel_values).flatten(2).transpose(1, 2) + self.positions
        for block in self.blocks:
            x = block(x)
        return self.projection(self.norm(torch.cat([x.mean(dim=1), x.amax(dim=1)], dim=1)))


class TextTower(nn.Module):
    """input_ids, attention_mask [batch, length ≤ `longest`] → text_embeds [batch, dimension]."""

    def __init__(self, words: int, width: int, dimension: int, longest: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, width)
        nn.init.normal_(self.embedding.weight, std=0.5)
        self.positions = nn.Parameter(torch.randn(longest, width) * 0.1)
        self.blocks = nn.ModuleList(Block(width, 5) for _ in range(2))
        self.norm = nn.BatchNorm1d(width)
        self.projection = nn.Linear(width, dimension, bias=False)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        mask = attention_mask.to(torch.float32)
        x = self.embedding(input_ids) + self.positions[: input_ids.shape[1]]
        bias = (mask[:, None, None, :] - 1) * 1e4
        for block in self.blocks:
            x = block(x, bias)
        mean = (x * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
        return self.projection(self.norm(mean))
