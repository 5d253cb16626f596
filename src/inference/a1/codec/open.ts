// A tokenizer folder as a codec: prompts by the model's template, segments that join without a seam, texts from bytes.
import { Tokenizer } from "@huggingface/tokenizers";
import type { ChatMessage, Codec } from "../engine.ts";
import {
  readTokenizerFolder,
  type Step,
  type TokenizerFiles,
  type TokenizerJson,
  unusable,
} from "./files.ts";
import { ChatTemplate, Guard } from "./template.ts";
import { stepsOf, TokenBytes, tokenTableOf } from "./token-bytes.ts";

export interface CodecOptions {
  /** What templates are told of the date. The same for a whole run: a prompt must not change overnight. */
  readonly day?: Date;
}

/** The date that Llama's templates name where they are told none. */
const usualDay = new Date(Date.UTC(2024, 6, 26));

/** As much of what stands before as may decide where a word is cut. */
const tailCharacters = 32;

/** A {@link Codec} that also tells the bytes below the characters. */
export class FolderCodec implements Codec {
  readonly tokens: TokenBytes;
  /** As the model was trained: some put a space before a text's first word. */
  readonly #whole: Tokenizer;
  /** For what goes on behind other text: without that space. */
  readonly #within: Tokenizer;
  readonly #template: ChatTemplate;
  readonly #guard: Guard;

  /** @throws EngineFault `unusable` */
  constructor(files: TokenizerFiles, { day = usualDay }: CodecOptions) {
    const within = withoutFirstSpace(files.tokenizer);
    try {
      this.tokens = new TokenBytes(tokenTableOf(files.tokenizer));
      this.#whole = new Tokenizer(files.tokenizer, files.config);
      this.#within = within === undefined ? this.#whole : new Tokenizer(within, files.config);
    } catch (cause) {
      const found = cause instanceof Error ? cause.message : String(cause);
      throw unusable(
        `${files.tokenizerPath}: expected a tokenizer that this version can read: ${found}`,
        cause,
      );
    }
    this.#guard = new Guard(files.tokenizer);
    this.#template = new ChatTemplate(files, this.#guard, day);
  }

  async prompt(messages: readonly ChatMessage[]): Promise<readonly number[]> {
    const [first = "", ...rest] = this.#template.render(messages);
    return [...idsOf(this.#whole, first), ...rest.flatMap((piece) => idsOf(this.#within, piece))];
  }

  async encode(text: string, before: string): Promise<readonly number[]> {
    const tail = before.slice(-tailCharacters);
    const [tailIds, joined] = [this.#plain(tail), this.#plain(tail + text)];
    // Otherwise the tokenizer would have cut what stands before elsewhere, and that is no longer to be changed.
    const joins = tailIds.every((id, index) => joined[index] === id);
    return joins ? joined.slice(tailIds.length) : this.#plain(text);
  }

  async decode(ids: readonly number[]): Promise<string> {
    return this.tokens.textOf(ids);
  }

  bytesOf(ids: readonly number[]): Uint8Array {
    return this.tokens.bytesOf(ids);
  }

  #plain(text: string): readonly number[] {
    return this.#guard.pieces(text).flatMap((piece) => idsOf(this.#within, piece));
  }
}

function idsOf(tokenizer: Tokenizer, text: string): readonly number[] {
  return tokenizer.encode(text, { add_special_tokens: false }).ids;
}

const addsSpace = ({ type, prepend_scheme, add_prefix_space }: Step): boolean =>
  type === "Prepend" ||
  (type === "Metaspace" && prepend_scheme !== "never") ||
  (type === "ByteLevel" && add_prefix_space === true);

function withoutSpace(step: Step): Step {
  if (!addsSpace(step)) return step;
  return step.type === "Prepend"
    ? { type: "Prepend", prepend: "" }
    : { ...step, prepend_scheme: "never", add_prefix_space: false };
}

/** The same tokenizer for text that stands behind other text; undefined where it is the same anyway. */
function withoutFirstSpace(tokenizer: TokenizerJson): TokenizerJson | undefined {
  const normalizers = stepsOf(tokenizer.normalizer, "normalizers");
  const preTokenizers = stepsOf(tokenizer.pre_tokenizer, "pretokenizers");
  if (![...normalizers, ...preTokenizers].some(addsSpace)) return undefined;
  return {
    ...tokenizer,
    normalizer: { type: "Sequence", normalizers: normalizers.map(withoutSpace) },
    pre_tokenizer:
      preTokenizers.length === 0
        ? null
        : { type: "Sequence", pretokenizers: preTokenizers.map(withoutSpace) },
  };
}

/** @throws EngineFault `unusable`: says the file, what was expected and what was found */
export async function openCodec(folder: string, options: CodecOptions = {}): Promise<FolderCodec> {
  return new FolderCodec(await readTokenizerFolder(folder), options);
}
