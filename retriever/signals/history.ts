// What the commits before the base say: what changed lately, what changes together, and whose messages sound like this.
import type { PastCommit, Snapshot } from "../digest.ts";
import type { Corpus } from "./corpus.ts";
import { idf, listed, type Signal } from "./signal.ts";
import { TermCounter } from "./words.ts";

export interface History {
  readonly commits: readonly PastCommit[];
  /** Of the base commit. */
  readonly time: number;
  /** Files of the corpus that each commit touches, ascending. */
  readonly files: readonly Uint32Array[];
  /** Made when first asked for. */
  messages(): Messages;
}

interface Messages {
  readonly terms: readonly { readonly hashes: Uint32Array; readonly counts: Uint16Array }[];
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
  const lengths = Float64Array.from(terms, ({ counts }) => counts.reduce((sum, count) => sum + count, 0));
  return { terms, lengths };
}

export function historyOf(snapshot: Snapshot, corpus: Corpus): History {
  // Commits that touch no file of today are kept out here, once for all signals.
  const kept = snapshot.history.flatMap((commit) => {
    if (commit.paths.length > maxPaths) return [];
    const files = commit.paths.flatMap((path) => corpus.fileOfPath.get(path) ?? []);
    return files.length === 0 ? [] : [{ commit, files: Uint32Array.from(new Set(files)).sort() }];
  });
  const commits = kept.map(({ commit }) => commit);
  let messages: Messages | undefined;
  return {
    commits,
    time: snapshot.time,
    files: kept.map(({ files }) => files),
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

/** Files that changed together with the likeliest ones; `seeds` holds a weight for each of those, 0 for others. */
export function coChange(history: History, seeds: Float64Array): Signal {
  const scores = new Float64Array(seeds.length);
  for (const files of history.files) {
    if (files.length < 2) continue;
    let sum = 0;
    for (const file of files) sum += seeds[file] ?? 0;
    if (sum === 0) continue;
    // A seed is not lifted by itself.
    for (const file of files) {
      scores[file] = (scores[file] ?? 0) + (sum - (seeds[file] ?? 0)) / (files.length - 1);
    }
  }
  return { scores };
}

interface MessageQuery {
  /** Number of each term by its hash, -1 for none. */
  numberOf(hash: number): number;
  readonly weights: Float64Array;
}

function messageScores(history: History, { numberOf, weights }: MessageQuery): Float64Array {
  const { terms, lengths } = history.messages();
  const frequency = new Uint32Array(weights.length);
  const counts = terms.map((message) => {
    const found = new Map<number, number>();
    for (const [at, hash] of message.hashes.entries()) {
      const term = numberOf(hash);
      if (term < 0) continue;
      if (!found.has(term)) frequency[term] = (frequency[term] ?? 0) + 1;
      found.set(term, (found.get(term) ?? 0) + (message.counts[at] ?? 0));
    }
    return found;
  });
  const mean = Math.max(1, lengths.reduce((sum, each) => sum + each, 0) / Math.max(1, lengths.length));
  return Float64Array.from(counts, (found, commit) => {
    const norm = 1.2 * (0.25 + (0.75 * (lengths[commit] ?? 0)) / mean);
    let sum = 0;
    for (const [term, count] of found) {
      sum += (idf(terms.length, frequency[term] ?? 0) * (weights[term] ?? 0) * count * 2.2) / (count + norm);
    }
    return sum;
  });
}

/** BM25 of past messages; a file gets its best commits' points, each commit sharing among what it touched. */
export function messages(history: History, corpus: Corpus, query: MessageQuery): Signal {
  const perCommit = messageScores(history, query);
  const perFile: { commit: number; points: number }[][] = corpus.files.map(() => []);
  for (const [commit, files] of history.files.entries()) {
    const points = (perCommit[commit] ?? 0) / Math.sqrt(files.length);
    if (points > 0) for (const file of files) perFile[file]?.push({ commit, points });
  }
  const best = (file: number): { commit: number; points: number }[] =>
    [...(perFile[file] ?? [])]
      .sort((one, other) => other.points - one.points || one.commit - other.commit)
      .slice(0, countedMessages);
  return {
    scores: Float64Array.from(corpus.files, (_, file) =>
      best(file).reduce((sum, { points }, rank) => sum + points / (rank + 1), 0),
    ),
    found(file) {
      const found = new Map<string, number>();
      for (const { commit, points } of best(file)) {
        const { id = "", message = "" } = history.commits[commit] ?? {};
        const subject = message.split("\n", 1)[0]?.slice(0, 60) ?? "";
        found.set(`${id.slice(0, 8)} ${subject}`, points);
      }
      return listed(found, 2);
    },
  };
}
