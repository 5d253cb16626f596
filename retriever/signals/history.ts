// What the commits before the base say: what changed lately, what changes together, and whose messages sound like this.
import type { PastCommit, Snapshot } from "../digest.ts";
import type { Corpus } from "./corpus.ts";
import { type Lists, packLists, TermLists } from "./lists.ts";
import type { TermTable } from "./matches.ts";
import { idf, listed, type Signal } from "./signal.ts";
import { BestFew, TermCounts } from "./sums.ts";
import { TermCounter } from "./words.ts";

export interface History {
  readonly commits: readonly PastCommit[];
  /** Of the base commit. */
  readonly time: number;
  /** Files of the corpus that each commit touches, ascending. */
  readonly files: readonly Uint32Array[];
  /** Commits that touch each file, newest first. */
  readonly commitsOfFile: Lists;
  /** Made when first asked for. */
  messages(): Messages;
}

interface Messages {
  readonly terms: TermLists;
  /** Of every term of every message, in the order of `terms`. */
  readonly counts: Uint16Array;
  readonly lengths: Float64Array;
}

/** A commit of more files is a reformatting or a move: it says nothing about any one of them. */
const maxPaths = 50;
const maxMessageLength = 4_000;
const halfLifeSeconds = 90 * 24 * 3600;
/** Messages whose files are lifted; each next commit of a file counts less, as chunks do. */
const countedMessages = 5;

function readMessages(commits: readonly PastCommit[]): Messages {
  const counter = new TermCounter();
  const terms = commits.map(({ message }) => {
    counter.add(message.slice(0, maxMessageLength));
    return counter.take();
  });
  const lists = packLists(terms.map(({ hashes }) => hashes));
  const counts = new Uint16Array(lists.values.length);
  for (const [commit, each] of terms.entries()) counts.set(each.counts, lists.starts[commit]);
  const lengths = Float64Array.from(terms, (each) => each.counts.reduce((sum, count) => sum + count, 0));
  return { terms: new TermLists(lists), counts, lengths };
}

export function historyOf(snapshot: Snapshot, corpus: Corpus): History {
  // Commits that touch no file of today are kept out here, once for all signals.
  const kept = snapshot.history.flatMap((commit) => {
    if (commit.paths.length > maxPaths) return [];
    const files = commit.paths.flatMap((path) => corpus.fileOfPath.get(path) ?? []);
    return files.length === 0 ? [] : [{ commit, files: Uint32Array.from(new Set(files)).sort() }];
  });
  const commits = kept.map(({ commit }) => commit);
  const ofFile: number[][] = corpus.files.map(() => []);
  for (const [commit, { files }] of kept.entries()) for (const file of files) ofFile[file]?.push(commit);
  let messages: Messages | undefined;
  return {
    commits,
    time: snapshot.time,
    files: kept.map(({ files }) => files),
    commitsOfFile: packLists(ofFile),
    messages() {
      messages ??= readMessages(commits);
      return messages;
    },
  };
}

/** Exponentially decayed number of changes; a commit of many files is shared among them. */
export function recency(history: History, corpus: Corpus): Signal {
  const scores = new Float64Array(corpus.files.length);
  for (const [index, files] of history.files.entries()) {
    const age = Math.max(0, history.time - (history.commits[index]?.time ?? 0));
    const points = 2 ** (-age / halfLifeSeconds) / Math.sqrt(files.length);
    for (const file of files) scores[file] = (scores[file] ?? 0) + points;
  }
  return { scores };
}

/**
 * Files that changed together with the likeliest ones; `seeds` holds a weight for each of those, 0 for others. Divided by
 * the root of how often the file changed at all (as a cosine): a file that every commit touches goes with none.
 */
export function coChange(history: History, seeds: Float64Array): Signal {
  const scores = new Float64Array(seeds.length);
  const changes = new Float64Array(seeds.length);
  for (const files of history.files) {
    let sum = 0;
    for (const file of files) {
      sum += seeds[file] ?? 0;
      changes[file] = (changes[file] ?? 0) + 1;
    }
    if (sum === 0 || files.length < 2) continue;
    // A seed is not lifted by itself.
    for (const file of files) {
      scores[file] = (scores[file] ?? 0) + (sum - (seeds[file] ?? 0)) / (files.length - 1);
    }
  }
  return { scores: scores.map((score, file) => score / Math.sqrt(1 + (changes[file] ?? 0))) };
}

interface MessageQuery {
  readonly table: TermTable;
  readonly weights: Float64Array;
}

/** Of each commit, by its message. */
function messageScores(history: History, { table, weights }: MessageQuery): Float64Array {
  const { terms, counts, lengths } = history.messages();
  const commits = lengths.length;
  const frequency = new Uint32Array(table.size);
  const found = new TermCounts(table.size);
  const { starts, values, places } = terms.hits(table);
  const count = (commit: number): void => {
    const end = starts[commit + 1] ?? 0;
    for (let at = starts[commit] ?? 0; at < end; at += 1)
      found.add(values[at] ?? 0, counts[places[at] ?? 0] ?? 0);
  };
  for (let commit = 0; commit < commits; commit += 1) {
    count(commit);
    found.drain((term) => {
      frequency[term] = (frequency[term] ?? 0) + 1;
    });
  }
  const worth = weights.map((weight, term) => idf(commits, frequency[term] ?? 0) * weight);
  const mean = Math.max(1, lengths.reduce((sum, each) => sum + each, 0) / Math.max(1, commits));
  const scores = new Float64Array(commits);
  for (let commit = 0; commit < commits; commit += 1) {
    count(commit);
    const norm = 1.2 * (0.25 + (0.75 * (lengths[commit] ?? 0)) / mean);
    let sum = 0;
    found.drain((term, times) => {
      sum += ((worth[term] ?? 0) * times * 2.2) / (times + norm);
    });
    scores[commit] = sum;
  }
  return scores;
}

/** BM25 of past messages; a file gets its best commits' points, each commit sharing among what it touched. */
export function messages(history: History, corpus: Corpus, query: MessageQuery): Signal {
  const { starts, values } = history.commitsOfFile;
  const shares = messageScores(history, query);
  for (const [commit, files] of history.files.entries())
    shares[commit] = (shares[commit] ?? 0) / Math.sqrt(files.length);
  const best = new BestFew(countedMessages);
  const offer = (file: number): void => {
    const end = starts[file + 1] ?? 0;
    for (let at = starts[file] ?? 0; at < end; at += 1) {
      const commit = values[at] ?? 0;
      const points = shares[commit] ?? 0;
      if (points > 0) best.offer(commit, points);
    }
  };
  const scores = new Float64Array(corpus.files.length);
  for (let file = 0; file < scores.length; file += 1) {
    offer(file);
    scores[file] = best.sum();
  }
  return {
    scores,
    found(file) {
      const found = new Map<string, number>();
      offer(file);
      for (const { item, points } of best.take()) {
        const { id = "", message = "" } = history.commits[item] ?? {};
        const subject = message.split("\n", 1)[0]?.slice(0, 60) ?? "";
        found.set(`${id.slice(0, 8)} ${subject}`, points);
      }
      return listed(found, 2);
    },
  };
}
