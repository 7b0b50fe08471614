"""Writes tiny-whisper/: a Whisper of random weights, with the inputs, outputs and files of a real one.

    python make-tiny-whisper.py        (needs numpy and onnx)

It understands nothing. What it is for: the rules of decoding, the cache of keys and values, both forms of the decoder.
One layer, a width of 16, windows of 3 seconds (times 0.00 to 3.00), 16 mel bins, and a vocabulary of single bytes.
The decoder is written twice: merged, with `use_cache_branch`, and as a pair without and with past.
"""
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

BINS, FRAMES, WIDTH, HEADS = 16, 300, 16, 2
STATES, SIZE = FRAMES // 2, WIDTH // HEADS
SPECIALS = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|de|>", "<|translate|>", "<|transcribe|>"]
SPECIALS += ["<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
VOCABULARY = 256 + len(SPECIALS) + STATES + 1
FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64
random = np.random.default_rng(7)


def byte_characters():
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in visible]
    return {b: chr(b) for b in visible} | {b: chr(256 + i) for i, b in enumerate(others)}


class Graph:
    """Nodes and weights, named as they come."""

    def __init__(self):
        self.nodes, self.weights, self.count = [], [], 0

    def weight(self, name, values):
        if all(w.name != name for w in self.weights):
            self.weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def add(self, op, *inputs, output=None, **attributes):
        self.count += 1
        output = output or f"{op}_{self.count}"
        self.nodes.append(helper.make_node(op, list(inputs), [output], **attributes))
        return output

    def ints(self, *values):
        return self.weight("i" + "_".join(map(str, values)), np.array(values, np.int64))

    def save(self, path, inputs, outputs):
        graph = helper.make_graph(self.nodes, "tiny", inputs, outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 8
        onnx.checker.check_model(model)
        onnx.save(model, path)


def value(name, kind, *shape):
    return helper.make_tensor_value_info(name, kind, list(shape))


WEIGHTS = {
    name: (random.standard_normal(shape) * scale).astype(np.float32)
    for name, shape, scale in [
        ("conv", (WIDTH, BINS, 3), 0.15),
        ("tokens", (VOCABULARY, WIDTH), 1.0),
        ("places", (48, WIDTH), 1.0),
        *[(f"{part}_{kind}", (WIDTH, WIDTH), 0.5) for part in ("own", "cross") for kind in "qkvo"],
        ("mix", (WIDTH, WIDTH), 0.5),
    ]
}


def encoder(path):
    g = Graph()
    x = g.add("Conv", "input_features", g.weight("conv", WEIGHTS["conv"]), strides=[2], pads=[1, 1])
    g.add("Transpose", g.add("Tanh", x), perm=[0, 2, 1], output="last_hidden_state")
    g.save(path, [value("input_features", FLOAT, "batch", BINS, FRAMES)], [value("last_hidden_state", FLOAT, "batch", STATES, WIDTH)])


def heads_of(g, x, name):
    x = g.add("MatMul", x, g.weight(name, WEIGHTS[name]))
    return g.add("Transpose", g.add("Reshape", x, g.ints(0, -1, HEADS, SIZE)), perm=[0, 2, 1, 3])


def attention(g, q, k, v, name, mask=None):
    scores = g.add("MatMul", q, g.add("Transpose", k, perm=[0, 1, 3, 2]))
    if mask:
        scores = g.add("Add", scores, mask)
    x = g.add("MatMul", g.add("Softmax", scores, axis=-1), v)
    x = g.add("Reshape", g.add("Transpose", x, perm=[0, 2, 1, 3]), g.ints(0, -1, WIDTH))
    return g.add("MatMul", x, g.weight(f"{name}_o", WEIGHTS[f"{name}_o"]))


def decoder(path, form):
    """form: merged, first or past."""
    g = Graph()
    names = [f"0.{side}.{kind}" for side in ("decoder", "encoder") for kind in ("key", "value")]
    inputs = [value("input_ids", INT, "batch", "tokens")]
    if form != "past":
        inputs.append(value("encoder_hidden_states", FLOAT, "batch", STATES, WIDTH))
    if form != "first":
        inputs += [value(f"past_key_values.{n}", FLOAT, "batch", HEADS, "past_" + n, SIZE) for n in names]
    if form == "merged":
        inputs.append(value("use_cache_branch", TensorProto.BOOL, 1))

    count = g.add("Slice", g.add("Shape", "input_ids"), g.ints(1), g.ints(2))
    past = g.ints(0)
    if form != "first":
        past = g.add("Slice", g.add("Shape", "past_key_values.0.decoder.key"), g.ints(2), g.ints(3))
    total = g.add("Add", past, count)
    scalar = lambda x: g.add("Squeeze", x)
    one = g.weight("one", np.array(1, np.int64))
    zero = g.weight("zero", np.array(0, np.int64))
    places = g.add("Range", scalar(past), scalar(total), one)
    x = g.add("Gather", g.weight("tokens", WEIGHTS["tokens"]), "input_ids")
    x = g.add("Add", x, g.add("Gather", g.weight("places", WEIGHTS["places"]), places))

    own = {"key": heads_of(g, x, "own_k"), "value": heads_of(g, x, "own_v")}
    for kind in own:
        output = f"present.0.decoder.{kind}"
        if form == "first":
            g.add("Identity", own[kind], output=output)
        else:
            g.add("Concat", f"past_key_values.0.decoder.{kind}", own[kind], axis=2, output=output)
    all_places = g.add("Range", zero, scalar(total), one)
    later = g.add("Greater", g.add("Unsqueeze", all_places, g.ints(0)), g.add("Unsqueeze", places, g.ints(1)))
    mask = g.add("Where", later, g.weight("no", np.float32(-1e9)), g.weight("yes", np.float32(0)))
    x = g.add("Add", x, attention(g, heads_of(g, x, "own_q"), "present.0.decoder.key", "present.0.decoder.value", "own", mask))

    cross = {}
    for kind in ("key", "value"):
        output, known = f"present.0.encoder.{kind}", f"past_key_values.0.encoder.{kind}"
        if form == "past":
            cross[kind] = known
            continue
        cross[kind] = output
        made = heads_of(g, "encoder_hidden_states", f"cross_{kind[0]}")
        if form == "first":
            g.add("Identity", made, output=output)
        else:
            branches = {}
            for name, source in (("then_branch", known), ("else_branch", made)):
                node = helper.make_node("Identity", [source], [f"{name}_{kind}"])
                branches[name] = helper.make_graph([node], f"{name}_{kind}", [], [value(f"{name}_{kind}", FLOAT, "batch", HEADS, STATES, SIZE)])
            g.add("If", "use_cache_branch", output=output, **branches)
    x = g.add("Add", x, attention(g, heads_of(g, x, "cross_q"), cross["key"], cross["value"], "cross"))
    x = g.add("Tanh", g.add("MatMul", x, g.weight("mix", WEIGHTS["mix"])))
    g.add("MatMul", x, g.add("Transpose", "tokens", perm=[1, 0]), output="logits")

    outputs = [value("logits", FLOAT, "batch", "tokens", VOCABULARY)]
    kept = names if form != "past" else names[:2]
    outputs += [value(f"present.{n}", FLOAT, "batch", HEADS, "all_" + n, SIZE) for n in kept]
    g.save(path, inputs, outputs)


if __name__ == "__main__":
    folder = pathlib.Path(__file__).with_name("tiny-whisper")
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    encoder(folder / "onnx" / "encoder_model.onnx")
    decoder(folder / "onnx" / "decoder_model_merged.onnx", "merged")
    decoder(folder / "onnx" / "decoder_model.onnx", "first")
    decoder(folder / "onnx" / "decoder_with_past_model.onnx", "past")
    characters = byte_characters()
    files = {
        "config.json": {"d_model": WIDTH, "decoder_attention_heads": HEADS, "max_target_positions": 48, "vocab_size": VOCABULARY},
        "generation_config.json": {"is_multilingual": False, "begin_suppress_tokens": [32], "max_initial_timestamp_index": 50},
        "preprocessor_config.json": {"feature_size": BINS, "n_fft": 400, "hop_length": 160, "chunk_length": 3, "sampling_rate": 16000},
        "tokenizer.json": {
            "model": {"type": "BPE", "vocab": {characters[b]: b for b in range(256)}, "merges": []},
            "added_tokens": [{"id": 256 + i, "content": s, "special": True} for i, s in enumerate(SPECIALS)],
        },
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content) + "\n")
