// Counts tokens as the reader of a text will: by its own tokenizer where there is one, else by a stated approximation.
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { RetrieverFault } from "../fault.ts";

export interface TokenCounter {
  /** Stored beside whatever was counted: `o200k_base`, `<folder> (sha256 …)`, `approximate: 3 bytes a token, …`. */
  readonly name: string;
  readonly isApproximate: boolean;
  /** Tokens of a text that stands alone, without marks of a chat. Linear time whatever the text is. */
  count(text: string): number;
}

export interface TokenizerChoice {
  /** An encoding's name, or a folder that holds `tokenizer.json`: goes before the model's name. */
  readonly tokenizer?: string;
  /** The name its provider knows. */
  readonly model?: string;
}

const encodingNames = ["o200k_base", "cl100k_base", "o200k_harmony"] as const;
export type EncodingName = (typeof encodingNames)[number];

/** UTF-8 bytes. Code runs at 3 to 4.5 in the encodings above; the low end keeps a budget that is only estimated. */
const approximateBytesPerToken = 3;

/**
 * Byte-pair merging takes quadratic time within one unbroken run of letters, blanks or signs: longer runs are counted
 * as one token a byte, more than any byte-level tokenizer gives, so a budget is kept all the same.
 */
const longestRun = 400;

const isBlank = (unit: number): boolean => unit === 32 || (unit >= 9 && unit <= 13);

/** Where runs of blanks, and of what lies between them, are longer than `longestRun`. A loop: patterns overflow. */
function* longRuns(text: string): Generator<readonly [from: number, to: number]> {
  for (let from = 0; from < text.length; ) {
    const blank = isBlank(text.charCodeAt(from));
    let to = from + 1;
    while (to < text.length && isBlank(text.charCodeAt(to)) === blank) to += 1;
    if (to - from > longestRun) yield [from, to];
    from = to;
  }
}

function countWith(exact: (text: string) => number): (text: string) => number {
  return (text) => {
    let tokens = 0;
    let from = 0;
    for (const [start, end] of longRuns(text)) {
      if (start > from) tokens += exact(text.slice(from, start));
      tokens += Buffer.byteLength(text.slice(start, end));
      from = end;
    }
    return from < text.length ? tokens + exact(from === 0 ? text : text.slice(from)) : tokens;
  };
}

export function approximateCounter(why: string): TokenCounter {
  return {
    name: `approximate: ${approximateBytesPerToken} bytes a token, ${why}`,
    isApproximate: true,
    count: (text) => Math.ceil(Buffer.byteLength(text) / approximateBytesPerToken),
  };
}

/** Each encoding is megabytes of code: only the one that is asked for is loaded. */
const load = {
  o200k_base: () => import("gpt-tokenizer/encoding/o200k_base"),
  cl100k_base: () => import("gpt-tokenizer/encoding/cl100k_base"),
  o200k_harmony: () => import("gpt-tokenizer/encoding/o200k_harmony"),
};

async function encodingCounter(name: EncodingName): Promise<TokenCounter> {
  const { countTokens } = await load[name]();
  // What looks like a mark of the chat format is ordinary text here, as it is to the provider.
  const plain = { disallowedSpecial: new Set<string>() };
  return { name, isApproximate: false, count: countWith((text) => countTokens(text, plain)) };
}

/** OpenAI's families, dated names and variants included (as in tiktoken's `model.py`). */
const families: readonly (readonly [RegExp, EncodingName])[] = [
  [/^gpt-oss-/, "o200k_harmony"],
  [/^(gpt-5|gpt-4o|gpt-4\.1|gpt-4\.5|chatgpt-4o|codex-mini)([-.]|$)|^o[134]([-.]|$)/, "o200k_base"],
  [/^(gpt-4|gpt-3\.5-turbo|gpt-3\.5|gpt-35-turbo)(-|$)|^text-embedding-/, "cl100k_base"],
];

/** The encoding of a model whose provider publishes it; undefined for every other model. */
export function encodingOf(model: string): EncodingName | undefined {
  const bare = model.replace(/^openai\//, "");
  return families.find(([pattern]) => pattern.test(bare))?.[1];
}

async function jsonOf(file: string): Promise<{ readonly value: object; readonly sha256: string }> {
  const problem = (found: string, cause?: unknown) =>
    new RetrieverFault(
      "model-unusable",
      `${file}: expected a tokenizer as tokenizer.json files describe it; ${found}. Give the folder a model's files came in`,
      { cause },
    );
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw problem(cause instanceof Error ? cause.message : String(cause), cause);
  });
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) {
      return { value, sha256: createHash("sha256").update(text).digest("hex") };
    }
  } catch (cause) {
    throw problem("it is no JSON", cause);
  }
  throw problem("it is no object");
}

async function folderCounter(folder: string): Promise<TokenCounter> {
  const { Tokenizer } = await import("@huggingface/tokenizers");
  const file = join(folder, "tokenizer.json");
  const { value, sha256 } = await jsonOf(file);
  const configFile = join(folder, "tokenizer_config.json");
  const hasConfig = await stat(configFile).then(
    () => true,
    () => false,
  );
  const config = hasConfig ? (await jsonOf(configFile)).value : {};
  try {
    const tokenizer = new Tokenizer(value, config);
    const exact = (text: string): number => tokenizer.encode(text, { add_special_tokens: false }).ids.length;
    if (!(exact("int main() { return 0; }") > 0)) throw new Error("it finds no token in a line of code");
    return {
      name: `${basename(folder)} (sha256 ${sha256.slice(0, 12)})`,
      isApproximate: false,
      count: countWith(exact),
    };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RetrieverFault("model-unusable", `${file}: expected a tokenizer that works; ${why}`, { cause });
  }
}

/** Any other name of a tokenizer is a folder's. */
export const isEncodingName = (name: string): name is EncodingName =>
  encodingNames.some((each) => each === name);

/**
 * The counter of a reader: what was chosen by name or folder, else the encoding its model's provider publishes, else
 * an approximation whose name says so and why.
 * @throws RetrieverFault `model-unusable` for a folder without a tokenizer that works
 */
export async function tokenCounterFor({ tokenizer, model }: TokenizerChoice): Promise<TokenCounter> {
  if (tokenizer !== undefined) {
    return isEncodingName(tokenizer) ? encodingCounter(tokenizer) : folderCounter(tokenizer);
  }
  if (model === undefined) return approximateCounter("no tokenizer is named");
  const encoding = encodingOf(model);
  if (encoding !== undefined) return encodingCounter(encoding);
  return approximateCounter("its provider publishes no tokenizer that is known here");
}
