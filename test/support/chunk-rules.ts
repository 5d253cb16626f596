// What must hold of the chunks of any bytes whatever, worked out from the bytes alone; an empty list is a sound digest.
import { wordLimit } from "../../retriever/chunking/scan.ts";
import { largestChunkBytes } from "../../retriever/chunking/split.ts";
import type { Chunk, Digest } from "../../retriever/digest.ts";
import { hashOf, wordsOf } from "../../retriever/signals/words.ts";

const lineBreak = 10;

function breaksIn(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(lineBreak, start); at >= 0 && at < end; at = bytes.indexOf(lineBreak, at + 1))
    count += 1;
  return count;
}

const isContinuation = (byte: number | undefined): boolean => ((byte ?? 0) & 0xc0) === 0x80;

/** A cut inside a character: a sequence has four bytes at most, so three continuations before it are no character. */
function cutsCharacter(bytes: Buffer, at: number): boolean {
  if (at >= bytes.length || !isContinuation(bytes[at])) return false;
  let start = at - 1;
  while (start > 0 && at - start < 3 && isContinuation(bytes[start])) start -= 1;
  const isLead = (bytes[start] ?? 0) >= 0xc0;
  return (
    isLead &&
    !bytes
      .subarray(start, at + 4)
      .toString("utf8")
      .startsWith("\ufffd")
  );
}

function boundsProblems(bytes: Buffer, chunk: Chunk, expectedStart: number): string[] {
  const { startByte, endByte } = chunk;
  const problems: string[] = [];
  if (startByte !== expectedStart) problems.push(`begins at ${startByte}, not at ${expectedStart}`);
  if (endByte <= startByte) problems.push(`ends at ${endByte}, before it begins`);
  if (endByte - startByte > largestChunkBytes) problems.push(`has ${endByte - startByte} bytes`);
  if (cutsCharacter(bytes, startByte)) problems.push("begins inside a character");
  return problems;
}

interface Lines {
  /** 1-based. */
  readonly first: number;
  readonly last: number;
}

/** Whole lines, or one line's part. */
function linesProblems(bytes: Buffer, chunk: Chunk, { first, last }: Lines): string[] {
  const { startByte, endByte, startLine, endLine } = chunk;
  const problems: string[] = [];
  if (startLine !== first || endLine !== last)
    problems.push(`says lines ${startLine} to ${endLine}, holds ${first} to ${last}`);
  const isWhole = (at: number) => at === 0 || at === bytes.length || bytes[at - 1] === lineBreak;
  if (!(isWhole(startByte) && isWhole(endByte)) && first !== last)
    problems.push("is cut inside a line and holds another one");
  return problems;
}

/** In order, no overlap, every byte in exactly one, lines and sizes as they say. */
export function tilingProblems(bytes: Buffer, { chunks, definitions, ...digest }: Digest): string[] {
  const problems: string[] = [];
  let end = 0;
  let line = 1;
  chunks.forEach((chunk, at) => {
    const last = line + breaksIn(bytes, chunk.startByte, chunk.endByte - 1);
    const found = [
      ...boundsProblems(bytes, chunk, end),
      ...linesProblems(bytes, chunk, { first: line, last }),
      ...(chunk.approximateTokens > 0 ? [] : ["has no tokens"]),
    ];
    problems.push(...found.map((problem) => `chunk ${at} ${problem}`));
    end = chunk.endByte;
    line = last + (bytes[end - 1] === lineBreak ? 1 : 0);
  });
  const lines = breaksIn(bytes, 0, bytes.length) + (bytes.length > 0 && bytes.at(-1) !== lineBreak ? 1 : 0);
  if (end !== bytes.length) problems.push(`the last chunk ends at ${end} of ${bytes.length} bytes`);
  if (digest.bytes !== bytes.length || digest.lines !== lines)
    problems.push(`says ${digest.lines} lines and ${digest.bytes} bytes, has ${lines} and ${bytes.length}`);
  const stray = definitions.find(({ chunk, name }) => chunks[chunk] === undefined || name === "");
  if (stray !== undefined)
    problems.push(`defines "${stray.name}" in chunk ${stray.chunk}, which is not there`);
  return problems;
}

/** Terms belong to the chunk in which their word begins: offsets in bytes and in characters must not drift apart. */
export function termProblems(bytes: Buffer, digest: Digest): string[] {
  return digest.chunks.flatMap(({ startByte, endByte }, at) => {
    const isWhole = [startByte, endByte].every(
      (edge) => edge === 0 || edge === bytes.length || bytes[edge - 1] === lineBreak,
    );
    if (!isWhole) return partProblems(bytes, digest, at);
    const words = wordsOf(bytes.toString("utf8", startByte, endByte));
    const counted = words.filter(({ text }) => text.length <= wordLimit);
    const expected = new Set(counted.flatMap(({ terms }) => terms.map(hashOf)));
    const found = digest.termHashes.subarray(digest.termStarts[at], digest.termStarts[at + 1]);
    const isSame = found.length === expected.size && found.every((hash) => expected.has(hash));
    return isSame ? [] : [`chunk ${at} has ${found.length} terms, its text ${expected.size}`];
  });
}

/** A word that a cut goes through counts whole where it begins; those between the cuts must be there all the same. */
function partProblems(bytes: Buffer, digest: Digest, at: number): string[] {
  const { startByte = 0, endByte = 0 } = digest.chunks[at] ?? {};
  const words = wordsOf(bytes.toString("utf8", startByte, endByte)).slice(1, -1);
  const found = new Set(digest.termHashes.subarray(digest.termStarts[at], digest.termStarts[at + 1]));
  const lost = words.find(
    ({ text, terms }) => text.length <= wordLimit && terms.some((term) => !found.has(hashOf(term))),
  );
  return lost === undefined ? [] : [`chunk ${at} lacks the word "${lost.text}"`];
}
