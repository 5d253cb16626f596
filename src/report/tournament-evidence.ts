// What a run's results prove so far: e-values of every pair, orders that may be claimed, and what that took.
import { defaultError, type OpenedIssue } from "../domain/adaptive.ts";
import type { Reading } from "../domain/record.ts";
import type { PlannedBattle, RoundRow } from "../domain/run.ts";
import {
  leaderOf,
  type PairHistory,
  pairOf,
  payoffOf,
  type RatedRound,
  ratedRound,
  TournamentEvidence,
  type TournamentState,
  withPayoff,
} from "../rating/index.ts";
import type { BoardSource } from "./board.ts";

export interface KnownEvidence extends TournamentState {
  readonly known: true;
  readonly pairing: "adaptive" | "everybody";
  /**
   * True where issues were opened one after another in drawn order: the claims hold whenever the run is looked at, and under any
   * rule of stopping. Otherwise they hold for the finished run.
   */
  readonly holdsAtAnyPeek: boolean;
  /** Whom the payoffs put first, proven or not. */
  readonly leader?: string;
  /** On the issues that count: that were played, and that everybody against everybody would have taken. */
  readonly battles: { readonly played: number; readonly uniform: number };
  /** Issues that count for nothing: they could not be judged, or somebody dropped out of them. */
  readonly leftOut: number;
  /** The least chance with which any pair was drawn; absent where nothing was drawn. */
  readonly leastPropensity?: number;
  /** Chance of a wrong winner at which the run may stop; absent where every issue is played. */
  readonly stopsAt?: number;
}

/** Why there is none, in words, where there is none. */
export type BoardEvidence = KnownEvidence | { readonly known: false; readonly because: string };

interface Issue {
  readonly instanceId: string;
  readonly battles: readonly PlannedBattle[];
}

type Rows = ReadonlyMap<string, readonly RoundRow[]>;

function rowsByBattle({ rounds }: BoardSource): Rows {
  const rows = new Map<string, RoundRow[]>();
  // The same rows give the same evidence to the last digit, in whatever order they come.
  for (const row of rounds.toSorted((a, b) => a.round - b.round)) {
    const own = rows.get(row.battleId);
    if (own === undefined) rows.set(row.battleId, [row]);
    else own.push(row);
  }
  return rows;
}

/** Those of the run's settings, and whoever else has played in it. */
function contestantsOf({ settings, rounds }: BoardSource): readonly string[] {
  return [...new Set([...settings.contestants, ...rounds.flatMap((row) => [row.submitter, row.reviewer])])];
}

const pairsIn = (contestants: number): number => (contestants * (contestants - 1)) / 2;

/** In the order of the plan. */
function issuesOf(battles: readonly PlannedBattle[]): readonly Issue[] {
  const issues = new Map<string, PlannedBattle[]>();
  for (const battle of battles.toSorted((a, b) => a.ordinal - b.ordinal)) {
    const own = issues.get(battle.instanceId);
    if (own === undefined) issues.set(battle.instanceId, [battle]);
    else own.push(battle);
  }
  return [...issues].map(([instanceId, own]) => ({ instanceId, battles: own }));
}

/**
 * The issues opened first, up to one that is still being played: which of the later ones are done sooner may hang on how they went.
 */
function closedFirst(opened: readonly OpenedIssue[], battles: readonly PlannedBattle[]) {
  const open = opened.findIndex(({ isClosed }) => !isClosed);
  const closed = open < 0 ? opened : opened.slice(0, open);
  const byId = new Map(battles.map((battle) => [battle.battleId, battle]));
  const issues = closed.map(({ instanceId, draws, leftOut }) => {
    const own = draws.flatMap(({ battleId }) => byId.get(battleId) ?? []);
    return { instanceId, battles: own, isLeftOut: leftOut !== undefined };
  });
  // A board may be of some of a run's issues.
  return issues.filter((issue) => issue.battles.length > 0);
}

interface Reckoned {
  readonly state: TournamentState;
  readonly leader?: string;
  readonly battles: KnownEvidence["battles"];
}

function historyWith(
  history: readonly PairHistory[],
  battles: readonly PlannedBattle[],
  rounds: readonly RatedRound[],
): readonly PairHistory[] {
  return battles.reduce((known, { first, second }) => {
    const pair = pairOf(first, second);
    const { value } = payoffOf(rounds, pair);
    return value === undefined ? known : withPayoff(known, pair, value);
  }, history);
}

function reckoned(
  issues: readonly Issue[],
  rows: Rows,
  of: { readonly contestants: readonly string[]; readonly reading: Reading; readonly error: number },
): Reckoned {
  const { contestants, reading, error } = of;
  const evidence = new TournamentEvidence({ contestants, level: 1 - error });
  let history: readonly PairHistory[] = [];
  for (const { instanceId, battles } of issues) {
    const rounds = battles.flatMap(({ battleId }) =>
      (rows.get(battleId) ?? []).map((row) => ratedRound(row, reading)),
    );
    evidence.add({ instanceId, rounds });
    history = historyWith(history, battles, rounds);
  }
  const leader = history.length === 0 ? undefined : leaderOf(contestants, history);
  const played = issues.reduce((sum, { battles }) => sum + battles.length, 0);
  return {
    state: evidence.state(),
    ...(leader === undefined ? {} : { leader }),
    battles: { played, uniform: issues.length * pairsIn(contestants.length) },
  };
}

function ofDrawn(source: BoardSource, opened: readonly OpenedIssue[], reading: Reading): BoardEvidence {
  const contestants = contestantsOf(source);
  const { pairing } = source.settings;
  const issues = closedFirst(opened, source.battles);
  const judged = issues.filter(({ isLeftOut }) => !isLeftOut);
  const stop = pairing?.stop;
  const error = stop?.error ?? defaultError;
  const { state, ...rest } = reckoned(judged, rowsByBattle(source), { contestants, reading, error });
  const propensities = opened.flatMap(({ draws }) => draws.map(({ propensity }) => propensity));
  return {
    ...{ known: true, pairing: "adaptive", holdsAtAnyPeek: true, ...state, ...rest },
    leftOut: issues.length - judged.length,
    ...(propensities.length === 0 ? {} : { leastPropensity: Math.min(...propensities) }),
    ...(stop === undefined ? {} : { stopsAt: stop.error }),
  };
}

/** Of an issue that was planned: all of its battles, some or none. */
function extentOf({ battles }: Issue, rows: Rows): "whole" | "partly" | "none" {
  const whole = battles.filter(({ battleId, rounds }) => (rows.get(battleId) ?? []).length >= rounds);
  if (whole.length === battles.length) return "whole";
  return battles.some(({ battleId }) => rows.has(battleId)) ? "partly" : "none";
}

function ofPlanned(source: BoardSource, reading: Reading): BoardEvidence {
  const contestants = contestantsOf(source);
  const rows = rowsByBattle(source);
  const issues = issuesOf(source.battles);
  const partly = issues.filter((issue) => extentOf(issue, rows) === "partly").length;
  if (partly > 0) {
    const because =
      `${partly} of ${issues.length} issues are played in part: where everybody meets everybody, evidence holds for issues ` +
      "that are played whole; adaptive pairing may be looked at at any time";
    return { known: false, because };
  }
  const whole = issues.filter((issue) => extentOf(issue, rows) === "whole");
  const { state, ...rest } = reckoned(whole, rows, { contestants, reading, error: defaultError });
  return {
    ...{ known: true, pairing: "everybody", holdsAtAnyPeek: false, ...state, ...rest },
    leftOut: issues.length - whole.length,
  };
}

/** Of one run. Issues that several runs share were seen before the second: its bets on them would be no fresh ones. */
export function evidenceOf(sources: readonly BoardSource[], reading: Reading): BoardEvidence {
  const [source, ...others] = sources;
  if (source === undefined || others.length > 0)
    return { known: false, because: `evidence is of one run, and this board is of ${sources.length}` };
  if (contestantsOf(source).length < 2)
    return { known: false, because: "one contestant alone can be compared with nobody" };
  const { opened = [] } = source;
  return opened.length === 0 ? ofPlanned(source, reading) : ofDrawn(source, opened, reading);
}
