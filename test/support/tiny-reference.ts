// What the tiny models must answer, worked out in plain code beside them.
import { dimensions, vocabulary, weights } from "./tiny-model.ts";

/** Tokens of words that are in the vocabulary whole, or begin with none of its words: those go letter by letter. */
export function tokensOf(text: string): number[] {
  const id = (token: string) => vocabulary.indexOf(token);
  return text
    .toLowerCase()
    .split(/\s+|(?=:)/)
    .filter((word) => word !== "")
    .flatMap((word) => {
      if (id(word) >= 0) return [id(word)];
      return [...word].map((letter, index) => id(index === 0 ? letter : `##${letter}`));
    });
}

const special = { start: vocabulary.indexOf("[CLS]"), end: vocabulary.indexOf("[SEP]") };

export function framed(text: string, maxTokens = Infinity): number[] {
  return [special.start, ...tokensOf(text).slice(0, maxTokens - 2), special.end];
}

const weight = (token: number, dimension: number): number =>
  weights[token * dimensions + dimension] ?? Number.NaN;

function sum(tokens: readonly number[]): number[] {
  return Array.from({ length: dimensions }, (_, dimension) =>
    tokens.reduce((total, token) => total + weight(token, dimension), 0),
  );
}

const product = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((total, value, index) => total + value * (other[index] ?? Number.NaN), 0);

/** Cosine of both texts' mean vectors. */
export function cosine(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [sum(one), sum(other)];
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

/** What the tiny cross-encoder computes: its first text has both ends, its second one. */
export function comparison(query: string, passage: string): number {
  return product(sum(framed(query)), sum([...tokensOf(passage), special.end]));
}
