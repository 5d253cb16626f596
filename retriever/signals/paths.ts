// Two readings of a file's path: its words against the issue's, and itself against paths and modules the issue quotes.
import type { TermWeights } from "./bm25.ts";
import type { PathMention } from "./path-mentions.ts";
import { idf, type Looked, listed, type Signal, summed } from "./signal.ts";

/** Words of the issue that stand in the path: rare ones more, and a path all of whose words are named most. */
export function pathWords(looked: Looked, weights: TermWeights, text: (term: number) => string): Signal {
  const { corpus, included, documents, pathHits } = looked;
  const { starts, values } = pathHits;
  const containing = new Uint32Array(weights.length);
  for (let file = 0; file < corpus.files.length; file += 1) {
    if (included[file] !== 1) continue;
    for (let at = starts[file] ?? 0; at < (starts[file + 1] ?? 0); at += 1) {
      const term = values[at] ?? 0;
      containing[term] = (containing[term] ?? 0) + 1;
    }
  }
  const worth = weights.map((weight, term) => weight * idf(documents, containing[term] ?? 0));
  const each = (file: number, add: (term: number, points: number) => void): void => {
    const length = corpus.pathTerms.length(file);
    const end = starts[file + 1] ?? 0;
    for (let at = starts[file] ?? 0; at < end; at += 1) {
      const term = values[at] ?? 0;
      add(term, (worth[term] ?? 0) / Math.sqrt(1 + length));
    }
  };
  return summed(looked, each, text);
}

/** Stems that stand for their folder. */
const folderStems = new Set(["mod", "lib", "main", "__init__", "index", "package"]);
/** A mention that fits more files than this names none of them. */
const maxFits = 20;
/** A path of three segments that fits one file; a dotted name that fits one says less. */
const fullMention = 0.75;

interface Place {
  readonly segments: readonly string[];
  readonly extension: string;
}

/** Every file's path in segments, and files by the last of them: only those can answer a mention. */
export interface Places {
  readonly of: readonly Place[];
  /** By the name without its extension. */
  readonly byStem: ReadonlyMap<string, readonly number[]>;
  /** By what stands for the file in a module's path: its name, or its folder's for `mod.rs` and its like. */
  readonly byModule: ReadonlyMap<string, readonly number[]>;
}

function placeOf(path: string): Place {
  const lower = path.toLowerCase();
  const slash = lower.lastIndexOf("/");
  const dot = lower.lastIndexOf(".");
  const stem = dot > slash + 1 ? lower.slice(0, dot) : lower;
  return { segments: stem.split("/"), extension: dot > slash + 1 ? lower.slice(dot + 1) : "" };
}

/** How many of a file's segments name it as a module. */
function moduleLength({ segments }: Place): number {
  return folderStems.has(segments.at(-1) ?? "") ? segments.length - 1 : segments.length;
}

export function placesOf(paths: readonly string[]): Places {
  const of = paths.map(placeOf);
  const byStem = new Map<string, number[]>();
  const byModule = new Map<string, number[]>();
  const add = (map: Map<string, number[]>, key: string | undefined, file: number): void => {
    if (key === undefined) return;
    const files = map.get(key);
    if (files === undefined) map.set(key, [file]);
    else files.push(file);
  };
  for (const [file, place] of of.entries()) {
    add(byStem, place.segments.at(-1), file);
    add(byModule, place.segments[moduleLength(place) - 1], file);
  }
  return { of, byStem, byModule };
}

/** Segments equal from the end backwards; `end` and `from` are exclusive ends in each. */
function commonSuffix(one: readonly string[], end: number, other: readonly string[], from: number): number {
  let common = 0;
  while (common < end && common < from && one[end - 1 - common] === other[from - 1 - common]) common += 1;
  return common;
}

/** How many of the mention's segments the place answers, 0 for no fit. */
function pathFit(mention: PathMention, place: Place): number {
  if (mention.extension !== place.extension) return 0;
  return commonSuffix(place.segments, place.segments.length, mention.segments, mention.segments.length);
}

/** Modules may end in names of their members: `a.b.Class.method` is answered by a/b.py. Two segments must agree. */
function moduleFit(mention: PathMention, place: Place): number {
  const end = moduleLength(place);
  let best = 0;
  for (let from = mention.segments.length; from >= 2; from -= 1) {
    best = Math.max(best, commonSuffix(place.segments, end, mention.segments, from));
  }
  return best >= 2 ? best : 0;
}

/** Files that fit a mention best, none for no fit. */
function fitsOf(
  mention: PathMention,
  places: Places,
  included: Uint8Array,
): { files: number[]; fit: number } {
  const { segments, extension } = mention;
  const lists =
    extension === undefined
      ? [...new Set(segments)].map((segment) => places.byModule.get(segment) ?? [])
      : [places.byStem.get(segments.at(-1) ?? "") ?? []];
  const fitOf = extension === undefined ? moduleFit : pathFit;
  let files: number[] = [];
  let longest = 0;
  for (const file of lists.flat()) {
    const place = places.of[file];
    const fit = place === undefined || included[file] !== 1 ? 0 : fitOf(mention, place);
    if (fit > longest) {
      longest = fit;
      files = [file];
    } else if (fit === longest && fit > 0) files.push(file);
  }
  return { files, fit: longest };
}

/**
 * Files that quoted paths and modules name. A mention is given to the files that agree with the most of its last
 * segments, in equal parts; the more files fit, the less it says.
 */
export function quotedPaths({ corpus, query, included }: Looked, places: Places): Signal {
  const scores = new Float64Array(corpus.files.length);
  const found = new Map<number, Map<string, number>>();
  for (const mention of query.paths) {
    const { files, fit } = fitsOf(mention, places, included);
    if (files.length > maxFits) continue;
    const share = fit / (fit + 1);
    const points = (mention.weight * share) / files.length;
    for (const file of files) {
      scores[file] = (scores[file] ?? 0) + points;
      const names = found.get(file) ?? new Map<string, number>();
      found.set(file, names.set(mention.text, points));
    }
  }
  return { scores, full: fullMention, found: (file) => listed(found.get(file) ?? new Map()) };
}
