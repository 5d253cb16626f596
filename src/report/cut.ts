// A board of the newer issues alone: what was opened after a day cannot have been in data collected by then.
import { UsageError } from "../domain/fault.ts";
import type { BoardSource } from "./board.ts";
import { dayOf, type IssueFacts } from "./facts.ts";
import { leftOutOn } from "./quarantine.ts";

/** What a cut-off day kept and left out, in issues that were planned. */
export interface CutOff {
  /** The day itself is left out: `2026-11-03`. */
  readonly after: string;
  readonly kept: number;
  readonly leftOut: number;
  /** Left out because nobody knows their day: not taken for old, nor for new. */
  readonly undated: number;
}

/** What boards know of the issues of the rounds that count. */
export interface BoardFacts {
  readonly dated: number;
  readonly withDifficulty: number;
  /** Runs whose set could not be asked, and why; absent facts are missing, not zero. */
  readonly missing: readonly { readonly run: string; readonly because: string }[];
}

export function boardFacts(sources: readonly BoardSource[], instances: readonly string[]): BoardFacts {
  const facts = factsByIssue(sources);
  const known = instances.flatMap((instanceId) => facts.get(instanceId) ?? []);
  return {
    dated: known.filter(({ createdOn }) => createdOn !== undefined).length,
    withDifficulty: known.filter(({ difficulty }) => difficulty !== undefined).length,
    missing: sources.flatMap(({ name, facts: own }) =>
      own?.known === false ? [{ run: name, because: own.because }] : [],
    ),
  };
}

/** Facts by instance over all runs; an issue of two sets keeps what the first says of it. */
export function factsByIssue(sources: readonly BoardSource[]): ReadonlyMap<string, IssueFacts> {
  const found = new Map<string, IssueFacts>();
  for (const { facts } of sources) {
    if (facts?.known !== true) continue;
    for (const issue of facts.issues) if (!found.has(issue.instanceId)) found.set(issue.instanceId, issue);
  }
  return found;
}

function keptOf(source: BoardSource, keeps: (instanceId: string) => boolean): BoardSource {
  const battles = source.battles.filter(({ instanceId }) => keeps(instanceId));
  const known = new Set(battles.map(({ battleId }) => battleId));
  const { leftOut } = source;
  return {
    ...source,
    ...(source.opened === undefined
      ? {}
      : { opened: source.opened.filter(({ instanceId }) => keeps(instanceId)) }),
    ...(leftOut === undefined ? {} : { leftOut: leftOutOn(leftOut, keeps) }),
    battles,
    rounds: source.rounds.filter(({ instanceId }) => keeps(instanceId)),
    calls: source.calls.filter(({ battleId }) => known.has(battleId)),
  };
}

/**
 * The sources without every round, battle and call on an issue opened on that day or before, or on an unknown one.
 * @throws UsageError for what is no calendar day
 */
export function cutAfter(
  sources: readonly BoardSource[],
  after: string,
): { readonly sources: readonly BoardSource[]; readonly cutOff: CutOff } {
  const day = dayOf(after);
  if (day === undefined) throw new UsageError(`--after: expected a day such as 2026-11-03, found "${after}"`);
  const facts = factsByIssue(sources);
  const createdOn = (instanceId: string) => facts.get(instanceId)?.createdOn;
  const isNew = (instanceId: string): boolean => (createdOn(instanceId) ?? "") > day;
  const planned = sources.flatMap(({ battles, rounds }) =>
    [...battles, ...rounds].map((one) => one.instanceId),
  );
  const issues = [...new Set(planned)];
  const kept = issues.filter(isNew).length;
  const undated = issues.filter((issue) => createdOn(issue) === undefined).length;
  return {
    sources: sources.map((source) => keptOf(source, isNew)),
    cutOff: { after: day, kept, leftOut: issues.length - kept, undated },
  };
}
