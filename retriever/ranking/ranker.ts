// One repository at one commit, ready for questions: looks at the digests, asks every signal, adds up.
import type { IndexedFile, Snapshot } from "../digest.ts";
import {
  bestChunks,
  chunkBm25Settings,
  chunkScores,
  fileBm25,
  fileBm25Settings,
  plainBm25,
  type TermWeights,
} from "../signals/bm25.ts";
import { type Corpus, corpusOf } from "../signals/corpus.ts";
import { type DefinitionTable, definedNames, definedWords, definitionTable } from "../signals/definitions.ts";
import { type FileGraph, fileGraph, walk } from "../signals/graph.ts";
import { coChange, type History, historyOf, messages, recency } from "../signals/history.ts";
import { identifiers, phrases } from "../signals/identifiers.ts";
import { matchesOf, TermTable } from "../signals/matches.ts";
import { type Places, pathWords, placesOfPaths, quotedPaths } from "../signals/paths.ts";
import { type Query, queryOf } from "../signals/query.ts";
import type { Looked, Signal } from "../signals/signal.ts";
import { rankChunks } from "./chunks.ts";
import { type Fused, fuse, largest, lossesOf, type Signals, topOf } from "./fuse.ts";
import type { Contribution, RankedFile, Ranking, SearchOptions, SearchQuery } from "./result.ts";
import { type FileSignal, seedFiles } from "./weights.ts";

export interface Ranker {
  /** Deterministic: the same snapshot, query and options give the same ranking. */
  search(query: SearchQuery, options?: SearchOptions): Ranking;
}

/** What of a snapshot no query changes. */
interface Layout {
  readonly corpus: Corpus;
  readonly places: Places;
  readonly table: DefinitionTable;
  readonly graph: FileGraph;
  readonly history: History;
  readonly recency: Signal;
  readonly losses: Float64Array;
}

/** A query looked up: where its terms stand, and what each weighs. */
interface Question extends Looked {
  readonly weights: TermWeights;
  readonly text: (term: number) => string;
}

function included({ files }: Corpus, { candidate }: SearchOptions): Uint8Array {
  if (candidate === undefined) return new Uint8Array(files.length).fill(1);
  return Uint8Array.from(files, (file) => (candidate(file) ? 1 : 0));
}

function questionOf(corpus: Corpus, query: Query, options: SearchOptions): Question {
  const asked = options.mode === "bm25" ? query.rawTerms() : query.terms;
  const known = new Set(asked.flatMap((term) => term.hashes));
  // Names that are no words of the query are looked up with it, and weigh nothing as words.
  const names = query.names.filter((name) => !known.has(name.termHash));
  const table = new TermTable([...asked.map((term) => term.hashes), ...names.map((name) => [name.termHash])]);
  const texts = [...asked, ...names].map(({ text }) => text);
  const inside = included(corpus, options);
  return {
    corpus,
    query,
    included: inside,
    documents: inside.reduce((sum, each) => sum + each, 0),
    table,
    matches: matchesOf(corpus, table, inside),
    pathHits: corpus.pathTerms.hits(table),
    weights: Float64Array.from(texts, (_, term) => asked[term]?.weight ?? 0),
    text: (term) => texts[term] ?? "",
  };
}

/** The likeliest files by words alone, each with its share: what graph and history start from. */
function seedsOf(signals: readonly Signal[], files: number): Float64Array {
  const sums = new Float64Array(files);
  for (const { scores } of signals) {
    const most = largest(scores);
    if (most === 0) continue;
    for (let file = 0; file < files; file += 1) sums[file] = (sums[file] ?? 0) + (scores[file] ?? 0) / most;
  }
  const seeds = new Float64Array(files);
  for (const file of topOf(sums, seedFiles)) seeds[file] = sums[file] ?? 0;
  return seeds;
}

function definitionSignal(names: Signal, words: Float64Array): Signal {
  const mostNames = Math.max(largest(names.scores), Number.MIN_VALUE);
  const mostWords = Math.max(largest(words), Number.MIN_VALUE);
  return {
    scores: names.scores.map((score, file) => score / mostNames + (words[file] ?? 0) / mostWords),
    found: (file) => names.found?.(file),
  };
}

function fullSearch(layout: Layout, question: Question, options: SearchOptions): Fused {
  const { corpus, table, history, losses } = layout;
  const { weights, text } = question;
  const chunks = chunkScores(question, weights, chunkBm25Settings);
  const names = identifiers(question);
  const defined = definedNames(question, table);
  const words = definedWords(question, table, weights);
  const whole = fileBm25(question, weights, { ...fileBm25Settings, text });
  const best = bestChunks(question, chunks);
  const quoted = quotedPaths(question, layout.places);
  const left = new Set(options.without);
  // A signal that is left out gives no seeds either: an ablation is of all that it does.
  const seeding = (name: FileSignal, signal: Signal): Signal[] => (left.has(name) ? [] : [signal]);
  const starts = [
    ...[...seeding("fileBm25", whole), ...seeding("chunkBm25", best)],
    ...[...seeding("quotedPaths", quoted), ...seeding("identifiers", names.files)],
  ];
  const seeds = seedsOf(starts, corpus.files.length);
  const signals: Signals = {
    fileBm25: () => whole,
    chunkBm25: () => best,
    path: () => pathWords(question, weights, text),
    quotedPaths: () => quoted,
    identifiers: () => names.files,
    definitions: () => definitionSignal(defined.files, words.files),
    phrases: () => phrases(question),
    graph: () => ({ scores: walk(layout.graph, seeds) }),
    recency: () => layout.recency,
    coChange: () => coChange(history, seeds),
    messages: () => messages(history, corpus, question),
  };
  return {
    ...fuse(question, { ...options, signals, losses }),
    own: { chunkBm25: chunks, identifiers: names.chunks, definitions: [defined.chunks, words.chunks] },
  };
}

function plainSearch(question: Question): Fused {
  const { weights, text } = question;
  const whole = fileBm25(question, weights, { ...plainBm25, text });
  const chunks = chunkScores(question, weights, plainBm25);
  return {
    scores: whole.scores,
    why: (file) => [{ signal: "fileBm25", points: whole.scores[file] ?? 0, ...foundIn(whole, file) }],
    lossOf: () => 0,
    own: { chunkBm25: chunks },
  };
}

function foundIn(signal: Signal, file: number): { found?: string } {
  const found = signal.found?.(file);
  return found === undefined ? {} : { found };
}

/** Most callers ask a few files why: the reasons are worked out when they are read. */
function rankedFile(file: IndexedFile, index: number, fused: Fused): RankedFile {
  let why: readonly Contribution[] | undefined;
  return {
    file,
    score: fused.scores[index] ?? 0,
    get why() {
      why ??= fused.why(index);
      return why;
    },
  };
}

/** Lays a snapshot out for searching; holds on to its digests. */
export function rankerOf(snapshot: Snapshot): Ranker {
  const corpus = corpusOf(snapshot);
  const table = definitionTable(corpus);
  const history = historyOf(snapshot, corpus);
  const layout: Layout = {
    corpus,
    places: placesOfPaths(corpus.files.map(({ path }) => path)),
    table,
    graph: fileGraph(corpus, table),
    history,
    recency: recency(history, corpus),
    losses: lossesOf(corpus),
  };
  return {
    search(searchQuery, options = {}) {
      const question = questionOf(corpus, queryOf(searchQuery), options);
      const fused = options.mode === "bm25" ? plainSearch(question) : fullSearch(layout, question, options);
      const ranked = topOf(fused.scores, options.maxFiles ?? corpus.files.length);
      return {
        files: ranked.flatMap((index) => {
          const file = corpus.files[index];
          return file === undefined ? [] : [rankedFile(file, index, fused)];
        }),
        chunks: rankChunks(question, fused, options),
      };
    },
  };
}
