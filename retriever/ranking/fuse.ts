// Adds signals up: each divided by its largest value among the candidates, times its weight, less what its traits cost.
import type { Looked, Signal } from "../signals/signal.ts";
import type { Contribution, SearchOptions, SignalName } from "./result.ts";
import { demotions, type FileSignal, fileSignals, fileWeights } from "./weights.ts";

export interface Fused {
  /** One for each file of the corpus; 0 for those left out. */
  readonly scores: Float64Array;
  why(file: number): Contribution[];
  /** What each chunk has of its own, by signal. Several lists of one signal are added after normalisation. */
  readonly own: {
    readonly chunkBm25: Float64Array;
    readonly identifiers?: Float64Array;
    readonly definitions?: readonly Float64Array[];
  };
}

export function largest(scores: Float64Array): number {
  let most = 0;
  for (const score of scores) if (score > most) most = score;
  return most;
}

/** Indices of the largest positive scores, best first, ties in order of index. */
export function topOf(scores: Float64Array, limit: number): number[] {
  const found: number[] = [];
  for (const [index, score] of scores.entries()) if (score > 0) found.push(index);
  found.sort((one, other) => (scores[other] ?? 0) - (scores[one] ?? 0) || one - other);
  return found.slice(0, limit);
}

function largestAmong(scores: Float64Array, included: Uint8Array): number {
  let most = 0;
  for (const [file, score] of scores.entries()) if (included[file] === 1 && score > most) most = score;
  return most;
}

interface Weighed {
  readonly name: SignalName;
  readonly signal: Signal;
  /** Weight over largest value. */
  readonly factor: number;
}

/** Fuses the signals that `without` does not name. */
export function fuse(
  { corpus, included }: Looked,
  signals: Readonly<Record<FileSignal, Signal>>,
  { without, weights = fileWeights }: Pick<SearchOptions, "without" | "weights">,
): Pick<Fused, "scores" | "why"> {
  const left = new Set(without);
  const weighed: Weighed[] = [];
  for (const name of fileSignals) {
    const signal = signals[name];
    const most = largestAmong(signal.scores, included);
    if (most > 0 && !left.has(name)) {
      weighed.push({ name, signal, factor: weights[name] / Math.max(most, signal.full ?? 0) });
    }
  }
  const losses = Float64Array.from(corpus.files, (file) =>
    left.has("demotion") ? 0 : Math.max(0, ...file.traits.map((trait) => demotions[trait])),
  );
  const gained = (file: number): number =>
    weighed.reduce((sum, { signal, factor }) => sum + factor * (signal.scores[file] ?? 0), 0);
  return {
    scores: Float64Array.from(corpus.files, (_, file) =>
      included[file] === 1 ? gained(file) * (1 - (losses[file] ?? 0)) : 0,
    ),
    why(file) {
      const why: Contribution[] = weighed.flatMap(({ name, signal, factor }) => {
        const points = factor * (signal.scores[file] ?? 0);
        if (points === 0) return [];
        const found = signal.found?.(file);
        return [found === undefined ? { signal: name, points } : { signal: name, points, found }];
      });
      why.sort((one, other) => other.points - one.points);
      const loss = losses[file] ?? 0;
      if (loss > 0) {
        const traits = corpus.files[file]?.traits.join(", ") ?? "";
        why.push({ signal: "demotion", points: -loss * gained(file), found: traits });
      }
      return why;
    },
  };
}
