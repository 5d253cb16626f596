// Which bytes each token stands for, as one table that threads can share: texts are made of it, never of a tokenizer.
import type { Step, TokenizerJson } from "./files.ts";

/** How a vocabulary writes what is not plain text. */
type Spelling =
  /** Every byte as a character of its own, as GPT-2 does. */
  | { readonly kind: "byte-level" }
  /** A mark for the space, `<0x0A>` for single bytes. */
  | { readonly kind: "metaspace"; readonly space: string }
  | { readonly kind: "plain" };

/** Plain data in shared memory: handed to threads without a copy. */
export interface TokenTable {
  readonly bytes: Uint8Array;
  /** Token `id` has the bytes from `starts[id]` to `starts[id + 1]`. */
  readonly starts: Uint32Array;
  /** 1 for tokens that are no text. */
  readonly special: Uint8Array;
}

/** A step and those it is made of. */
export function stepsOf(
  step: Step | null | undefined,
  field: "normalizers" | "pretokenizers" | "decoders",
): readonly Step[] {
  if (step === null || step === undefined) return [];
  return step[field]?.flatMap((part) => stepsOf(part, field)) ?? [step];
}

function spaceMark({ type, replacement, pattern, content }: Step): string | undefined {
  if (type === "Metaspace") return typeof replacement === "string" ? replacement : "▁";
  if (type !== "Replace" || content !== " " || typeof pattern !== "object" || pattern === null)
    return undefined;
  return "String" in pattern && typeof pattern.String === "string" ? pattern.String : undefined;
}

function spellingOf(decoder: TokenizerJson["decoder"]): Spelling | undefined {
  const steps = stepsOf(decoder, "decoders");
  if (steps.some(({ type }) => type === "ByteLevel")) return { kind: "byte-level" };
  const space = steps.map(spaceMark).find((mark) => mark !== undefined);
  if (space !== undefined) return { kind: "metaspace", space };
  return steps.length > 0 && steps.every(({ type }) => type === "Fuse") ? { kind: "plain" } : undefined;
}

/** GPT-2's alphabet: printable bytes stand for themselves, the others for the characters from U+0100 on, in order. */
function byteAlphabet(): ReadonlyMap<string, number> {
  const isPrintable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  const characters = Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(isPrintable(byte) ? byte : next++),
  );
  return new Map(characters.map((character, byte) => [character, byte]));
}

const alphabet = byteAlphabet();
const singleByte = /^<0x([0-9A-F]{2})>$/;

function bytesOfToken(token: string, spelling: Spelling): Uint8Array {
  if (spelling.kind === "byte-level") {
    const bytes = Array.from(token, (character) => alphabet.get(character));
    return bytes.every((byte) => byte !== undefined) ? Uint8Array.from(bytes) : Buffer.from(token);
  }
  if (spelling.kind === "plain") return Buffer.from(token);
  const [, digits] = singleByte.exec(token) ?? [];
  return digits === undefined
    ? Buffer.from(token.replaceAll(spelling.space, " "))
    : Uint8Array.of(Number.parseInt(digits, 16));
}

function vocabularyOf({ model }: TokenizerJson): readonly (readonly [string, number])[] {
  if (Array.isArray(model.vocab)) return model.vocab.map(([token], id) => [token, id]);
  return Object.entries(model.vocab);
}

function shared(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

/** @throws Error for a tokenizer whose tokens are no pieces of the text */
export function tokenTableOf(tokenizer: TokenizerJson): TokenTable {
  const spelling = spellingOf(tokenizer.decoder);
  if (spelling === undefined) {
    const found = stepsOf(tokenizer.decoder, "decoders").map(({ type }) => type);
    throw new Error(
      `decoder: expected ByteLevel, Metaspace, or Replace of a mark by a space, found ${found.join(", ") || "none"}`,
    );
  }
  const pieces: Uint8Array[] = [];
  for (const [token, id] of vocabularyOf(tokenizer)) pieces[id] = bytesOfToken(token, spelling);
  for (const { id, content } of tokenizer.added_tokens) pieces[id] = Buffer.from(content);
  const count = pieces.length;
  const starts = new Uint32Array(new SharedArrayBuffer((count + 1) * 4));
  for (let id = 0; id < count; id += 1) starts[id + 1] = (starts[id] ?? 0) + (pieces[id]?.length ?? 0);
  const bytes = shared(starts[count] ?? 0);
  pieces.forEach((piece, id) => {
    bytes.set(piece, starts[id]);
  });
  const special = shared(count);
  for (const each of tokenizer.added_tokens) special[each.id] = each.special ? 1 : 0;
  return { bytes, starts, special };
}

export class TokenBytes {
  readonly table: TokenTable;

  constructor(table: TokenTable) {
    this.table = table;
  }

  /** UTF-8 of the tokens' text, characters cut in two included; special tokens and unknown ids have none. */
  bytesOf(ids: readonly number[]): Uint8Array {
    const pieces = ids.map((id) => (this.table.special[id] === 1 ? nothing : this.#piece(id)));
    const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  /** Bytes that make no character become U+FFFD; special tokens are left out. */
  textOf(ids: readonly number[]): string {
    return decodeUtf8(this.bytesOf(ids));
  }

  /** One token as it is written, a special one too. */
  nameOf(id: number): string {
    return decodeUtf8(Uint8Array.from(this.#piece(id)));
  }

  #piece(id: number): Uint8Array {
    const { bytes, starts } = this.table;
    return bytes.subarray(starts[id] ?? 0, starts[id + 1] ?? 0);
  }
}

const nothing = new Uint8Array(0);

/** A mark of byte order at a text's beginning is text here. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

export function decodeUtf8(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}
