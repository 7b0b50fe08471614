"""Writes the towers as the hub has CLIP: config.json, preprocessor_config.json, tokenizer files, onnx/*.onnx."""

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from model import PictureTower, TextTower
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer


def with_half_weights(path: Path) -> None:
    """Stores large weights in 16 bits, made 32 again when they are loaded: half the bytes, the same arithmetic."""
    model = onnx.load(path)
    casts = []
    for weights in list(model.graph.initializer):
        if weights.data_type != TensorProto.FLOAT or np.prod(weights.dims) < 256:
            continue
        name = weights.name
        half = numpy_helper.from_array(numpy_helper.to_array(weights).astype(np.float16), f"{name}_half")
        model.graph.initializer.remove(weights)
        model.graph.initializer.append(half)
        casts.append(helper.make_node("Cast", [half.name], [name], name=f"{name}_cast", to=TensorProto.FLOAT))
    for cast in reversed(casts):
        model.graph.node.insert(0, cast)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def export(
    pictures: PictureTower, texts: TextTower, tokenizer: Tokenizer, out: Path, *, side: int, mean: float, deviation: float
) -> None:
    (out / "onnx").mkdir(parents=True, exist_ok=True)
    pictures.eval()
    texts.eval()
    longest, width = texts.positions.shape
    dimension = texts.projection.out_features
    ids = torch.ones(2, 7, dtype=torch.int64)
    common = {"opset_version": 17, "dynamo": False, "do_constant_folding": True}
    torch.onnx.export(
        pictures,
        (torch.zeros(2, 3, side, side),),
        str(out / "onnx/vision_model.onnx"),
        input_names=["pixel_values"],
        output_names=["image_embeds"],
        dynamic_axes={"pixel_values": {0: "batch"}, "image_embeds": {0: "batch"}},
        **common,
    )
    torch.onnx.export(
        texts,
        (ids, torch.ones_like(ids)),
        str(out / "onnx/text_model.onnx"),
        input_names=["input_ids", "attention_mask"],
        output_names=["text_embeds"],
        dynamic_axes={
            "input_ids": {0: "batch", 1: "length"},
            "attention_mask": {0: "batch", 1: "length"},
            "text_embeds": {0: "batch"},
        },
        **common,
    )
    for name in ("vision_model", "text_model"):
        with_half_weights(out / f"onnx/{name}.onnx")

    tokenizer.no_padding()
    tokenizer.no_truncation()
    end = tokenizer.token_to_id("<|endoftext|>")
    files = {
        "tokenizer.json": json.loads(tokenizer.to_str()),
        "config.json": {
            "model_type": "clip",
            "architectures": ["CLIPModel"],
            "projection_dim": dimension,
            "text_config": {
                "model_type": "clip_text_model",
                "hidden_size": width,
                "max_position_embeddings": longest,
                "vocab_size": tokenizer.get_vocab_size(),
                "pad_token_id": end,
                "projection_dim": dimension,
            },
            "vision_config": {
                "model_type": "clip_vision_model",
                "hidden_size": width,
                "image_size": side,
                "projection_dim": dimension,
            },
        },
        "preprocessor_config.json": {
            "image_processor_type": "CLIPImageProcessor",
            "do_resize": True,
            "size": {"height": side, "width": side},
            "resample": 3,
            "do_center_crop": False,
            "do_rescale": True,
            "rescale_factor": 1 / 255,
            "do_normalize": True,
            "image_mean": [mean] * 3,
            "image_std": [deviation] * 3,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "CLIPTokenizer",
            "model_max_length": longest,
            "bos_token": "<|startoftext|>",
            "eos_token": "<|endoftext|>",
            "pad_token": "<|endoftext|>",
            "unk_token": "<|endoftext|>",
        },
    }
    for name, content in files.items():
        (out / name).write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=False) + "\n")
