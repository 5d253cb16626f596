// Every number that decides a rank's order, in one table; none is read from the environment.
import type { Trait } from "../digest.ts";
import type { SignalName } from "./result.ts";

/** What a file can earn points by, in the order of the table below. */
export const fileSignals = [
  "fileBm25",
  "chunkBm25",
  "path",
  "quotedPaths",
  "identifiers",
  "definitions",
  "phrases",
  "graph",
  "recency",
  "coChange",
  "messages",
] as const satisfies readonly SignalName[];

export type FileSignal = (typeof fileSignals)[number];

/**
 * Points of a file that is best at one signal: signals are divided by their largest value first, so that 1 means as
 * much as any other 1. Round numbers, written by hand; fitted to the other repositories and tried on those left out, none
 * are better beyond chance (`bench/weights.ts`; docs/retrieval.md has its table).
 */
export const fileWeights: Readonly<Record<FileSignal, number>> = {
  /** The words anywhere in the file and its path. */
  fileBm25: 1,
  /** The words close together. */
  chunkBm25: 1,
  /** The words in the path alone. */
  path: 0.5,
  /** Paths, modules and stack frames that the issue names. */
  quotedPaths: 2,
  /** Names that the issue quotes, anywhere in the file. */
  identifiers: 0.5,
  /** Names that the issue quotes and the file defines, and the words in names that it defines. */
  definitions: 0.5,
  /** The sentences in string literals. */
  phrases: 0.5,
  /** What the likely files refer to, and what refers to them. */
  graph: 0.5,
  /** What changed lately. */
  recency: 0.25,
  /** What changed together with the likely files. */
  coChange: 0,
  /** What past commits with such messages changed. */
  messages: 0.5,
};

/** The same for chunks; what a chunk has of its own weighs more than what its file has. */
export const chunkWeights = {
  chunkBm25: 1,
  identifiers: 0.5,
  definitions: 0.5,
  /** Its file's whole score, whose largest is 1. */
  file: 1,
  /** Of the score of a better chunk beside it in the file. */
  near: 0.1,
} as const;

/** Share of its other points that a file loses; the largest of its traits counts. */
export const demotions: Readonly<Record<Trait, number>> = {
  test: 0.5,
  documentation: 0.5,
  example: 0.2,
  vendored: 0.5,
  generated: 0.5,
  minified: 0.9,
  // These have no text and are never ranked.
  binary: 1,
  "lfs-pointer": 1,
  submodule: 1,
  symlink: 1,
  "too-large": 1,
};

/** Files that seed the walk over the graph and the changes made together. */
export const seedFiles = 10;
