// Writes decoders of any small size in the layout that Optimum exports, with attention, caches and a tokenizer.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bool, float16, float32, initializer, input, int64, model, node, output } from "./onnx-graph.ts";

export interface DecoderShape {
  readonly layers: number;
  readonly heads: number;
  /** Shared by all heads where it is 1. */
  readonly keyHeads: number;
  readonly headSize: number;
  readonly inner: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly caches: "float32" | "float16";
  /** False: positions are counted from the cache's length, so that padding moves them. */
  readonly takesPositions: boolean;
}

/** Bytes, a few words, and what steers. */
const words = ["the", " is", " and", "answer", "\n\n", "12", "漢", " 👍"];
const specials = ["<|end|>", "<|user|>", "<|assistant|>"];
export const tinyVocabulary = 256 + words.length + specials.length;
export const endToken = 256 + words.length;

export const tinyShape: DecoderShape = {
  layers: 2,
  heads: 4,
  keyHeads: 1,
  headSize: 8,
  inner: 48,
  vocabulary: tinyVocabulary,
  positions: 512,
  caches: "float32",
  takesPositions: true,
};

export const widthOf = ({ heads, headSize }: DecoderShape): number => heads * headSize;

/** Weights by name: any numbers, the same on every run, of about unit size after the product. */
export function weightOf(name: string, rows: number, columns: number, gain = 1): Float32Array {
  let state = [...name].reduce((hash, character) => Math.imul(hash, 31) + character.charCodeAt(0), 17) >>> 0;
  const scale = gain / Math.sqrt(name.startsWith("embed") ? 1 : rows);
  return Float32Array.from({ length: rows * columns }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state >>> 8) / 2 ** 23 - 1) * 1.7 * scale;
  });
}

/** Every matrix of a decoder, rows times columns. */
export function weightsOf(shape: DecoderShape): ReadonlyMap<string, readonly [Float32Array, number, number]> {
  const { layers, keyHeads, headSize, inner, vocabulary, positions } = shape;
  const width = widthOf(shape);
  const all = new Map<string, readonly [Float32Array, number, number]>();
  const add = (name: string, rows: number, columns: number, gain?: number) =>
    all.set(name, [weightOf(name, rows, columns, gain), rows, columns]);
  add("embed_tokens", vocabulary, width);
  add("embed_positions", positions, width, 0.5);
  for (let layer = 0; layer < layers; layer += 1) {
    add(`${layer}.query`, width, width, 2 / Math.sqrt(headSize));
    add(`${layer}.key`, width, keyHeads * headSize);
    add(`${layer}.value`, width, keyHeads * headSize);
    add(`${layer}.out`, width, width);
    add(`${layer}.up`, width, inner);
    add(`${layer}.down`, inner, width);
  }
  add("head", width, vocabulary, 1.5);
  return all;
}

const cast = (from: string, to: string, type: number): Buffer =>
  node("Cast", [[from], to], [{ name: "to", integer: type }]);
const transpose = (from: string, to: string, perm: readonly number[]): Buffer =>
  node("Transpose", [[from], to], [{ name: "perm", integers: perm }]);

/** `bias`: what no token may look at, later ones and padding, is a large negative number. */
function maskNodes({ takesPositions }: DecoderShape): Buffer[] {
  return [
    node("Shape", [["attention_mask"], "mask_shape"]),
    node("Shape", [["input_ids"], "ids_shape"]),
    node("Gather", [["mask_shape", "one"], "total"]),
    node("Gather", [["ids_shape", "one"], "fresh"]),
    node("Sub", [["total", "fresh"], "past"]),
    node("Range", [["zero", "total", "one"], "keys"]),
    node("Range", [["past", "total", "one"], "queries"]),
    node("Unsqueeze", [["keys", "axis0"], "keys_row"]),
    node("Unsqueeze", [["queries", "axis1"], "queries_column"]),
    node("Greater", [["keys_row", "queries_column"], "later"]),
    cast("later", "later_float", float32),
    cast("attention_mask", "seen", float32),
    node("Sub", [["unit", "seen"], "unseen"]),
    node("Unsqueeze", [["unseen", "axes12"], "unseen_wide"]),
    node("Add", [["later_float", "unseen_wide"], "hidden"]),
    node("Mul", [["hidden", "minus"], "bias"]),
    ...(takesPositions ? [] : [node("Unsqueeze", [["queries", "axis0"], "position_ids"])]),
  ];
}

function layerNodes(layer: number, shape: DecoderShape): Buffer[] {
  const at = (name: string) => `${layer}.${name}`;
  const half = shape.caches === "float16";
  const side = (kind: "key" | "value") => {
    const past = `past_key_values.${layer}.${kind}`;
    const present = `present.${layer}.${kind}`;
    return [
      node("MatMul", [[at("x"), at(kind)], at(`${kind}_flat`)]),
      node("Reshape", [[at(`${kind}_flat`), "key_shape"], at(`${kind}_split`)]),
      transpose(at(`${kind}_split`), at(`${kind}_new`), [0, 2, 1, 3]),
      ...(half ? [cast(past, at(`${kind}_past`), float32)] : []),
      node(
        "Concat",
        [[half ? at(`${kind}_past`) : past, at(`${kind}_new`)], half ? at(`${kind}_all`) : present],
        [{ name: "axis", integer: 2 }],
      ),
      ...(half ? [cast(at(`${kind}_all`), present, float16)] : []),
    ];
  };
  const all = (kind: string) => (half ? at(`${kind}_all`) : `present.${layer}.${kind}`);
  return [
    node("MatMul", [[at("x"), at("query")], at("query_flat")]),
    node("Reshape", [[at("query_flat"), "query_shape"], at("query_split")]),
    transpose(at("query_split"), at("queries"), [0, 2, 1, 3]),
    ...side("key"),
    ...side("value"),
    transpose(all("key"), at("key_turned"), [0, 1, 3, 2]),
    node("MatMul", [[at("queries"), at("key_turned")], at("products")]),
    node("Add", [[at("products"), "bias"], at("biased")]),
    node("Softmax", [[at("biased")], at("shares")], [{ name: "axis", integer: 3 }]),
    node("MatMul", [[at("shares"), all("value")], at("seen_split")]),
    transpose(at("seen_split"), at("seen_turned"), [0, 2, 1, 3]),
    node("Reshape", [[at("seen_turned"), "flat_shape"], at("seen_flat")]),
    node("MatMul", [[at("seen_flat"), at("out")], at("seen")]),
    node("Add", [[at("x"), at("seen")], at("between")]),
    node("MatMul", [[at("between"), at("up")], at("up_out")]),
    node("Tanh", [[at("up_out")], at("bent")]),
    node("MatMul", [[at("bent"), at("down")], at("down_out")]),
    node("Add", [[at("between"), at("down_out")], `${layer + 1}.x`]),
  ];
}

function integers(name: string, values: readonly number[], shape: readonly number[]): Buffer {
  return initializer(name, BigInt64Array.from(values, BigInt), shape);
}

function constants(shape: DecoderShape): Buffer[] {
  const { heads, keyHeads, headSize } = shape;
  return [
    integers("zero", [0], []),
    integers("one", [1], []),
    integers("axis0", [0], [1]),
    integers("axis1", [1], [1]),
    integers("axes12", [1, 2], [2]),
    integers("query_shape", [0, 0, heads, headSize], [4]),
    integers("key_shape", [0, 0, keyHeads, headSize], [4]),
    integers("flat_shape", [0, 0, widthOf(shape)], [3]),
    initializer("unit", Float32Array.of(1), []),
    initializer("minus", Float32Array.of(-1e9), []),
  ];
}

/** `ModelProto` of a decoder: `extraInput` is one that no engine knows. */
export function tinyDecoder(shape: DecoderShape, extraInput?: string): Buffer {
  const { layers, keyHeads, headSize, vocabulary, takesPositions } = shape;
  const cacheType = shape.caches === "float16" ? float16 : float32;
  const caches = Array.from({ length: layers }, (_, layer) =>
    ["key", "value"].map((kind) => `${layer}.${kind}`),
  ).flat();
  return model("decoder", [
    ...maskNodes(shape),
    node("Gather", [["embed_tokens", "input_ids"], "tokens"]),
    node("Gather", [["embed_positions", "position_ids"], "places"]),
    node("Add", [["tokens", "places"], "0.x"]),
    ...Array.from({ length: layers }, (_, layer) => layerNodes(layer, shape)).flat(),
    node("MatMul", [[`${layers}.x`, "head"], "logits"]),
    ...constants(shape),
    ...[...weightsOf(shape)].map(([name, [values, rows, columns]]) =>
      initializer(name, values, [rows, columns]),
    ),
    input(["input_ids", int64], ["batch_size", "sequence_length"]),
    input(["attention_mask", int64], ["batch_size", "total_sequence_length"]),
    ...(takesPositions ? [input(["position_ids", int64], ["batch_size", "sequence_length"])] : []),
    ...(extraInput === undefined ? [] : [input([extraInput, bool], [1])]),
    ...caches.map((name) =>
      input(
        [`past_key_values.${name}`, cacheType],
        ["batch_size", keyHeads, "past_sequence_length", headSize],
      ),
    ),
    output(["logits", float32], ["batch_size", "sequence_length", vocabulary]),
    ...caches.map((name) =>
      output([`present.${name}`, cacheType], ["batch_size", keyHeads, "total_sequence_length", headSize]),
    ),
  ]);
}

function alphabet(byte: number): string {
  const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  if (printable) return String.fromCharCode(byte);
  if (byte < 33) return String.fromCharCode(256 + byte);
  return String.fromCharCode(byte === 173 ? 323 : 256 + 33 + byte - 127);
}

function tinyTokenizer(): object {
  const spelled = (text: string) => Array.from(Buffer.from(text), alphabet);
  const tokens = [
    ...Array.from({ length: 256 }, (_, byte) => alphabet(byte)),
    ...words.map((word) => spelled(word).join("")),
  ];
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, use_regex: false };
  return {
    added_tokens: specials.map((content, index) => ({ id: endToken + index, content, special: true })),
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        // Only these words are more than their bytes: merges would need names for the parts.
        { type: "Split", pattern: { Regex: words.join("|") }, behavior: "Isolated", invert: false },
        byteLevel,
      ],
    },
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: "BPE",
      unk_token: null,
      ignore_merges: true,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: [],
    },
  };
}

const chatTemplate =
  "{%- for message in messages %}{{ '<|user|>' + message.content + '<|end|>' }}{%- endfor %}{{ '<|assistant|>' }}";

export function configOf(shape: DecoderShape): object {
  return {
    model_type: "tiny",
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.keyHeads,
    head_dim: shape.headSize,
    hidden_size: widthOf(shape),
    vocab_size: shape.vocabulary,
    max_position_embeddings: shape.positions,
  };
}

/** A model folder as a user would give it. */
export async function writeTinyDecoder(folder: string, changes: Partial<DecoderShape> = {}): Promise<string> {
  const shape = { ...tinyShape, ...changes };
  await mkdir(join(folder, "onnx"), { recursive: true });
  const files = {
    "config.json": configOf(shape),
    "generation_config.json": { eos_token_id: [endToken] },
    "tokenizer.json": tinyTokenizer(),
    "tokenizer_config.json": { chat_template: chatTemplate },
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), JSON.stringify(content));
  }
  await writeFile(join(folder, "onnx", "model.onnx"), tinyDecoder(shape));
  return folder;
}
