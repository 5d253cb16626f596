// Who refers to what: a graph of files from references to definitions, walked from the files that match the words.
import type { Corpus } from "./corpus.ts";
import type { DefinitionTable } from "./definitions.ts";
import { idf } from "./signal.ts";
import { SortedIndex } from "./sorted.ts";

/** Edges by where they lead: those into file `i` stand at `starts[i]` up to `starts[i + 1]`, by the file they leave. */
export interface FileGraph {
  readonly starts: Uint32Array;
  readonly sources: Uint32Array;
  /** Weights of the edges that leave one file sum to 1. */
  readonly weights: Float64Array;
  /** 1 for a file that no edge leaves. */
  readonly isDangling: Uint8Array;
}

/** A name defined in more files than this (`new`, `main`, `to_string`) leads nowhere in particular. */
const maxDefiners = 5;
/** Of an edge, walked from the definition to who refers to it. */
const backward = 0.5;
/** Probability of going on; the usual one (Page et al. 1999). */
const damping = 0.85;
const iterations = 12;

interface Names {
  readonly hashes: Uint32Array;
  /** Files that define name `i`, ascending: `files[starts[i]]` up to `starts[i + 1]`. */
  readonly starts: Uint32Array;
  readonly files: Uint32Array;
}

/** Names with few definers; the others are left out. */
function namesOf(corpus: Corpus, table: DefinitionTable): Names {
  const hashes: number[] = [];
  const starts: number[] = [0];
  const files: number[] = [];
  for (let at = 0; at < table.hashes.length; ) {
    const hash = table.hashes[at] ?? 0;
    const before = files.length;
    for (; at < table.hashes.length && table.hashes[at] === hash; at += 1) {
      const file = corpus.fileOfChunk[table.chunks[at] ?? 0] ?? 0;
      if (files.length === before || files.at(-1) !== file) files.push(file);
    }
    if (files.length - before > maxDefiners) files.length = before;
    else {
      hashes.push(hash);
      starts.push(files.length);
    }
  }
  return {
    hashes: Uint32Array.from(hashes),
    starts: Uint32Array.from(starts),
    files: Uint32Array.from(files),
  };
}

/** References to known names: those of file `i` stand at `starts[i]` up to `starts[i + 1]`. */
interface References {
  readonly starts: Uint32Array;
  readonly names: Uint32Array;
  readonly counts: Uint16Array;
  /** Files that refer to each name. */
  readonly files: Uint32Array;
}

function referencesOf({ files }: Corpus, { hashes }: Names): References {
  const index = new SortedIndex(hashes);
  const starts = new Uint32Array(files.length + 1);
  const size = files.reduce((sum, { digest }) => sum + digest.referenceHashes.length, 0);
  const names = new Uint32Array(size);
  const counts = new Uint16Array(size);
  const referring = new Uint32Array(hashes.length);
  let end = 0;
  for (const [file, { digest }] of files.entries()) {
    const { referenceHashes, referenceCounts } = digest;
    for (let at = 0; at < referenceHashes.length; at += 1) {
      const name = index.find(referenceHashes[at] ?? 0);
      if (name < 0) continue;
      names[end] = name;
      counts[end] = referenceCounts[at] ?? 0;
      referring[name] = (referring[name] ?? 0) + 1;
      end += 1;
    }
    starts[file + 1] = end;
  }
  return { starts, names: names.subarray(0, end), counts: counts.subarray(0, end), files: referring };
}

/** One edge beside another, as they are found. */
class EdgeList {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly weight: Float64Array;
  length = 0;

  constructor(most: number) {
    this.from = new Uint32Array(most);
    this.to = new Uint32Array(most);
    this.weight = new Float64Array(most);
  }

  add(from: number, to: number, weight: number): void {
    this.from[this.length] = from;
    this.to[this.length] = to;
    this.weight[this.length] = weight;
    this.length += 1;
  }

  /** The same edges by one of their ends, ascending; of equal ones the earlier first. */
  by(end: "from" | "to", files: number): EdgeList {
    const ends = this[end];
    const next = new Uint32Array(files + 1);
    for (let edge = 0; edge < this.length; edge += 1)
      next[(ends[edge] ?? 0) + 1] = (next[(ends[edge] ?? 0) + 1] ?? 0) + 1;
    for (let file = 0; file < files; file += 1) next[file + 1] = (next[file + 1] ?? 0) + (next[file] ?? 0);
    const sorted = new EdgeList(this.length);
    for (let edge = 0; edge < this.length; edge += 1) {
      const at = next[ends[edge] ?? 0] ?? 0;
      next[ends[edge] ?? 0] = at + 1;
      sorted.from[at] = this.from[edge] ?? 0;
      sorted.to[at] = this.to[edge] ?? 0;
      sorted.weight[at] = this.weight[edge] ?? 0;
    }
    sorted.length = this.length;
    return sorted;
  }
}

/** Parallel edges summed, the weights of each file's edges made to sum to 1; by the file they leave. */
function normalised(files: number, edges: EdgeList): EdgeList {
  const grouped = edges.by("from", files);
  const summed = new EdgeList(grouped.length);
  const sums = new Float64Array(files);
  for (let first = 0; first < grouped.length; ) {
    const from = grouped.from[first] ?? 0;
    const touched: number[] = [];
    let total = 0;
    let edge = first;
    for (; edge < grouped.length && grouped.from[edge] === from; edge += 1) {
      const to = grouped.to[edge] ?? 0;
      const weight = grouped.weight[edge] ?? 0;
      if (sums[to] === 0) touched.push(to);
      sums[to] = (sums[to] ?? 0) + weight;
      total += weight;
    }
    for (const to of touched) {
      summed.add(from, to, (sums[to] ?? 0) / total);
      sums[to] = 0;
    }
    first = edge;
  }
  return summed;
}

/** Every reference there and back, except within a file. */
function edgesOf(corpus: Corpus, names: Names): EdgeList {
  const references = referencesOf(corpus, names);
  const definersOf = (name: number) => (names.starts[name + 1] ?? 0) - (names.starts[name] ?? 0);
  const most = references.names.reduce((sum, name) => sum + 2 * definersOf(name), 0);
  const edges = new EdgeList(most);
  for (let file = 0; file < corpus.files.length; file += 1) {
    const end = references.starts[file + 1] ?? 0;
    for (let reference = references.starts[file] ?? 0; reference < end; reference += 1) {
      const name = references.names[reference] ?? 0;
      const rarity = idf(corpus.files.length, references.files[name] ?? 0);
      const weight = (Math.sqrt(references.counts[reference] ?? 0) * rarity) / definersOf(name);
      const first = names.starts[name] ?? 0;
      for (let at = first; at < first + definersOf(name); at += 1) {
        const target = names.files[at] ?? 0;
        if (target === file) continue;
        edges.add(file, target, weight);
        edges.add(target, file, weight * backward);
      }
    }
  }
  return edges;
}

/**
 * An edge for each name that one file refers to and another defines: `sqrt(count)` damps loops over one call, `idf`
 * over referring files damps what everybody uses, and several definers share.
 */
export function fileGraph(corpus: Corpus, table: DefinitionTable): FileGraph {
  const files = corpus.files.length;
  const leaving = normalised(files, edgesOf(corpus, namesOf(corpus, table)));
  const isDangling = new Uint8Array(files).fill(1);
  for (let edge = 0; edge < leaving.length; edge += 1) isDangling[leaving.from[edge] ?? 0] = 0;
  const { from, to, weight, length } = leaving.by("to", files);
  const starts = new Uint32Array(files + 1);
  for (let edge = 0; edge < length; edge += 1) starts[(to[edge] ?? 0) + 1] = edge + 1;
  // A file that nothing leads to begins where the one before it ends.
  for (let file = 0; file < files; file += 1)
    starts[file + 1] = Math.max(starts[file + 1] ?? 0, starts[file] ?? 0);
  return { starts, sources: from, weights: weight, isDangling };
}

/** Ranks handed along the edges once. */
function step({ starts, sources, weights }: FileGraph, ranks: Float64Array, next: Float64Array): void {
  for (let file = 0; file < next.length; file += 1) {
    const end = starts[file + 1] ?? 0;
    let sum = 0;
    for (let edge = starts[file] ?? 0; edge < end; edge += 1)
      sum += (ranks[sources[edge] ?? 0] ?? 0) * (weights[edge] ?? 0);
    next[file] = sum;
  }
}

/**
 * Personalised PageRank by a fixed number of power iterations. `seeds` are not negative; all zero gives all zero. A file
 * without edges returns its share to the seeds.
 */
export function walk(graph: FileGraph, seeds: Float64Array): Float64Array {
  const total = seeds.reduce((sum, seed) => sum + seed, 0);
  if (total === 0) return new Float64Array(seeds.length);
  const home = seeds.map((seed) => seed / total);
  let ranks = home.slice();
  let next = new Float64Array(seeds.length);
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    step(graph, ranks, next);
    let dangling = 0;
    for (let file = 0; file < ranks.length; file += 1)
      if (graph.isDangling[file] === 1) dangling += ranks[file] ?? 0;
    const back = 1 - damping + damping * dangling;
    for (let file = 0; file < next.length; file += 1)
      next[file] = damping * (next[file] ?? 0) + back * (home[file] ?? 0);
    [ranks, next] = [next, ranks];
  }
  return ranks;
}
