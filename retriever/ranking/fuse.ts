// Adds signals up: each divided by its largest value among the candidates, times its weight, less what its traits cost.
import type { Corpus } from "../signals/corpus.ts";
import type { Looked, Signal } from "../signals/signal.ts";
import type { Contribution, SearchOptions, SignalName } from "./result.ts";
import { demotions, type FileSignal, fileSignals, fileWeights } from "./weights.ts";

export interface Fused {
  /** One for each file of the corpus; 0 for those left out. */
  readonly scores: Float64Array;
  why(file: number): Contribution[];
  /** The share of its points that a file loses by its traits, and so do its chunks. */
  lossOf(file: number): number;
  /** What each chunk has of its own, by signal. Several lists of one signal are added after normalisation. */
  readonly own: {
    readonly chunkBm25: Float64Array;
    readonly identifiers?: Float64Array;
    readonly definitions?: readonly Float64Array[];
  };
}

/** 0 for no positive score; among the files marked in `included` where that is given. */
export function largest(scores: Float64Array, included?: Uint8Array): number {
  let most = 0;
  for (let index = 0; index < scores.length; index += 1) {
    const score = scores[index] ?? 0;
    if (score > most && (included === undefined || included[index] === 1)) most = score;
  }
  return most;
}

/** Indices of positive scores, best first, ties in order of index; what is not asked for is not sorted. */
export function* bestFirst(scores: Float64Array): Generator<number, undefined> {
  // A heap: the best stands first, and each is no better than the one at half its place.
  const heap = new Uint32Array(scores.length);
  let size = 0;
  for (let index = 0; index < scores.length; index += 1) {
    if ((scores[index] ?? 0) <= 0) continue;
    heap[size] = index;
    size += 1;
  }
  const isBetter = (one: number, other: number): boolean => {
    const difference = (scores[one] ?? 0) - (scores[other] ?? 0);
    return difference > 0 || (difference === 0 && one < other);
  };
  const sink = (start: number): void => {
    const moved = heap[start] ?? 0;
    let at = start;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && isBetter(heap[child + 1] ?? 0, heap[child] ?? 0)) child += 1;
      if (!isBetter(heap[child] ?? 0, moved)) break;
      heap[at] = heap[child] ?? 0;
      at = child;
    }
    heap[at] = moved;
  };
  for (let start = (size >>> 1) - 1; start >= 0; start -= 1) sink(start);
  while (size > 0) {
    yield heap[0] ?? 0;
    size -= 1;
    heap[0] = heap[size] ?? 0;
    sink(0);
  }
  return undefined;
}

export function topOf(scores: Float64Array, limit: number): number[] {
  const found: number[] = [];
  if (limit <= 0) return found;
  for (const index of bestFirst(scores)) {
    found.push(index);
    if (found.length === limit) break;
  }
  return found;
}

interface Weighed {
  readonly name: SignalName;
  readonly signal: Signal;
  /** Weight over largest value. */
  readonly factor: number;
}

/** A signal is worked out only where it counts: neither left out nor weighing nothing. */
export type Signals = Readonly<Record<FileSignal, () => Signal>>;

/** What the traits of each file cost it, as a share of its points. */
export function lossesOf({ files }: Corpus): Float64Array {
  return Float64Array.from(files, (file) => Math.max(0, ...file.traits.map((trait) => demotions[trait])));
}

export interface Fusing extends Pick<SearchOptions, "without" | "weights"> {
  readonly signals: Signals;
  readonly losses: Float64Array;
}

/** Fuses the signals that `without` does not name. */
export function fuse(
  { corpus, included }: Looked,
  { signals, losses, without, weights = fileWeights }: Fusing,
): Pick<Fused, "scores" | "why" | "lossOf"> {
  const left = new Set(without);
  const weighed: Weighed[] = [];
  const gained = new Float64Array(corpus.files.length);
  for (const name of fileSignals) {
    if (left.has(name) || weights[name] === 0) continue;
    const signal = signals[name]();
    const most = largest(signal.scores, included);
    if (most === 0) continue;
    const factor = weights[name] / Math.max(most, signal.full ?? 0);
    weighed.push({ name, signal, factor });
    for (let file = 0; file < gained.length; file += 1)
      gained[file] = (gained[file] ?? 0) + factor * (signal.scores[file] ?? 0);
  }
  const lossOf = (file: number): number => (left.has("demotion") ? 0 : (losses[file] ?? 0));
  const scores = new Float64Array(gained.length);
  for (let file = 0; file < scores.length; file += 1)
    if (included[file] === 1) scores[file] = (gained[file] ?? 0) * (1 - lossOf(file));
  return {
    scores,
    lossOf,
    why(file) {
      const why: Contribution[] = weighed.flatMap(({ name, signal, factor }) => {
        const points = factor * (signal.scores[file] ?? 0);
        if (points === 0) return [];
        const found = signal.found?.(file);
        return [found === undefined ? { signal: name, points } : { signal: name, points, found }];
      });
      why.sort((one, other) => other.points - one.points);
      const loss = lossOf(file);
      if (loss > 0) {
        const traits = corpus.files[file]?.traits.join(", ") ?? "";
        why.push({ signal: "demotion", points: -loss * (gained[file] ?? 0), found: traits });
      }
      return why;
    },
  };
}
