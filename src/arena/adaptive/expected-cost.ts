// What the next battle of a pair is expected to cost, from what its contestants have spent so far.
import type { RoleUsage, RoundRow } from "../../domain/run.ts";
import type { PairName } from "../../rating/index.ts";

/** Turns that the mean of all contestants is worth beside a contestant's own. */
const priorTurns = 2;

interface Spent {
  readonly turns: number;
  readonly usd: number;
}

const nothing: Spent = { turns: 0, usd: 0 };

const plus = ({ turns, usd }: Spent, costUsd: number): Spent => ({ turns: turns + 1, usd: usd + costUsd });

/** A turn is one role in one round. */
export class ExpectedCost {
  readonly #battleUsd: number;
  readonly #rounds: number;
  readonly #byContestant = new Map<string, Spent>();
  #all: Spent = nothing;

  /** @param battleUsd what a battle costs besides its model calls */
  constructor({ battleUsd, rounds }: { readonly battleUsd: number; readonly rounds: number }) {
    this.#battleUsd = battleUsd;
    this.#rounds = rounds;
  }

  add({ submitter, reviewer, submitterUsage, reviewerUsage }: RoundRow): void {
    this.#count(submitter, submitterUsage);
    this.#count(reviewer, reviewerUsage);
  }

  /** A turn of unknown price tells nothing of what a turn costs: it is not taken for free. */
  #count(contestant: string, { costUsd }: RoleUsage): void {
    if (costUsd === undefined) return;
    this.#byContestant.set(contestant, plus(this.#byContestant.get(contestant) ?? nothing, costUsd));
    this.#all = plus(this.#all, costUsd);
  }

  /** Of a contestant's next turn: its mean, drawn towards the mean of all while its turns are few. */
  #turnUsd(contestant: string): number {
    const { turns, usd } = this.#byContestant.get(contestant) ?? nothing;
    const mean = this.#all.turns === 0 ? 0 : this.#all.usd / this.#all.turns;
    return (usd + priorTurns * mean) / (turns + priorTurns);
  }

  /** US dollars: both take one turn in every round. */
  of({ one, other }: PairName): number {
    return this.#battleUsd + this.#rounds * (this.#turnUsd(one) + this.#turnUsd(other));
  }
}
