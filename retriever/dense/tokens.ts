// Texts to token ids: the model's special tokens kept whatever is cut, because a model without them answers nonsense.
import type { Tokenizer } from "@huggingface/tokenizers";

export interface TokenRow {
  readonly ids: readonly number[];
  /** Which text a token belongs to, as the model was taught to be told. */
  readonly typeIds: readonly number[];
  readonly truncated: boolean;
}

/** Special tokens around one text (`[before, after]`) or a pair (`[before, between, after]`). */
interface Frame {
  readonly parts: readonly { readonly ids: readonly number[]; readonly typeIds: readonly number[] }[];
  /** Type id of each text's own tokens. */
  readonly textTypes: readonly number[];
  readonly size: number;
}

/** Letters that every vocabulary has a token for, be it the unknown one. */
const probes = ["a", "b"] as const;

/**
 * No token in use stands for more characters. What lies beyond is not tokenized at all: it could not reach the model.
 */
const longestTokenCharacters = 32;

function indexOfRun(list: readonly number[], run: readonly number[], from: number): number {
  for (let at = from; at + run.length <= list.length; at += 1) {
    if (run.every((value, index) => list[at + index] === value)) return at;
  }
  return -1;
}

export class Encoder {
  readonly #tokenizer: Tokenizer;
  readonly #maxTokens: number;
  readonly #single: Frame;
  readonly #pair: Frame;

  /** @throws Error when the special tokens leave no room, or hide the text they stand around */
  constructor(tokenizer: Tokenizer, maxTokens: number) {
    this.#tokenizer = tokenizer;
    this.#maxTokens = maxTokens;
    this.#single = this.#frame(1);
    this.#pair = this.#frame(2);
  }

  /** Cut at its end. */
  one(text: string): TokenRow {
    return this.#framed(this.#single, [this.#content(text, this.#maxTokens - this.#single.size)]);
  }

  /** The first text gets at most half of the room, the second what remains. */
  two(first: string, second: string): TokenRow {
    const room = this.#maxTokens - this.#pair.size;
    const head = this.#content(first, Math.floor(room / 2));
    return this.#framed(this.#pair, [head, this.#content(second, room - head.ids.length)]);
  }

  #content(text: string, room: number): { ids: readonly number[]; truncated: boolean } {
    const reach = room * longestTokenCharacters;
    const { ids } = this.#tokenizer.encode(text.slice(0, reach), { add_special_tokens: false });
    return { ids: ids.slice(0, room), truncated: ids.length > room || text.length > reach };
  }

  #framed(
    { parts, textTypes }: Frame,
    contents: readonly { ids: readonly number[]; truncated: boolean }[],
  ): TokenRow {
    const pieces = parts.flatMap((part, index) => {
      const content = contents[index];
      const typeIds = content === undefined ? [] : content.ids.map(() => textTypes[index] ?? 0);
      return content === undefined ? [part] : [part, { ids: content.ids, typeIds }];
    });
    return {
      ids: pieces.flatMap(({ ids }) => ids),
      typeIds: pieces.flatMap(({ typeIds }) => typeIds),
      truncated: contents.some(({ truncated }) => truncated),
    };
  }

  /** The library cuts nothing itself, so where special tokens go is learnt from what it puts around two letters. */
  #frame(texts: 1 | 2): Frame {
    const [first, second] = probes;
    const pair = texts === 2 ? { text_pair: second } : {};
    const whole = this.#tokenizer.encode(first, { ...pair, return_token_type_ids: true });
    const parts = [];
    const textTypes: number[] = [];
    let at = 0;
    for (const probe of probes.slice(0, texts)) {
      const { ids } = this.#tokenizer.encode(probe, { add_special_tokens: false });
      const found = indexOfRun(whole.ids, ids, at);
      if (ids.length === 0 || found < 0) {
        throw new Error(
          `expected the tokens of "${probe}" between special tokens, found ${whole.ids.join(" ")}`,
        );
      }
      parts.push({ ids: whole.ids.slice(at, found), typeIds: whole.token_type_ids.slice(at, found) });
      textTypes.push(whole.token_type_ids[found] ?? 0);
      at = found + ids.length;
    }
    parts.push({ ids: whole.ids.slice(at), typeIds: whole.token_type_ids.slice(at) });
    const size = parts.reduce((sum, { ids }) => sum + ids.length, 0);
    if (size + 2 > this.#maxTokens) {
      throw new Error(
        `expected maxTokens above ${size + 1}, the special tokens' room, found ${this.#maxTokens}`,
      );
    }
    return { parts, textTypes, size };
  }
}
