"""The same weights for llama.cpp: python write_gguf.py FOLDER MODEL.gguf"""

import json
import sys
from pathlib import Path

import gguf
import numpy as np
import onnx
from onnx import numpy_helper

import vocabulary
from decoder import EPSILON, POSITIONS, ROPE_BASE

NAMES = {
    **{"query": "attn_q", "key": "attn_k", "value": "attn_v", "out": "attn_output", "attention_norm": "attn_norm"},
    **{"gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down", "inner_norm": "ffn_norm"},
    **{"embed": "token_embd", "head": "output", "norm": "output_norm"},
}


def weights_in(folder: Path) -> dict[str, np.ndarray]:
    stored = onnx.load(folder / "model.onnx").graph.initializer
    ending = ".half"
    return {
        each.name.removesuffix(ending): numpy_helper.to_array(each).astype(np.float32)
        for each in stored
        if each.name.endswith(ending)
    }


def interleaved(matrix: np.ndarray, heads: int) -> np.ndarray:
    """llama.cpp turns neighbours where we turn halves: (out, in), rows of each head in its order."""
    rows, columns = matrix.shape
    return matrix.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def write(folder: Path, path: str) -> None:
    weights = weights_in(folder)
    config = json.loads((folder / "config.json").read_text())
    heads = config["num_attention_heads"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(folder.name)
    writer.add_context_length(POSITIONS)
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_vocab_size(vocabulary.SIZE)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([*(vocabulary.spelled(byte) for byte in range(256)), *vocabulary.MARKS])
    writer.add_token_types([gguf.TokenType.NORMAL] * 256 + [gguf.TokenType.CONTROL] * len(vocabulary.MARKS))
    # A pair of bytes that never meet in a question: the loader wants a merge, the model none.
    writer.add_token_merges([f"{vocabulary.spelled(0)} {vocabulary.spelled(1)}"])
    writer.add_eos_token_id(vocabulary.END)
    writer.add_add_bos_token(False)
    writer.add_chat_template(vocabulary.CHAT_TEMPLATE)
    for name, value in weights.items():
        layer, _, part = name.rpartition(".")
        rows = value if value.ndim == 1 or part == "embed" else value.T
        if part in ("query", "key"):
            rows = interleaved(rows, heads)
        where = f"blk.{layer}.{NAMES[part]}" if layer else NAMES[part]
        writer.add_tensor(f"{where}.weight", np.ascontiguousarray(rows, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2])
