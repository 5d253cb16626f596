// Tokenizer folders with vocabularies that models really use, rebuilt from packages that encode by code of their own.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import cl100k from "gpt-tokenizer/bpeRanks/cl100k_base";
import llama from "llama-tokenizer-js";

interface Special {
  readonly id: number;
  readonly content: string;
  /** False: part of what a model writes, though one token. */
  readonly special: boolean;
}

function added({ id, content, special }: Special): object {
  return { id, content, special, single_word: false, lstrip: false, rstrip: false, normalized: false };
}

/** GPT-2's alphabet, written down anew: the code under test has its own. */
function alphabet(): readonly string[] {
  const printable = [...range(33, 126), ...range(161, 172), ...range(174, 255)];
  const others = range(0, 255).filter((byte) => !printable.includes(byte));
  return range(0, 255).map((byte) =>
    String.fromCodePoint(printable.includes(byte) ? byte : 256 + others.indexOf(byte)),
  );
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const characters = alphabet();
const tokens = cl100k.map((token) =>
  Array.from(typeof token === "string" ? Buffer.from(token) : token, (byte) => characters[byte]).join(""),
);
const rankOf = new Map(tokens.map((token, rank) => [token, rank]));

/** The two tokens of which a token was made: what remains when all earlier merges have been done. */
function mergeOf(token: string, rank: number): readonly [string, string] | undefined {
  const parts = [...token];
  while (parts.length > 2) {
    let best = -1;
    let bestRank = rank;
    for (let at = 0; at + 1 < parts.length; at += 1) {
      const found = rankOf.get(`${parts[at]}${parts[at + 1]}`) ?? Infinity;
      if (found < bestRank) [best, bestRank] = [at, found];
    }
    if (best < 0) return undefined;
    parts.splice(best, 2, `${parts[best]}${parts[best + 1]}`);
  }
  const [left, right] = parts;
  return left === undefined || right === undefined ? undefined : [left, right];
}

let known: (readonly [string, string])[] | undefined;

/** Those of all tokens take a second, so they are worked out once. */
function merges(): (readonly [string, string])[] {
  known ??= tokens.flatMap((token, rank) => {
    const pair = mergeOf(token, rank);
    return pair === undefined ? [] : [pair];
  });
  return known;
}

const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false };

/** Both write words, digits, marks and spaces apart; they differ in how many digits go together. */
function byteLevelTokenizer(digits: string, specials: readonly Special[], normalizer: object | null): object {
  const words = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
  const rest = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  return {
    version: "1.0",
    added_tokens: specials.map(added),
    normalizer,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        {
          type: "Split",
          pattern: { Regex: `${words}|${digits}|${rest}` },
          behavior: "Isolated",
          invert: false,
        },
        byteLevel,
      ],
    },
    post_processor: byteLevel,
    decoder: byteLevel,
    model: {
      type: "BPE",
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges(),
      ignore_merges: true,
    },
  };
}

const first = tokens.length;

const chatMl =
  "{%- for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}" +
  "{%- endfor %}{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}";

const headers =
  "{{ bos_token }}{%- for message in messages %}{{ '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' " +
  "+ message.content | trim + '<|eot_id|>' }}{%- endfor %}{%- if add_generation_prompt %}" +
  "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}";

const instructions =
  "{{ bos_token }}{%- for message in messages %}{%- if message.role == 'system' %}" +
  "{{ raise_exception('Roles must alternate user/assistant') }}{%- endif %}" +
  "{%- if message.role == 'user' %}{{ '[INST] ' + message.content + ' [/INST]' }}" +
  "{%- else %}{{ ' ' + message.content + '</s>' }}{%- endif %}{%- endfor %}";

function named(names: readonly string[], from: number, special = true): Special[] {
  return names.map((content, index) => ({ id: from + index, content, special }));
}

/** SentencePiece as a tokenizer.json: a mark for spaces, one before the text, bytes for what has no token. */
function metaspaceTokenizer(): object {
  const { vocabById } = llama;
  const pairs = [...llama.merges].sort(([, one], [, other]) => one - other);
  return {
    version: "1.0",
    added_tokens: named(["<unk>", "<s>", "</s>"], 0).map(added),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: {
      type: "BPE",
      unk_token: "<unk>",
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries(vocabById.map((token, id) => [token, id])),
      merges: pairs.map(([pair]) => pair.split(" ")),
    },
  };
}

export const realTokenizers = {
  /** Llama 3: digits in threes, headers. */
  "llama-3": () => ({
    tokenizer: byteLevelTokenizer(
      "\\p{N}{1,3}",
      named(["<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"], first),
      null,
    ),
    config: { bos_token: "<|begin_of_text|>", eos_token: { content: "<|eot_id|>" }, chat_template: headers },
  }),
  /** Qwen: digits alone, ChatML, composed characters. */
  qwen: () => ({
    tokenizer: byteLevelTokenizer(
      "\\p{N}",
      [
        ...named(["<|endoftext|>", "<|im_start|>", "<|im_end|>"], first),
        ...named(["<think>", "</think>"], first + 3, false),
      ],
      { type: "NFC" },
    ),
    config: {
      eos_token: "<|im_end|>",
      chat_template: [
        { name: "default", template: chatMl },
        { name: "tool_use", template: "tools" },
      ],
    },
  }),
  /** Llama 2. */
  "llama-2": () => ({
    tokenizer: metaspaceTokenizer(),
    config: { bos_token: "<s>", eos_token: "</s>", chat_template: instructions },
  }),
} as const;

export type RealTokenizer = keyof typeof realTokenizers;

export async function writeTokenizer(folder: string, name: RealTokenizer): Promise<string> {
  const { tokenizer, config } = realTokenizers[name]();
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  await writeFile(join(folder, "tokenizer_config.json"), JSON.stringify(config));
  return folder;
}
