// A language model of a few lines with real probabilities: what servers say in its name can be checked by arithmetic.
import type { ChatMessage } from "../../../src/inference/a1/engine.ts";
import type { WritingCodec } from "../../../src/inference/a1/engines/openai-compatible.ts";

const words = ["the", "ing", " of", " a", "er", "é", "\n\n"];
const specials = ["<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"];

/** Ids 0 to 255 are bytes, so that characters fall into several tokens; then words, then special tokens. */
const firstWord = 256;
const firstSpecial = firstWord + words.length;
export const vocabularySize = firstSpecial + specials.length;
export const beginId = firstSpecial;
export const endId = firstSpecial + 1;

function specialId(text: string): number {
  return firstSpecial + specials.indexOf(text);
}

const bytes: readonly Uint8Array[] = [
  ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
  ...words.map((word) => new TextEncoder().encode(word)),
  ...specials.map(() => new Uint8Array()),
];

export function bytesOf(ids: readonly number[]): Uint8Array {
  return Buffer.concat(ids.map((id) => bytes[id] ?? new Uint8Array()));
}

/** As byte tokenizers decode: what is no character becomes U+FFFD. */
export function textOf(ids: readonly number[]): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOf(ids));
}

/** Without bytes at the end that only begin a character. */
export function wholeTextOf(ids: readonly number[]): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOf(ids), { stream: true });
}

function encode(text: string): number[] {
  const ids: number[] = [];
  for (let rest = text; rest !== ""; ) {
    const word = words.findIndex((each) => rest.startsWith(each));
    const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    if (word >= 0) ids.push(firstWord + word);
    else ids.push(...new TextEncoder().encode(character));
    rest = rest.slice(word >= 0 ? (words[word]?.length ?? 1) : character.length);
  }
  return ids;
}

/** Special tokens written in the text become themselves. */
export function encodeWritten(text: string): number[] {
  const parts = text.split(/(<\|\w+\|>)/);
  return parts.flatMap((part) => (specials.includes(part) ? [specialId(part)] : encode(part)));
}

export function written(ids: readonly number[]): string {
  const runs: (string | number[])[] = [];
  for (const id of ids) {
    const last = runs.at(-1);
    if (id >= firstSpecial) runs.push(specials[id - firstSpecial] ?? "");
    else if (Array.isArray(last)) last.push(id);
    else runs.push([id]);
  }
  return runs.map((run) => (typeof run === "string" ? run : textOf(run))).join("");
}

export function template(messages: readonly ChatMessage[]): string {
  const turns = messages.map(({ role, content }) => `<|${role}|>${content}<|end|>`);
  return `<|begin|>${turns.join("")}<|assistant|>`;
}

export const tinyCodec: WritingCodec = {
  prompt: async (messages) => encodeWritten(template(messages)),
  encode: async (text) => encode(text),
  decode: async (ids) => textOf(ids),
  written: async (ids) => written(ids),
};

/** A number in [0, 1) that depends on nothing else. */
function mixed(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = Math.imul(hash ^ (part + 0x7f4a7c15), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return (hash >>> 0) / 2 ** 32;
}

const [grin, euro] = ["🙂", "€"].map((text) => [...new TextEncoder().encode(text)]);
const usual = new Set([...encode("abdeilnorstu ,."), ...words.map((_, at) => firstWord + at)]);

/** The byte that must come next for a character that has begun. */
function dueByte(context: readonly number[]): number | undefined {
  for (const character of [grin ?? [], euro ?? []]) {
    for (let done = character.length - 1; done > 0; done -= 1) {
      if (character.slice(0, done).every((byte, at) => context[context.length - done + at] === byte))
        return character[done];
    }
  }
  return undefined;
}

/** Natural logarithms of the probabilities of every token. */
export function logprobsAfter(context: readonly number[], temperature = 1): readonly number[] {
  const due = dueByte(context);
  const [before = 0, last = 0] = context.slice(-2);
  const logits = Array.from({ length: vocabularySize }, (_, id) => {
    const noise = 3 * mixed(before, last, id);
    if (due !== undefined) return id === due ? 20 : noise;
    if (id === grin?.[0] || id === euro?.[0]) return 1 + noise;
    if (id === endId) return noise - 1;
    return usual.has(id) ? noise : noise - 25;
  }).map((logit) => logit / temperature);
  const most = Math.max(...logits);
  const sum = Math.log(logits.reduce((total, logit) => total + Math.exp(logit - most), 0)) + most;
  return logits.map((logit) => logit - sum);
}

export interface Ranked {
  readonly id: number;
  readonly logprob: number;
}

export function likeliest(logprobs: readonly number[], count: number): readonly Ranked[] {
  const all = logprobs.map((logprob, id) => ({ id, logprob }));
  return all.sort((a, b) => b.logprob - a.logprob).slice(0, count);
}

/** @param step how many were drawn before with the same seed */
export function draw(
  context: readonly number[],
  sampling: { readonly temperature: number; readonly seed: number; readonly step: number },
): number {
  const { temperature, seed, step } = sampling;
  const logprobs = logprobsAfter(context, temperature === 0 ? 1 : temperature);
  if (temperature === 0) return likeliest(logprobs, 1)[0]?.id ?? endId;
  let left = mixed(seed, step);
  const id = logprobs.findIndex((logprob) => {
    left -= Math.exp(logprob);
    return left < 0;
  });
  return id === -1 ? endId : id;
}
