// What the draws of an adaptive run know: results of the issues opened first, in that order, and nothing of later ones.
import { defaultError } from "../../domain/adaptive.ts";
import type { Random } from "../../domain/random.ts";
import type { RoundRow, RunSettings } from "../../domain/run.ts";
import {
  type DrawnPair,
  drawPairs,
  type PairHistory,
  type PairName,
  pairOf,
  payoffOf,
  ratedRound,
  TournamentEvidence,
  withPayoff,
} from "../../rating/index.ts";
import { ExpectedCost } from "./expected-cost.ts";

/** The reading that draws and stopping go by: the one for ratings (DESIGN 4.7). */
const reading = "strict";

export type AdaptiveSettings = RunSettings & Required<Pick<RunSettings, "pairing">>;

/** Contestants who have dropped out. */
type Out = Pick<ReadonlySet<string>, "has">;

export interface PricedPair extends DrawnPair {
  readonly expectedUsd: number;
}

export class Knowledge {
  readonly #settings: AdaptiveSettings;
  readonly #evidence: TournamentEvidence;
  readonly #cost: ExpectedCost;
  #history: readonly PairHistory[] = [];
  #issues = 0;

  constructor(settings: AdaptiveSettings) {
    const { contestants, rounds, pairing } = settings;
    this.#settings = settings;
    this.#evidence = new TournamentEvidence({
      contestants,
      level: 1 - (pairing.stop?.error ?? defaultError),
    });
    this.#cost = new ExpectedCost({ battleUsd: pairing.battleUsd, rounds });
  }

  /** Issues whose results are known. */
  get issues(): number {
    return this.#issues;
  }

  /** All that was played on the next issue in the order of opening; nothing of one that is left out, as on any board. */
  add(instanceId: string, rows: readonly RoundRow[]): void {
    const rounds = rows.map((row) => ratedRound(row, reading));
    this.#evidence.add({ instanceId, rounds });
    this.#issues += 1;
    const pairs = new Map(
      rounds.map(({ submitter, reviewer }) => {
        const pair = pairOf(submitter, reviewer);
        return [JSON.stringify(pair), pair] as const;
      }),
    );
    for (const pair of pairs.values()) {
      const { value } = payoffOf(rounds, pair);
      if (value !== undefined) this.#history = withPayoff(this.#history, pair, value);
    }
    for (const row of rows) this.#cost.add(row);
  }

  /**
   * Whoever is proven to be first of those who are not out; wrong with the chance that the run may stop at, as each proof asks what
   * it would among all.
   */
  winnerWithout(out: Out): string | undefined {
    const left = this.#settings.contestants.filter((id) => !out.has(id));
    return left.find((id) => left.every((other) => other === id || this.#evidence.isProven(id, other)));
  }

  /** Who meets on one more issue; `pending` was drawn and is not known yet. */
  draw(pending: readonly PairName[], random: Random, out: Out): readonly PricedPair[] {
    const { contestants, pairing } = this.#settings;
    const { battlesPerIssue: battles, floor, stop } = pairing;
    const isProven = (better: string, worse: string) => this.#evidence.isProven(better, worse);
    const drawn = drawPairs({
      ...{ contestants, history: this.#history, pending, battles, floor, random, out },
      costUsd: (pair) => this.#cost.of(pair),
      ...(stop === undefined ? {} : { isProven }),
    });
    return drawn.map((pair) => ({ ...pair, expectedUsd: this.#cost.of(pair) }));
  }
}
