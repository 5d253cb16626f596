// Two readings of a file's path: its words against the issue's, and itself against paths and modules the issue quotes.
import type { TermWeights } from "./bm25.ts";
import type { PathMention } from "./path-mentions.ts";
import { idf, type Looked, listed, type Signal, summed } from "./signal.ts";

/** Words of the issue that stand in the path: rare ones more, and a path all of whose words are named most. */
export function pathWords(looked: Looked, weights: TermWeights, text: (term: number) => string): Signal {
  const { corpus, included } = looked;
  const { starts, values } = corpus.pathTerms;
  const containing = new Map<number, number>();
  let documents = 0;
  for (let file = 0; file < corpus.files.length; file += 1) {
    if (included[file] !== 1) continue;
    documents += 1;
    for (let at = starts[file] ?? 0; at < (starts[file + 1] ?? 0); at += 1) {
      const term = looked.numberOf(values[at] ?? 0);
      if (term >= 0) containing.set(term, (containing.get(term) ?? 0) + 1);
    }
  }
  const each = (file: number, add: (term: number, points: number) => void): void => {
    const length = (starts[file + 1] ?? 0) - (starts[file] ?? 0);
    for (let at = starts[file] ?? 0; at < (starts[file + 1] ?? 0); at += 1) {
      const term = looked.numberOf(values[at] ?? 0);
      if (term < 0) continue;
      const weight = (weights[term] ?? 0) * idf(documents, containing.get(term) ?? 0);
      add(term, weight / Math.sqrt(1 + length));
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
  readonly file: number;
  readonly segments: readonly string[];
  readonly extension: string;
}

function placeOf(path: string, file: number): Place {
  const lower = path.toLowerCase();
  const slash = lower.lastIndexOf("/");
  const dot = lower.lastIndexOf(".");
  const stem = dot > slash + 1 ? lower.slice(0, dot) : lower;
  return { file, segments: stem.split("/"), extension: dot > slash + 1 ? lower.slice(dot + 1) : "" };
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
  const last = place.segments.at(-1) ?? "";
  const end = folderStems.has(last) ? place.segments.length - 1 : place.segments.length;
  let best = 0;
  for (let from = mention.segments.length; from >= 2; from -= 1) {
    best = Math.max(best, commonSuffix(place.segments, end, mention.segments, from));
  }
  return best >= 2 ? best : 0;
}

function fitsOf(mention: PathMention, places: readonly Place[]): { file: number; fit: number }[] {
  const fitOf = mention.extension === undefined ? moduleFit : pathFit;
  const fits = places.map((place) => ({ file: place.file, fit: fitOf(mention, place) }));
  const longest = fits.reduce((most, each) => Math.max(most, each.fit), 0);
  return longest === 0 ? [] : fits.filter((each) => each.fit === longest);
}

/**
 * Files that quoted paths and modules name. A mention is given to the files that agree with the most of its last
 * segments, in equal parts; the more files fit, the less it says.
 */
export function quotedPaths(looked: Looked): Signal {
  const { corpus, query, included } = looked;
  const scores = new Float64Array(corpus.files.length);
  const found = new Map<number, Map<string, number>>();
  const places = corpus.files.flatMap((file, index) =>
    included[index] === 1 ? [placeOf(file.path, index)] : [],
  );
  for (const mention of query.paths) {
    const fits = fitsOf(mention, places);
    if (fits.length > maxFits) continue;
    for (const { file, fit } of fits) {
      const share = fit / (fit + 1);
      const points = (mention.weight * share) / fits.length;
      scores[file] = (scores[file] ?? 0) + points;
      const names = found.get(file) ?? new Map<string, number>();
      found.set(file, names.set(mention.text, points));
    }
  }
  return { scores, full: fullMention, found: (file) => listed(found.get(file) ?? new Map()) };
}
