// The bounds of an adaptive plan: who meets is not known before, but how many battles there can be is, and the dearest of them.
import type { AdaptivePairing } from "../../domain/adaptive.ts";
import { meetingBattle } from "../../domain/pairing.ts";
import { seededRandom } from "../../domain/random.ts";
import type { PlannedBattle } from "../../domain/run.ts";
import { Bet } from "../../rating/index.ts";

export interface DrawRequest {
  readonly pairing: AdaptivePairing;
  readonly contestants: readonly string[];
  readonly rounds: number;
  /** Issues that may still be opened. */
  readonly instanceIds: readonly string[];
  /** At worst, of one battle of the pair; any unit. */
  readonly costOf: (one: string, other: string) => number;
}

export interface DrawBounds {
  /** As many as there can be, and at worst no dearer ones. */
  readonly dearest: readonly PlannedBattle[];
  /** That one contestant can be drawn for at most. */
  readonly mostOfOne: number;
  /** Fewer are not enough, even if whoever is best wins every one of them; all of them where the run may not stop. */
  readonly least: number;
}

/** Beyond it nothing is reckoned. */
const mostIssues = 100_000;

/** Issues that a contestant must win, all of them as clearly as can be, until it is proven ahead of one of `others`. */
export function fewestIssuesToProve(others: number, error: number): number {
  const bet = new Bet();
  let issues = 0;
  while (bet.wealth < others / error && issues < mostIssues) {
    bet.add(1);
    issues += 1;
  }
  return issues;
}

interface Pair {
  readonly one: string;
  readonly other: string;
}

function dearestPairs({ contestants, costOf, pairing }: DrawRequest): readonly Pair[] {
  const pairs = contestants.flatMap((one, place) =>
    contestants.slice(place + 1).map((other): Pair => ({ one, other })),
  );
  return pairs
    .toSorted((a, b) => costOf(b.one, b.other) - costOf(a.one, a.other))
    .slice(0, pairing.battlesPerIssue);
}

export function drawBounds(request: DrawRequest): DrawBounds {
  const { pairing, contestants, instanceIds, rounds } = request;
  const pairs = dearestPairs(request);
  const random = seededRandom("bounds");
  const dearest = instanceIds.flatMap((instanceId, issue) =>
    pairs.map((pair, place) => {
      const ordinal = issue * pairs.length + place;
      return meetingBattle({ ...pair, instanceId, ordinal, earlier: issue, rounds }, random);
    }),
  );
  const others = contestants.length - 1;
  const enough =
    pairing.stop === undefined
      ? dearest.length
      : // One contestant meets each of the others so often; an issue that is opened is played whole.
        Math.ceil((others * fewestIssuesToProve(others, pairing.stop.error)) / pairs.length) * pairs.length;
  return {
    dearest,
    mostOfOne: instanceIds.length * Math.min(pairs.length, others),
    least: Math.min(dearest.length, enough),
  };
}
