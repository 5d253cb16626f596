// In which order chunks are offered to the packer: as ranked, file by file as a plain search would, or places pinned.
import type { IndexedFile } from "../digest.ts";
import type { Ranking } from "../ranking/result.ts";
import type { Candidate } from "./pack.ts";

/** Files below these are not shown in full once the ranked chunks are in. */
const filesShownInFull = 10;

/** Files a plain search offers at most. */
const filesOffered = 200;

const chunksOf = (file: IndexedFile): Candidate[] =>
  (file.digest?.chunks ?? []).map((chunk) => ({ file, chunk }));

/** Ranked chunks, then what else the best files hold: an edit needs what surrounds it more than a distant match. */
export function byChunk({ files, chunks }: Ranking): Candidate[] {
  const best = files.slice(0, filesShownInFull).flatMap(({ file }) => chunksOf(file));
  return [...chunks, ...best];
}

/** Whole files, best first: what a search without chunks has to offer. */
export function byFile({ files }: Ranking): Candidate[] {
  return files.slice(0, filesOffered).flatMap(({ file }) => chunksOf(file));
}

export interface Place {
  readonly path: string;
  /** 1-based, inclusive. */
  readonly firstLine: number;
  readonly lastLine: number;
}

/** Chunks that touch the places, in their order, then the rest of their files. */
export function pinned(files: readonly IndexedFile[], places: readonly Place[]): Candidate[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const touched = places.flatMap(({ path, firstLine, lastLine }) => {
    const file = byPath.get(path);
    const own = file === undefined ? [] : chunksOf(file);
    return own.filter(({ chunk }) => chunk.startLine <= lastLine && firstLine <= chunk.endLine);
  });
  const named = new Set(places.map(({ path }) => path));
  return [...touched, ...[...named].flatMap((path) => chunksOf(byPath.get(path) ?? missing(path)))];
}

const missing = (path: string): IndexedFile => ({ path, blob: "", traits: [] });
