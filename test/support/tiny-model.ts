// Writes ONNX models of a few hundred bytes with their tokenizer: protobuf by hand, the same bytes on every run.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

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

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

/** A length-delimited field of a protobuf message. */
function bytes(field: number, content: Buffer | string): Buffer {
  const body = Buffer.from(content);
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(body.length)]), body]);
}

function number(field: number, value: number): Buffer {
  return Buffer.from([...varint(field * 8), ...varint(value)]);
}

const float = 1;
const int64 = 7;

type Attribute = {
  readonly name: string;
  readonly text?: string;
  readonly integers?: readonly number[];
  readonly integer?: number;
};

/** `AttributeProto`: types 2 (integer), 3 (string), 7 (integers). */
function attribute({ name, text, integers, integer }: Attribute): Buffer {
  const value =
    text !== undefined
      ? [bytes(4, text), number(20, 3)]
      : integer !== undefined
        ? [number(3, integer), number(20, 2)]
        : [...(integers ?? []).map((each) => number(8, each)), number(20, 7)];
  return bytes(5, Buffer.concat([bytes(1, name), ...value]));
}

/** `NodeProto`: `inputs -> outputs` by an operator. */
function node(
  operator: string,
  [inputs, output]: [readonly string[], string],
  attributes: readonly Attribute[] = [],
): Buffer {
  const parts = [...inputs.map((name) => bytes(1, name)), bytes(2, output), bytes(4, operator)];
  return bytes(1, Buffer.concat([...parts, ...attributes.map(attribute)]));
}

/** `ValueInfoProto` with a shape of names and sizes. */
function value(field: number, [name, type]: [string, number], shape: readonly (string | number)[]): Buffer {
  const dims = shape.map((size) => bytes(1, typeof size === "string" ? bytes(2, size) : number(1, size)));
  const tensor = Buffer.concat([number(1, type), bytes(2, Buffer.concat(dims))]);
  return bytes(field, Buffer.concat([bytes(1, name), bytes(2, bytes(1, tensor))]));
}

function table(): Buffer {
  const raw = Buffer.from(weights.buffer, weights.byteOffset, weights.byteLength);
  const dims = [number(1, vocabulary.length), number(1, dimensions)];
  return bytes(5, Buffer.concat([...dims, number(2, float), bytes(8, "table"), bytes(9, raw)]));
}

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
    outputs: [value(12, ["tokens", float], ["batch", "sequence", dimensions])],
    inputs: ["input_ids", "attention_mask"],
  },
  /** Pools itself and asks for no mask: only right for texts that run alone. */
  "text-vector": {
    nodes: [gather, mean],
    outputs: [value(12, ["text", float], ["batch", dimensions])],
    inputs: ["input_ids"],
  },
  "two-outputs": {
    nodes: [gather, mean],
    outputs: [
      value(12, ["tokens", float], ["batch", "sequence", dimensions]),
      value(12, ["text", float], ["batch", dimensions]),
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
    outputs: [value(12, ["score", float], ["batch"])],
    inputs: ["input_ids", "attention_mask", "token_type_ids"],
  },
  "wrong-shape": {
    nodes: [gather, node("Transpose", [["tokens"], "turned"], [{ name: "perm", integers: [1, 2, 0] }])],
    outputs: [value(12, ["turned", float], ["sequence", dimensions, "batch"])],
    inputs: ["input_ids"],
  },
};

/** `ModelProto` of IR version 8 and operator set 13. */
export function tinyModel(kind: TinyKind): Buffer {
  const { nodes, outputs, inputs } = graphs[kind];
  const asked = inputs.map((name) => value(11, [name, int64], ["batch", "sequence"]));
  const graph = Buffer.concat([...nodes, bytes(2, kind), table(), ...asked, ...outputs]);
  return Buffer.concat([number(1, 8), bytes(7, graph), bytes(8, number(2, 13))]);
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
