// Writes ONNX models of a few hundred bytes with their tokenizer, the same bytes on every run.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { float32 as float, initializer, input, int64, model, node, output } from "./onnx-graph.ts";

const letters = [..."abcdefghijklmnopqrstuvwxyz"];
const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];
const words = ["lexer", "parser", "error", "token", "string", "where", "query", "passage"];

/** Every word of letters can be told: whole, or letter by letter. */
export const vocabulary = [...special, ...words, ":", ...letters, ...letters.map((letter) => `##${letter}`)];
export const dimensions = 8;

/** The model's only weights: one vector a token, any numbers that are exact in 32 bits. */
export const weights = Float32Array.from({ length: vocabulary.length * dimensions }, (_, index) => {
  const mixed = Math.imul(index + 1, 0x9e3779b1) >>> 24;
  return (mixed - 128) / 128;
});

export type TinyKind = "token-vectors" | "text-vector" | "two-outputs" | "cross-encoder" | "wrong-shape";

const einsum = (inputs: readonly string[], output: string, equation: string): Buffer =>
  node("Einsum", [inputs, output], [{ name: "equation", text: equation }]);

const gather = node("Gather", [["table", "input_ids"], "tokens"]);
/** Padding's vectors are zero, so that a pooling that takes them along is seen. */
const masked = [
  node("Gather", [["table", "input_ids"], "all"]),
  node("Cast", [["attention_mask"], "mask"], [{ name: "to", integer: float }]),
  einsum(["all", "mask"], "tokens", "bsd,bs->bsd"),
];
const cast = (from: string, to: string): Buffer =>
  node("Cast", [[from], to], [{ name: "to", integer: float }]);
const mean = node(
  "ReduceMean",
  [["tokens"], "text"],
  [
    { name: "axes", integers: [1] },
    { name: "keepdims", integer: 0 },
  ],
);

const graphs: Readonly<
  Record<
    TinyKind,
    {
      readonly nodes: readonly Buffer[];
      readonly outputs: readonly Buffer[];
      readonly inputs: readonly string[];
    }
  >
> = {
  "token-vectors": {
    nodes: masked,
    outputs: [output(["tokens", float], ["batch", "sequence", dimensions])],
    inputs: ["input_ids", "attention_mask"],
  },
  /** Pools itself and asks for no mask: only right for texts that run alone. */
  "text-vector": {
    nodes: [gather, mean],
    outputs: [output(["text", float], ["batch", dimensions])],
    inputs: ["input_ids"],
  },
  "two-outputs": {
    nodes: [gather, mean],
    outputs: [
      output(["tokens", float], ["batch", "sequence", dimensions]),
      output(["text", float], ["batch", dimensions]),
    ],
    inputs: ["input_ids"],
  },
  /** The product of the summed vectors of both texts: nearer, the more they share. */
  "cross-encoder": {
    nodes: [
      gather,
      cast("attention_mask", "mask"),
      cast("token_type_ids", "types"),
      node("Mul", [["mask", "types"], "second"]),
      node("Sub", [["mask", "second"], "first"]),
      einsum(["tokens", "first"], "query", "bsd,bs->bd"),
      einsum(["tokens", "second"], "passage", "bsd,bs->bd"),
      einsum(["query", "passage"], "score", "bd,bd->b"),
    ],
    outputs: [output(["score", float], ["batch"])],
    inputs: ["input_ids", "attention_mask", "token_type_ids"],
  },
  "wrong-shape": {
    nodes: [gather, node("Transpose", [["tokens"], "turned"], [{ name: "perm", integers: [1, 2, 0] }])],
    outputs: [output(["turned", float], ["sequence", dimensions, "batch"])],
    inputs: ["input_ids"],
  },
};

/** `ModelProto` of IR version 8 and operator set 13. */
export function tinyModel(kind: TinyKind): Buffer {
  const { nodes, outputs, inputs } = graphs[kind];
  const asked = inputs.map((name) => input([name, int64], ["batch", "sequence"]));
  const table = initializer("table", weights, [vocabulary.length, dimensions]);
  return model(kind, [...nodes, table, ...asked, ...outputs]);
}

const token = (name: string, type: number) => ({ SpecialToken: { id: name, type_id: type } });
const sequence = (name: string, type: number) => ({ Sequence: { id: name, type_id: type } });

/** WordPiece, as BERT's, with a vocabulary of a hundred. */
export function tinyTokenizer(): object {
  const id = (name: string) => vocabulary.indexOf(name);
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special.map((content) => ({
      id: id(content),
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [token("[CLS]", 0), sequence("A", 0), token("[SEP]", 0)],
      pair: [token("[CLS]", 0), sequence("A", 0), token("[SEP]", 0), sequence("B", 1), token("[SEP]", 1)],
      special_tokens: Object.fromEntries(
        ["[CLS]", "[SEP]"].map((name) => [name, { id: name, ids: [id(name)], tokens: [name] }]),
      ),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((word, index) => [word, index])),
    },
  };
}

/** A model folder as a user would give it. */
export async function writeTinyModel(folder: string, kind: TinyKind, settings?: object): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "model.onnx"), tinyModel(kind));
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tinyTokenizer()));
  if (settings !== undefined) await writeFile(join(folder, "rerank.json"), JSON.stringify(settings));
  return folder;
}
