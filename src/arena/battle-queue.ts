// Which battle a free worker takes next: progress stays even over contestants, and no slow one holds every worker.
import type { PlannedBattle } from "../domain/run.ts";

const sidesOf = ({ first, second }: PlannedBattle): readonly string[] => [...new Set([first, second])];
const pairOf = ({ first, second }: PlannedBattle): string => JSON.stringify([first, second].sort());

/** Compared from left to right, lower first. */
type Precedence = readonly number[];

function isBefore(one: Precedence, other: Precedence): boolean {
  const at = one.findIndex((value, place) => value !== other[place]);
  return at >= 0 && (one[at] ?? 0) < (other[at] ?? 0);
}

/** Deterministic: the same battles taken and ended in the same order give the same next one. */
export class BattleQueue {
  /** Of each pair in plan order: its battles differ in nothing that counts here. */
  readonly #waiting = new Map<string, PlannedBattle[]>();
  readonly #begun = new Map<string, number>();
  readonly #running = new Map<string, number>();
  readonly #dropped = new Set<string>();

  /** @param begun battles of earlier sessions, of which every contestant has its share */
  constructor(begun: readonly PlannedBattle[] = []) {
    for (const battle of begun) this.#count(this.#begun, battle, 1);
  }

  /** More battles to play, each after those of its pair that are here. */
  add(battles: readonly PlannedBattle[]): void {
    for (const battle of battles) {
      const pair = pairOf(battle);
      const queue = this.#waiting.get(pair);
      if (queue === undefined) this.#waiting.set(pair, [battle]);
      else queue.push(battle);
    }
  }

  /**
   * The next battle; its end must be told. Undefined when none is waiting.
   * @param isSilent whose model answers nothing: others come first
   */
  take(isSilent: (contestant: string) => boolean = () => false): PlannedBattle | undefined {
    let best: { readonly pair: string; readonly precedence: Precedence } | undefined;
    for (const [pair, [battle]] of this.#waiting) {
      if (battle === undefined || this.isOut(battle)) continue;
      const precedence = [Number(sidesOf(battle).some(isSilent)), ...this.#precedence(battle)];
      if (best === undefined || isBefore(precedence, best.precedence)) best = { pair, precedence };
    }
    if (best === undefined) return undefined;
    const queue = this.#waiting.get(best.pair) ?? [];
    const battle = queue.shift();
    if (queue.length === 0) this.#waiting.delete(best.pair);
    if (battle === undefined) return undefined;
    this.#count(this.#running, battle, 1);
    this.#count(this.#begun, battle, 1);
    return battle;
  }

  /** The work on a battle has ended, however it did. */
  ended(battle: PlannedBattle): void {
    this.#count(this.#running, battle, -1);
  }

  /** No battle of this contestant is taken any more. */
  drop(contestant: string): void {
    this.#dropped.add(contestant);
  }

  /** Whether one of its sides is dropped. */
  isOut(battle: PlannedBattle): boolean {
    return sidesOf(battle).some((id) => this.#dropped.has(id));
  }

  /**
   * Who is in fewer running battles, then who has begun fewer: a slow contestant is in as many at once as a fast one, and
   * falls behind alone.
   */
  #precedence(battle: PlannedBattle): Precedence {
    const sorted = (counts: ReadonlyMap<string, number>): number[] =>
      sidesOf(battle)
        .map((id) => counts.get(id) ?? 0)
        .sort((a, b) => b - a);
    const running = sorted(this.#running);
    const begun = sorted(this.#begun);
    const last = (counts: readonly number[]): number => counts.at(-1) ?? 0;
    return [running[0] ?? 0, last(running), last(begun), begun[0] ?? 0, battle.ordinal];
  }

  #count(counts: Map<string, number>, battle: PlannedBattle, by: number): void {
    for (const id of sidesOf(battle)) counts.set(id, (counts.get(id) ?? 0) + by);
  }
}
