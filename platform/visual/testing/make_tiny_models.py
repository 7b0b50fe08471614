"""Writes tiny-models/: visual encoders of a few kilobytes, in the hub's layout, with weights that are a formula.

    python3 -m venv venv && venv/bin/pip install onnx numpy tokenizers
    venv/bin/python platform/visual/testing/make_tiny_models.py

They know nothing. They have the inputs and outputs of the exports that the hub has: CLIP (`input_ids` alone, pooled at
the end token, which has the highest id), one with an attention mask, SigLIP (64 tokens, padding looked at), a merged
file; in single and half precision, and dynamically quantised. `tiny-models.ts` has the same formulas.
"""

import json
import pathlib

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE, WIDTH, VOCABULARY = 8, 12, 24
WORDS = "a drawing of red blue circle square pump valve with two three and".split()
FOLDER = pathlib.Path(__file__).with_name("tiny-models")


def picture_weights():
    rows, columns = numpy.indices((3 * SIDE * SIDE, WIDTH))
    return numpy.sin(rows * 0.37 + columns * 1.7 + 1).astype(numpy.float32)


def word_weights():
    rows, columns = numpy.indices((VOCABULARY, WIDTH))
    return numpy.cos(rows * 1.3 + columns * 0.7).astype(numpy.float32)


def tensor(name, values):
    return numpy_helper.from_array(numpy.asarray(values), name)


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def picture_part(output, kind="single"):
    """pixel_values → output: all values times the weights."""
    weights = picture_weights()
    nodes = [helper.make_node("Flatten", ["pixel_values"], ["flat"], axis=1)]
    if kind == "quantized":
        scale = numpy.float32(numpy.abs(weights).max() / 127)
        constants = [
            tensor("weights", numpy.round(weights / scale).astype(numpy.int8)),
            tensor("weights_scale", scale),
        ]
        nodes += [
            helper.make_node("DynamicQuantizeLinear", ["flat"], ["whole", "scale", "zero"]),
            helper.make_node("MatMulInteger", ["whole", "weights", "zero"], ["product"]),
            helper.make_node("Cast", ["product"], ["real"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["scale", "weights_scale"], ["both"]),
            helper.make_node("Mul", ["real", "both"], [output]),
        ]
    else:
        constants = [tensor("weights", weights.astype(numpy.float16 if kind == "half" else numpy.float32))]
        nodes.append(helper.make_node("MatMul", ["flat", "weights"], [output]))
    number = TensorProto.FLOAT16 if kind == "half" else TensorProto.FLOAT
    given = value("pixel_values", number, ["batch_size", 3, SIDE, SIDE])
    return nodes, constants, [given], [value(output, number, ["batch_size", WIDTH])]


def text_part(output, pooling):
    """input_ids → output: the sum of what the tokens weigh: up to the end token, where the mask says so, or of all."""
    constants = [tensor("words", word_weights()), tensor("one", numpy.int64(1)), tensor("axis", numpy.array([1]))]
    given = [value("input_ids", TensorProto.INT64, ["text_batch_size", "sequence_length"])]
    nodes = [helper.make_node("Gather", ["words", "input_ids"], ["states"])]
    if pooling == "end":
        nodes += [
            helper.make_node("CumSum", ["states", "one"], ["sums"]),
            helper.make_node("ArgMax", ["input_ids"], ["end"], axis=1, keepdims=1),
            helper.make_node("Unsqueeze", ["end", "two"], ["end_of"]),
            helper.make_node("Expand", ["end_of", "expanded"], ["places"]),
            helper.make_node("GatherElements", ["sums", "places"], ["pooled"], axis=1),
            helper.make_node("Squeeze", ["pooled", "axis"], [output]),
        ]
        constants += [tensor("two", numpy.array([2])), tensor("expanded", numpy.array([1, 1, WIDTH]))]
    elif pooling == "mask":
        given.append(value("attention_mask", TensorProto.INT64, ["text_batch_size", "sequence_length"]))
        nodes += [
            helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["mask", "two"], ["wide"]),
            helper.make_node("Mul", ["states", "wide"], ["kept"]),
            helper.make_node("ReduceSum", ["kept", "axis"], [output], keepdims=0),
        ]
        constants.append(tensor("two", numpy.array([2])))
    else:
        nodes.append(helper.make_node("ReduceSum", ["states", "axis"], [output], keepdims=0))
    made = [value(output, TensorProto.FLOAT, ["text_batch_size", WIDTH])]
    used = {name for node in nodes for name in node.input}
    return nodes, [constant for constant in constants if constant.name in used], given, made


def write(path, *parts):
    nodes, constants, given, made = ([item for part in parts for item in part[index]] for index in range(4))
    graph = helper.make_graph(nodes, "tiny", given, made, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="tiny")
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)


def tokenizer(special, template):
    vocabulary = {"<unk>": 0, "<pad>": 1} | {word: index + 2 for index, word in enumerate(WORDS)}
    # The end token has the highest id, as CLIP's has.
    vocabulary |= {token: VOCABULARY - len(special) + index for index, token in enumerate(special)}
    added = [
        {
            "id": vocabulary[token],
            "content": token,
            "special": True,
            **dict.fromkeys(["single_word", "lstrip", "rstrip", "normalized"], False),
        }
        for token in ["<unk>", "<pad>", *special]
    ]
    single = [
        {"Sequence": {"id": "A", "type_id": 0}} if part == "text" else {"SpecialToken": {"id": part, "type_id": 0}}
        for part in template
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "pair": single,
            "special_tokens": {
                token: {"id": token, "ids": [vocabulary[token]], "tokens": [token]} for token in special
            },
        },
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"},
    }


def describe(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content) + "\n")


CLIP_PICTURES = {
    "do_center_crop": True,
    "do_normalize": True,
    "do_resize": True,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "resample": 3,
}
CLIP = {
    "config": {"model_type": "clip", "text_config": {"max_position_embeddings": 10}},
    "preprocessor_config": {**CLIP_PICTURES, "size": SIDE, "crop_size": SIDE},
    "tokenizer": tokenizer(["<|startoftext|>", "<|endoftext|>"], ["<|startoftext|>", "text", "<|endoftext|>"]),
    "tokenizer_config": {"model_max_length": 10, "pad_token": "<|endoftext|>"},
}

clip = FOLDER / "clip"
describe(clip, **CLIP)
write(clip / "onnx/vision_model.onnx", picture_part("image_embeds"))
write(clip / "onnx/vision_model_fp16.onnx", picture_part("image_embeds", "half"))
write(clip / "onnx/vision_model_quantized.onnx", picture_part("image_embeds", "quantized"))
write(clip / "onnx/text_model.onnx", text_part("text_embeds", "end"))

masked = FOLDER / "masked"
describe(masked, **CLIP)
write(masked / "onnx/vision_model.onnx", picture_part("image_embeds"))
write(masked / "onnx/text_model.onnx", text_part("text_embeds", "mask"))

merged = FOLDER / "merged"
describe(merged, **CLIP)
write(merged / "onnx/model.onnx", picture_part("image_embeds"), text_part("text_embeds", "end"))

siglip = FOLDER / "siglip"
describe(
    siglip,
    config={"model_type": "siglip", "text_config": {"model_type": "siglip_text_model"}},
    preprocessor_config={
        "do_resize": True,
        "size": {"height": SIDE, "width": SIDE},
        "resample": 3,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    },
    tokenizer=tokenizer(["</s>"], ["text", "</s>"]),
    tokenizer_config={"model_max_length": 64, "pad_token": "<pad>"},
)
write(siglip / "onnx/vision_model.onnx", picture_part("pooler_output"))
write(siglip / "onnx/text_model.onnx", text_part("pooler_output", "all"))
for path in sorted(FOLDER.rglob("*.*")):
    print(path.relative_to(FOLDER), path.stat().st_size)
