// One sample's text as one model's tokens: grown only at its end, so that servers find their prefix again.
import type { ChatMessage, Codec, EngineContext } from "./engine.ts";

export interface Segment {
  /** Index of its first token. */
  readonly from: number;
  readonly text: string;
}

/** What stands before a new segment as far as a tokenizer may care. */
const tailCharacters = 32;

export class Transcript {
  readonly #codec: Pick<Codec, "encode">;
  readonly #messages: readonly ChatMessage[];
  readonly #ids: number[];
  #text = "";

  /** @param prompt tokens of the question in the model's own template, up to where the answer begins */
  constructor(
    codec: Pick<Codec, "encode">,
    prompt: { readonly messages: readonly ChatMessage[]; readonly ids: readonly number[] },
  ) {
    this.#codec = codec;
    this.#messages = prompt.messages;
    this.#ids = [...prompt.ids];
  }

  /** As it is now: later segments do not change it. */
  get context(): EngineContext {
    return { ids: [...this.#ids], messages: this.#messages, answer: this.#text };
  }

  /** Of the answer so far. */
  get text(): string {
    return this.#text;
  }

  /** Of prompt and answer. */
  get tokens(): number {
    return this.#ids.length;
  }

  /**
   * Goes on with `text`. The model's own tokens are taken as they were sampled (`own`); another's text is encoded once,
   * here, and never again: a second encoding of the whole might cut it elsewhere.
   */
  async append(text: string, own?: readonly number[]): Promise<Segment> {
    const ids = own ?? (await this.#codec.encode(text, this.#text.slice(-tailCharacters)));
    const from = this.#ids.length;
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
