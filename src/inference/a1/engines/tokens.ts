// Which of a server's tokens make the text: without those of an end, of a stop text, of a character cut in half.
import type { Codec } from "../engine.ts";

const replacement = "\u{FFFD}";

/** Some tokenizers drop a space at the beginning of all, so a few tokens of what stands before are decoded along. */
const tokensBefore = 4;

export interface Written {
  /** What stood before. */
  readonly before: readonly number[];
  /** All that was drawn. */
  readonly ids: readonly number[];
  /** As the server tells it, cut at a stop text. */
  readonly text: string;
}

export interface TokensOfText {
  readonly text: string;
  /** So many of the ids make the text. */
  readonly count: number;
  /** What the text has behind those: a stop text began within a token. Empty as a rule. */
  readonly rest: string;
}

type TextOf = (count: number) => Promise<string>;

async function decoder({ before, ids }: Written, codec: Codec): Promise<TextOf> {
  const head = before.slice(-tokensBefore);
  const headText = await codec.decode(head);
  return async (count) => {
    const text = await codec.decode([...head, ...ids.slice(0, count)]);
    return text.startsWith(headText) ? text.slice(headText.length) : codec.decode(ids.slice(0, count));
  };
}

/** How many are left when those are gone that begin a character and do not finish it, or make none at all. */
async function countOfWhole(all: number, textOf: TextOf): Promise<number> {
  let count = all;
  while (count > 0 && (await textOf(count)).endsWith(replacement)) count -= 1;
  return count;
}

/** Of all counts whose tokens make `text` the least: tokens of an end make no text. */
async function leastCount(count: number, text: string, textOf: TextOf): Promise<number> {
  let least = count;
  while (least > 0 && (await textOf(least - 1)) === text) least -= 1;
  return least;
}

export async function tokensOfText(written: Written, codec: Codec): Promise<TokensOfText> {
  const { ids, text } = written;
  const textOf = await decoder(written, codec);
  const bare = text.replace(/\u{FFFD}+$/u, "");
  for (let count = await countOfWhole(ids.length, textOf); count > 0; count -= 1) {
    const made = await textOf(count);
    if (made === bare) return { text: made, count: await leastCount(count, made, textOf), rest: "" };
    if (bare.startsWith(made)) return { text: bare, count, rest: bare.slice(made.length) };
  }
  return { text: bare, count: 0, rest: bare };
}
