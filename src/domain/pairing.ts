// Who meets whom, on what, and who submits first: drawn from the seed, the same for the same plan.
import { createHash } from "node:crypto";
import { type Random, shuffled } from "./random.ts";
import type { PlannedBattle } from "./run.ts";

export interface PairingRequest {
  readonly contestants: readonly string[];
  readonly instanceIds: readonly string[];
  readonly rounds: number;
  /** Contestants also meet themselves. */
  readonly selfPlay: boolean;
  /** Only pairs with one of these, when given. */
  readonly anchors?: readonly string[];
}

function pairs(request: PairingRequest): (readonly [string, string])[] {
  const { contestants, selfPlay, anchors } = request;
  const all = contestants.flatMap((one, index) =>
    contestants.slice(selfPlay ? index : index + 1).map((other) => [one, other] as const),
  );
  if (anchors === undefined) return all;
  return all.filter(([one, other]) => anchors.includes(one) || anchors.includes(other));
}

/** `one` stands before `other` in the list of contestants: the same meeting has the same name in every plan. */
function battleId(instanceId: string, one: string, other: string): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([instanceId, one, other]))
    .digest("hex");
  return `${instanceId}-${hash.slice(0, 10)}`;
}

/** Draws sides in twos: of every second battle of a pair the other side begins, so a run cut short stays balanced. */
function sideDraw(random: Random): (pair: string) => boolean {
  const owed = new Map<string, boolean>();
  return (pair) => {
    const second = owed.get(pair);
    if (second !== undefined) {
      owed.delete(pair);
      return second;
    }
    const swap = random.integer(2) === 1;
    owed.set(pair, !swap);
    return swap;
  };
}

/**
 * Every pair on every instance. Order is shuffled so that a run cut short is a fair sample; the side that submits
 * first is drawn, each of a pair as often as the other (one battle more or less).
 */
export function planBattles(request: PairingRequest, random: Random): PlannedBattle[] {
  const meetings = request.instanceIds.flatMap((instanceId) =>
    pairs(request).map(([one, other]) => ({ instanceId, one, other })),
  );
  const order = shuffled(meetings, random.fork("order"));
  const swapped = sideDraw(random.fork("sides"));
  return order.map(({ instanceId, one, other }, ordinal) => {
    const swap = swapped(JSON.stringify([one, other]));
    return {
      battleId: battleId(instanceId, one, other),
      ordinal,
      instanceId,
      first: swap ? other : one,
      second: swap ? one : other,
      rounds: request.rounds,
    };
  });
}

/** A pair drawn to meet on an issue, in the order of the list of contestants. */
export interface Meeting {
  readonly instanceId: string;
  readonly one: string;
  readonly other: string;
  /** Of the battle among all of the run. */
  readonly ordinal: number;
  /** How often the pair has met before. */
  readonly earlier: number;
  readonly rounds: number;
}

/** The battle of a meeting: of every second one of a pair the other side begins, the first of the two is drawn. */
export function meetingBattle(meeting: Meeting, random: Random): PlannedBattle {
  const { instanceId, one, other, ordinal, earlier, rounds } = meeting;
  const two = random.fork(`sides ${JSON.stringify([one, other])} ${Math.floor(earlier / 2)}`);
  const swap = (two.integer(2) === 1) !== (earlier % 2 === 1);
  const [first, second] = swap ? [other, one] : [one, other];
  return { battleId: battleId(instanceId, one, other), ordinal, instanceId, first, second, rounds };
}
