// The tables and figures of the paper, from stored runs: pairs, Best@k, ablations, rounds, tokens, failures.
import { seededRandom } from "../../domain/random.ts";
import { Bootstrap, defaultResamples } from "../../rating/index.ts";
import type { BoardSource } from "../board.ts";
import type { Glossary } from "../metrics.ts";
import { type SeenRound, seenIn } from "../seen.ts";
import { type Failure, failuresOf } from "./failures.ts";
import { type PairFigures, pairFigures } from "./pairs.ts";
import { type Reviewing, reviewingGlossary, reviewingOf } from "./reviewing.ts";
import { type BestByLanguage, bestByLanguage, type Curve, curvesOf } from "./tries.ts";
import { type Turn, turnsOf } from "./turns.ts";
import { type Twin, twinsOf } from "./twins.ts";
import { type RoleUse, usesOf } from "./uses.ts";

export interface Paper {
  /** Every submitter against every reviewer: RPR, SPR and Win Rate. */
  readonly pairs: readonly PairFigures[];
  /** Tries of `bestByLanguage`. */
  readonly k: number;
  readonly bestByLanguage: readonly BestByLanguage[];
  readonly curves: readonly Curve[];
  /** Contestants beside their twins that are shown the source in another way. */
  readonly twins: readonly Twin[];
  /** What continuous integration alone would have said, and what reviewers' tests changed. */
  readonly reviewing: readonly Reviewing[];
  /** By the how-manyeth time a contestant played the role in a battle. */
  readonly turns: readonly Turn[];
  readonly uses: readonly RoleUse[];
  readonly failures: readonly Failure[];
  /** Of the figures that boards do not have. */
  readonly glossary: Readonly<Record<string, Glossary>>;
}

export interface PaperOptions {
  readonly resamples?: number;
  readonly seed?: string;
  /** Tries of Best@k by language; 3 as in the paper. */
  readonly k?: number;
}

/** Rounds that can be counted, and what counts them. */
export interface Counted {
  /** Without void rounds. */
  readonly seen: readonly SeenRound[];
  readonly contestants: readonly string[];
  readonly bootstrap: Bootstrap;
  readonly k: number;
}

/** Pure, as boards are. Void rounds are in no figure; `pairs` and `failures` say how many there were. */
export function makePaper(sources: readonly BoardSource[], options: PaperOptions = {}): Paper {
  const { seed = "board", resamples = defaultResamples, k = 3 } = options;
  const random = seededRandom(seed);
  const all = seenIn(sources);
  const counted: Counted = {
    seen: all.filter(({ row }) => row.record.void === undefined),
    contestants: [...new Set(all.flatMap(({ row }) => [row.submitter, row.reviewer]))].sort(),
    bootstrap: new Bootstrap({ random, resamples }),
    k,
  };
  const rows = all.map(({ row }) => row);
  return {
    pairs: pairFigures(counted, rows),
    k,
    bestByLanguage: bestByLanguage(counted),
    curves: curvesOf(counted),
    twins: twinsOf(counted, random.fork("twins")),
    reviewing: reviewingOf(counted),
    turns: turnsOf(counted),
    uses: usesOf(counted),
    failures: failuresOf(counted.contestants, rows),
    glossary: reviewingGlossary,
  };
}
