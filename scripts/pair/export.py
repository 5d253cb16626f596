"""Lays trained weights down as a model folder, as Optimum would: python export.py WEIGHTS.npz FOLDER"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import vocabulary
from decoder import EPSILON, POSITIONS, ROPE_BASE, Shape, load, rope_tables


class Graph:
    """Nodes and constants as they are written down; `op` returns its output's name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def op(self, kind: str, *inputs: str, to: str = "", **attributes) -> str:
        to = to or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [to], **attributes))
        return to

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def weight(self, name: str, value: np.ndarray) -> str:
        """Stored at half the size; the runtime folds the cast away as it loads."""
        half = self.constant(f"{name}.half", value.astype(np.float16))
        return self.cast(half, name)

    def cast(self, value: str, to: str = "") -> str:
        to = to or f"cast_{len(self.nodes)}"
        self.nodes.append(helper.make_node("Cast", [value], [to], to=TensorProto.FLOAT))
        return to

    def norm(self, x: str, gain: str) -> str:
        mean = self.op("ReduceMean", self.op("Mul", x, x), axes=[-1], keepdims=1)
        return self.op("Mul", self.op("Div", x, self.op("Sqrt", self.op("Add", mean, "epsilon"))), gain)

    def mask(self) -> None:
        """`bias`: what no token may look at, later ones and padding, is a large negative number."""
        total = self.op("Gather", self.op("Shape", "attention_mask"), "one")
        fresh = self.op("Gather", self.op("Shape", "input_ids"), "one")
        keys = self.op("Range", "zero", total, "one")
        queries = self.op("Range", self.op("Sub", total, fresh), total, "one")
        later = self.op("Greater", self.op("Unsqueeze", keys, "axis0"), self.op("Unsqueeze", queries, "axis1"))
        unseen = self.op("Sub", "unit", self.cast("attention_mask"))
        hidden = self.op("Add", self.cast(later), self.op("Unsqueeze", unseen, "axes12"))
        self.op("Mul", hidden, "minus", to="bias")

    def turned(self, x: str) -> str:
        """Rotary positions of (batch, length, heads, head size)."""
        parts = [f"{x}_first", f"{x}_second"]
        self.nodes.append(helper.make_node("Split", [x], parts, axis=-1))
        swapped = self.op("Concat", self.op("Neg", parts[1]), parts[0], axis=-1)
        return self.op("Add", self.op("Mul", x, "cos"), self.op("Mul", swapped, "sin"))

    def layer(self, x: str, layer: int) -> str:
        def product(of: str, name: str) -> str:
            return self.op("MatMul", of, f"{layer}.{name}")

        def heads_first(of: str) -> str:
            return self.op("Transpose", of, perm=[0, 2, 1, 3])

        seen = self.norm(x, f"{layer}.attention_norm")
        query, key, value = (
            self.op("Reshape", product(seen, name), "split_shape") for name in ("query", "key", "value")
        )
        query, fresh = heads_first(self.turned(query)), {"key": heads_first(self.turned(key)), "value": heads_first(value)}
        for name, each in fresh.items():
            self.op("Concat", f"past_key_values.{layer}.{name}", each, to=f"present.{layer}.{name}", axis=2)
        keys = self.op("Transpose", f"present.{layer}.key", perm=[0, 1, 3, 2])
        products = self.op("Mul", self.op("MatMul", query, keys), "head_scale")
        shares = self.op("Softmax", self.op("Add", products, "bias"), axis=3)
        mixed = heads_first(self.op("MatMul", shares, f"present.{layer}.value"))
        x = self.op("Add", x, product(self.op("Reshape", mixed, "flat_shape"), "out"))
        seen = self.norm(x, f"{layer}.inner_norm")
        gate = product(seen, "gate")
        opened = self.op("Mul", self.op("Mul", gate, self.op("Sigmoid", gate)), product(seen, "up"))
        return self.op("Add", x, product(opened, "down"))


def model_of(weights: dict[str, np.ndarray], shape: Shape) -> onnx.ModelProto:
    graph, head_size = Graph(), shape.head_size
    integers = {
        **{"zero": 0, "one": 1, "axis0": [0], "axis1": [1], "axis2": [2], "axes12": [1, 2]},
        **{"split_shape": [0, 0, shape.heads, head_size], "flat_shape": [0, 0, shape.width]},
    }
    for name, number in integers.items():
        graph.constant(name, np.asarray(number, np.int64))
    for name, number in {"unit": 1, "minus": -1e9, "epsilon": EPSILON, "head_scale": head_size**-0.5}.items():
        graph.constant(name, np.asarray(number, np.float32))
    for name, value in weights.items():
        graph.weight(name, value)
    graph.mask()
    for name, table in zip(("cos", "sin"), rope_tables(head_size)):
        rows = graph.op("Gather", graph.constant(f"{name}_table", table), "position_ids")
        graph.op("Unsqueeze", rows, "axis2", to=name)
    x = graph.op("Gather", "embed", "input_ids")
    for layer in range(shape.layers):
        x = graph.layer(x, layer)
    graph.op("MatMul", graph.norm(x, "norm"), "head", to="logits")

    def described(name: str, kind: int, *dimensions: str | int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, dimensions)

    def caches(prefix: str, length: str) -> list[onnx.ValueInfoProto]:
        names = (f"{prefix}.{layer}.{side}" for layer in range(shape.layers) for side in ("key", "value"))
        return [described(name, TensorProto.FLOAT, "batch_size", shape.heads, length, head_size) for name in names]

    inputs = [
        described("input_ids", TensorProto.INT64, "batch_size", "sequence_length"),
        described("attention_mask", TensorProto.INT64, "batch_size", "total_sequence_length"),
        described("position_ids", TensorProto.INT64, "batch_size", "sequence_length"),
        *caches("past_key_values", "past_sequence_length"),
    ]
    logits = described("logits", TensorProto.FLOAT, "batch_size", "sequence_length", shape.vocabulary)
    outputs = [logits, *caches("present", "total_sequence_length")]
    made = helper.make_graph(graph.nodes, "decoder", inputs, outputs, graph.constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def tokenizer() -> dict:
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}
    marks = [{"id": number, "content": mark, "special": True} for mark, number in vocabulary.MARKS.items()]
    tokens = {vocabulary.spelled(byte): byte for byte in range(256)}
    return {
        "added_tokens": marks,
        **{"normalizer": None, "pre_tokenizer": byte_level, "post_processor": None, "decoder": byte_level},
        "model": {"type": "BPE", "unk_token": None, "vocab": tokens, "merges": []},
    }


def export(weights_path: str, folder: Path) -> None:
    weights, shape = load(weights_path)
    config = {
        **{"model_type": "llama", "num_hidden_layers": shape.layers, "num_attention_heads": shape.heads},
        **{"num_key_value_heads": shape.heads, "head_dim": shape.head_size, "hidden_size": shape.width},
        **{"intermediate_size": shape.inner, "vocab_size": shape.vocabulary, "max_position_embeddings": POSITIONS},
        **{"rope_theta": ROPE_BASE, "rms_norm_eps": EPSILON, "eos_token_id": vocabulary.END},
    }
    files = {
        "config.json": config,
        "generation_config.json": {"eos_token_id": [vocabulary.END]},
        "tokenizer.json": tokenizer(),
        "tokenizer_config.json": {"chat_template": vocabulary.CHAT_TEMPLATE},
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    onnx.save(model_of(weights, shape), folder / "model.onnx")


if __name__ == "__main__":
    export(sys.argv[1], Path(sys.argv[2]))
