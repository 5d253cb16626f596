// Who refers to what: a graph of files from references to definitions, walked from the files that match the words.
import type { Corpus } from "./corpus.ts";
import type { DefinitionTable } from "./definitions.ts";
import { idf } from "./signal.ts";
import { lowerBound } from "./sorted.ts";

/** Sorted adjacency: edges of file `i` stand at `starts[i]` up to `starts[i + 1]`, by target. */
export interface FileGraph {
  readonly starts: Uint32Array;
  readonly targets: Uint32Array;
  /** Of each file's edges, summing to 1. */
  readonly weights: Float64Array;
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

/** Calls `each(file, name, count)` for every reference to a known name: both sides are sorted, so they are merged. */
function eachReference(
  corpus: Corpus,
  names: Names,
  each: (file: number, name: number, count: number) => void,
): void {
  for (const [file, { digest }] of corpus.files.entries()) {
    const { referenceHashes, referenceCounts } = digest;
    for (let at = 0; at < referenceHashes.length; at += 1) {
      const hash = referenceHashes[at] ?? 0;
      const name = lowerBound(names.hashes, hash);
      if (names.hashes[name] === hash) each(file, name, referenceCounts[at] ?? 0);
    }
  }
}

class EdgeList {
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly weight: number[] = [];

  add(from: number, to: number, weight: number): void {
    this.from.push(from);
    this.to.push(to);
    this.weight.push(weight);
  }
}

/** Edges grouped by the file they leave: those of file `i` stand at `order[offsets[i]]` up to `offsets[i + 1]`. */
function grouped(files: number, edges: EdgeList): { offsets: Uint32Array; order: Uint32Array } {
  const offsets = new Uint32Array(files + 1);
  for (const from of edges.from) offsets[from + 1] = (offsets[from + 1] ?? 0) + 1;
  for (let file = 0; file < files; file += 1)
    offsets[file + 1] = (offsets[file + 1] ?? 0) + (offsets[file] ?? 0);
  const next = Uint32Array.from(offsets);
  const order = new Uint32Array(edges.from.length);
  for (const [edge, from] of edges.from.entries()) {
    order[next[from] ?? 0] = edge;
    next[from] = (next[from] ?? 0) + 1;
  }
  return { offsets, order };
}

/** Sums parallel edges and makes each file's weights sum to 1. */
function normalised(files: number, edges: EdgeList): FileGraph {
  const { offsets, order } = grouped(files, edges);
  const starts = new Uint32Array(files + 1);
  const targets: number[] = [];
  const weights: number[] = [];
  const sums = new Float64Array(files);
  for (let file = 0; file < files; file += 1) {
    const touched: number[] = [];
    let total = 0;
    for (let at = offsets[file] ?? 0; at < (offsets[file + 1] ?? 0); at += 1) {
      const edge = order[at] ?? 0;
      const to = edges.to[edge] ?? 0;
      const weight = edges.weight[edge] ?? 0;
      if (sums[to] === 0) touched.push(to);
      sums[to] = (sums[to] ?? 0) + weight;
      total += weight;
    }
    touched.sort((one, other) => one - other);
    for (const to of touched) {
      targets.push(to);
      weights.push((sums[to] ?? 0) / total);
      sums[to] = 0;
    }
    starts[file + 1] = targets.length;
  }
  return { starts, targets: Uint32Array.from(targets), weights: Float64Array.from(weights) };
}

/**
 * An edge for each name that one file refers to and another defines: `sqrt(count)` damps loops over one call, `idf`
 * over referring files damps what everybody uses, and several definers share.
 */
export function fileGraph(corpus: Corpus, table: DefinitionTable): FileGraph {
  const names = namesOf(corpus, table);
  const referring = new Uint32Array(names.hashes.length);
  eachReference(corpus, names, (_, name) => {
    referring[name] = (referring[name] ?? 0) + 1;
  });
  const edges = new EdgeList();
  eachReference(corpus, names, (file, name, count) => {
    const start = names.starts[name] ?? 0;
    const end = names.starts[name + 1] ?? 0;
    const weight = (Math.sqrt(count) * idf(corpus.files.length, referring[name] ?? 0)) / (end - start);
    for (let at = start; at < end; at += 1) {
      const target = names.files[at] ?? 0;
      if (target === file) continue;
      edges.add(file, target, weight);
      edges.add(target, file, weight * backward);
    }
  });
  return normalised(corpus.files.length, edges);
}

/** Ranks handed along the edges once; `dangling` is the share of files that no edge leaves. */
function step(graph: FileGraph, ranks: Float64Array): { next: Float64Array; dangling: number } {
  const next = new Float64Array(ranks.length);
  let dangling = 0;
  for (const [file, rank] of ranks.entries()) {
    if (rank === 0) continue;
    const start = graph.starts[file] ?? 0;
    const end = graph.starts[file + 1] ?? 0;
    if (start === end) dangling += rank;
    for (let at = start; at < end; at += 1) {
      const target = graph.targets[at] ?? 0;
      next[target] = (next[target] ?? 0) + rank * (graph.weights[at] ?? 0);
    }
  }
  return { next, dangling };
}

/**
 * Personalised PageRank by a fixed number of power iterations. `seeds` are not negative; all zero gives all zero. A file
 * without edges returns its share to the seeds.
 */
export function walk(graph: FileGraph, seeds: Float64Array): Float64Array {
  const total = seeds.reduce((sum, seed) => sum + seed, 0);
  if (total === 0) return new Float64Array(seeds.length);
  const home = seeds.map((seed) => seed / total);
  let ranks = home;
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const { next, dangling } = step(graph, ranks);
    ranks = next.map((rank, file) => damping * rank + (1 - damping + damping * dangling) * (home[file] ?? 0));
  }
  return ranks;
}
