// One sample's text as one model's tokens: grown only at its end, so that servers find their prefix again.

/** How a model's tokenizer sees text. */
export interface Codec {
  /** Tokens of a text that goes on behind another, without tokens of beginning or end. */
  encode(text: string, before: string): readonly number[];
}

export interface Segment {
  /** Index of its first token. */
  readonly from: number;
  readonly text: string;
}

/** What stands before a new segment as far as a tokenizer may care. */
const tailCharacters = 32;

export class Transcript {
  readonly #codec: Codec;
  readonly #ids: number[];
  #text = "";

  /** @param prompt tokens of the question in the model's own template, up to where the answer begins */
  constructor(codec: Codec, prompt: readonly number[]) {
    this.#codec = codec;
    this.#ids = [...prompt];
  }

  get ids(): readonly number[] {
    return this.#ids;
  }

  /** Of the answer so far. */
  get text(): string {
    return this.#text;
  }

  /**
   * Goes on with `text`. The model's own tokens are taken as they were sampled (`own`); another's text is encoded once,
   * here, and never again: a second encoding of the whole might cut it elsewhere.
   */
  append(text: string, own?: readonly number[]): Segment {
    const from = this.#ids.length;
    const ids = own ?? this.#codec.encode(text, this.#text.slice(-tailCharacters));
    for (const id of ids) this.#ids.push(id);
    this.#text += text;
    return { from, text };
  }

  /** Takes the last segment back, as it was before. */
  withdraw({ from, text }: Segment): void {
    this.#ids.length = from;
    this.#text = this.#text.slice(0, this.#text.length - text.length);
  }
}
