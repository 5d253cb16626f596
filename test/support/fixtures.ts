// The sources beside each language, and what the chunker makes of one as text that a person can check.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Grammar } from "../../retriever/chunking/grammar.ts";
import { type Language, languages } from "../../retriever/chunking/languages.ts";
import { leadFrom } from "../../retriever/chunking/layout.ts";
import { type Definition, type Outline, outlineOf } from "../../retriever/chunking/outline.ts";
import { readableText } from "../../retriever/chunking/readable.ts";
import { sourceText } from "../../retriever/chunking/text.ts";
import type { Chunk, Digest } from "../../retriever/digest.ts";
import { hashOf, wordsOf } from "../../retriever/signals/words.ts";
import { root } from "./source.ts";

export const goldenEnding = ".golden";

export interface Fixture {
  readonly language: Language;
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** Empty for a language that has no fixture folder: its contract says that it must. */
export function fixturesOf(language: Language): Fixture[] {
  const folder = join(root, "retriever", "languages", language.name, "fixture");
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => !name.endsWith(goldenEnding));
  return names.sort().map((name) => {
    const path = join(folder, name);
    return { language, name, path, bytes: readFileSync(path) };
  });
}

export const allFixtures = (): Fixture[] => languages().all.flatMap(fixturesOf);

const shownWidth = 72;

const shown = (line: string): string => line.trim().slice(0, shownWidth);

/** Where it stands and how large it is, then what it is, then its first and last visible lines. */
function chunkLines(bytes: Buffer, chunk: Chunk): string[] {
  const { kind, name, signature, startByte, endByte, startLine, endLine, approximateTokens } = chunk;
  const visible = bytes.toString("utf8", startByte, endByte).split("\n").map(shown).filter(Boolean);
  const span = `${startLine}-${endLine}`.padEnd(9);
  const size = `${endByte - startByte} bytes, ${approximateTokens} tokens`;
  return [
    `${span} ${name === "" ? kind : `${kind} ${name}`}  (${size})`,
    ...(signature === "" ? [] : [`            = ${signature}`]),
    `          | ${visible[0] ?? ""}`,
    ...(visible.length > 1 ? [`          | ${visible.at(-1)}`] : []),
  ];
}

function wrapped(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 110) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines;
}

/** References are kept as hashes; the words of the text give them their names back. */
function referencesOf(bytes: Buffer, digest: Digest): string[] {
  const names = new Map(wordsOf(bytes.toString("utf8")).map(({ text }) => [hashOf(text), text]));
  const found = Array.from(digest.referenceHashes, (hash, at) => {
    const count = digest.referenceCounts[at] ?? 0;
    const name = names.get(hash) ?? `unknown ${hash}`;
    return count === 1 ? name : `${name}×${count}`;
  });
  return found.sort();
}

function outlineIn({ bytes, language }: Fixture, grammar: Grammar): Outline {
  const source = sourceText(bytes);
  const tree = grammar.parse(readableText(source.text, language));
  try {
    return outlineOf(tree, source, language);
  } finally {
    tree.free();
  }
}

/** Definitions by what contains what; a definition's lines begin with its comments and attributes. */
function outlineLines(outline: Outline, definitions: readonly Definition[], indent = ""): string[] {
  return definitions.flatMap((definition) => {
    const { kind, qualifiedName, signature, firstLine, lastLine, inside } = definition;
    const first = leadFrom(outline, firstLine);
    const lead = first === firstLine ? "" : ` (its head on ${firstLine + 1})`;
    return [
      `${indent}${first + 1}-${lastLine + 1} ${kind} ${qualifiedName}${lead}`,
      `${indent}    ${signature}`,
      ...outlineLines(outline, inside, `${indent}  `),
    ];
  });
}

/** Read again with the grammar, because a digest keeps no definition that is not a chunk's first. */
export function goldenOf(fixture: Fixture, digest: Digest, grammar: Grammar): string {
  const { name, bytes } = fixture;
  const outline = outlineIn(fixture, grammar);
  const chunks = digest.chunks.flatMap((chunk) => chunkLines(bytes, chunk));
  const definitions = digest.definitions.map(
    (each) => `${each.name}@${digest.chunks[each.chunk]?.startLine}`,
  );
  return [
    `${name}: ${digest.lines} lines, ${digest.bytes} bytes, ${digest.chunks.length} chunks`,
    "",
    "chunks:",
    ...chunks,
    "",
    "definitions:",
    ...outlineLines(outline, outline.definitions),
    "",
    "defines (name@first line of its chunk):",
    ...wrapped(definitions),
    "",
    "refers to (name×times):",
    ...wrapped(referencesOf(bytes, digest)),
    "",
  ].join("\n");
}
