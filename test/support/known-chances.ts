// Contestants whose chances are known: right or wrong by a seeded draw, judged as the arena's rules would.
import { seededRandom } from "../../src/domain/random.ts";
import type { RoundRecord } from "../../src/domain/record.ts";
import type { PlannedBattle, RoundRow } from "../../src/domain/run.ts";
import { record, round } from "../unit/report/rows.ts";

export interface Chances {
  readonly id: string;
  /** Of a patch that resolves the issue. */
  readonly right: number;
  /** Of tests that kill whatever is wrong; any other review has none. */
  readonly kills: number;
}

/** What judging makes of a right or wrong patch that meets tests which kill, or none. */
function recordOf(drawn: { readonly right: boolean; readonly kills: boolean }): RoundRecord {
  const label = drawn.right ? "resolved" : "unresolved";
  return record({ label, effect: drawn.kills && !drawn.right ? "killed" : "survived" });
}

/** The rounds of a battle as the draws of both sides have them. */
export function chanceRounds(
  battle: PlannedBattle,
  chances: readonly Chances[],
  seed: string,
): readonly RoundRow[] {
  const { battleId, instanceId, first, second, rounds } = battle;
  const named = (id: string): Chances => {
    const found = chances.find((each) => each.id === id);
    if (found === undefined) throw new Error(`no contestant ${id}`);
    return found;
  };
  return Array.from({ length: rounds }, (_, index) => {
    const [submitter, reviewer] = index % 2 === 0 ? [first, second] : [second, first];
    const random = seededRandom(`${seed} ${battleId} ${index + 1}`);
    const drawn = {
      right: random.next() < named(submitter).right,
      kills: random.next() < named(reviewer).kills,
    };
    return round({
      ...{ battleId, instanceId, submitter, reviewer, round: index + 1, record: recordOf(drawn) },
    });
  });
}
