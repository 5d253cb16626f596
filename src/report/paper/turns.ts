// Round by round: what became better or worse the second, third, tenth time a contestant played a role in a battle.
import type { Role, RoundRow } from "../../domain/run.ts";
import { type Metrics, measuredBy, metricDefinitions } from "../metrics.ts";
import type { SeenRound } from "../seen.ts";
import type { Counted } from "./paper.ts";

const names = {
  submitter: ["winRate", "winRateStrict", "validRate", "resolvedRate", "submitterAttempts"],
  reviewer: ["reviewValidRate", "killRate", "killRateOnUnresolved", "rpr", "reviewerAttempts"],
} as const;

export interface Turn {
  readonly contestant: string;
  readonly role: Role;
  /** From 1: the first time in this role in a battle. Roles swap each round, so it is not the round's number. */
  readonly turn: number;
  readonly rounds: number;
  readonly metrics: Metrics;
}

/** Roles swap after each round: rounds 1 and 2 are everybody's first turn, 3 and 4 the second. */
const turnOf = ({ round }: RoundRow): number => Math.ceil(round / 2);

function byTurn(seen: readonly SeenRound[]): readonly (readonly [number, readonly SeenRound[]])[] {
  const turns = [...new Set(seen.map(({ row }) => turnOf(row)))].sort((a, b) => a - b);
  return turns.map((turn) => [turn, seen.filter(({ row }) => turnOf(row) === turn)]);
}

export function turnsOf({ seen, contestants, bootstrap }: Counted): Turn[] {
  return contestants.flatMap((contestant) =>
    (["submitter", "reviewer"] as const).flatMap((role) =>
      byTurn(seen.filter(({ row }) => row[role] === contestant)).map(([turn, own]) => ({
        ...{ contestant, role, turn, rounds: own.length },
        metrics: measuredBy(metricDefinitions(names[role]), own, bootstrap),
      })),
    ),
  );
}
