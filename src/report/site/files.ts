// All files of the site, one after another: whoever writes them never holds more than one battle's pages.
import type { RoundExhibit, RunLog } from "../../domain/exhibit.ts";
import type { RoundRow, StoredCall } from "../../domain/run.ts";
import { type BoardOptions, type BoardSource, makeBoard } from "../board.ts";
import { cutAfter, factsByIssue } from "../cut.ts";
import { siteAssets } from "./assets.ts";
import { battlePage } from "./battle.ts";
import { promptPages } from "./context.ts";
import { cutOffDays } from "./cut-offs.ts";
import type { SiteFile } from "./frame.ts";
import { type BoardChoice, indexPage } from "./index-page.ts";
import { logPath, type ShownBattle, type SiteIssue, shortNames } from "./issue.ts";
import { type ListedRound, listFiles } from "./list.ts";
import { logPage, missingLogPage } from "./log.ts";

/** What the site reads of a run folder as it goes. */
export interface SiteEvidence {
  round(row: RoundRow, options: { readonly withPrompts: boolean }): RoundExhibit;
  /** Undefined where the file is missing or damaged. */
  log(log: string): RunLog | undefined;
  /** Undefined where the run's set could not be read. */
  issue(instanceId: string): SiteIssue | undefined;
}

export interface SiteRun {
  readonly source: BoardSource;
  readonly evidence: SiteEvidence;
}

export interface SiteInput {
  readonly runs: readonly SiteRun[];
  /** A cut-off day among them is offered beside those the site chooses itself. */
  readonly board: BoardOptions;
  /** CI logs and whole prompts, each a page of its own. */
  readonly withLogs: boolean;
}

const allIssues: BoardChoice = { name: "all issues", path: "index.html" };

/** The board of all issues, then those of newer issues alone: the same page, made anew. */
async function* boardPages({ runs, board }: SiteInput): AsyncGenerator<SiteFile> {
  const sources = runs.map(({ source }) => source);
  const { after: asked, ...options } = board;
  const newer = cutOffDays(sources, asked).map((day) => ({
    day,
    choice: { name: `opened after ${day}`, path: `after-${day}.html` },
  }));
  const choices = [allIssues, ...newer.map(({ choice }) => choice)];
  yield await indexPage({ board: makeBoard(sources, options), sources, choices, choice: allIssues });
  for (const { day, choice } of newer) {
    const made = makeBoard(sources, { ...options, after: day });
    yield await indexPage({ board: made, sources: cutAfter(sources, day).sources, choices, choice });
  }
}

/** Candidates are all a battle's page needs of its calls. */
function callsByBattle(calls: readonly StoredCall[]): ReadonlyMap<string, readonly StoredCall[]> {
  const found = new Map<string, StoredCall[]>();
  for (const call of calls) {
    if (call.finish?.candidates === undefined) continue;
    const own = found.get(call.battleId);
    if (own === undefined) found.set(call.battleId, [call]);
    else own.push(call);
  }
  return found;
}

function roundsByBattle(rows: readonly RoundRow[]): ReadonlyMap<string, readonly RoundRow[]> {
  const found = new Map<string, RoundRow[]>();
  for (const row of rows) {
    const own = found.get(row.battleId);
    if (own === undefined) found.set(row.battleId, [row]);
    else own.push(row);
  }
  for (const own of found.values()) own.sort((a, b) => a.round - b.round);
  return found;
}

/** Instance by instance, since battles on one share the runs of its own trees. */
function* battlesOf(
  { run, runName, withLogs }: Pick<ShownBattle, "run" | "runName" | "withLogs">,
  { source, evidence }: SiteRun,
): Generator<ShownBattle> {
  const rounds = roundsByBattle(source.rounds);
  const calls = callsByBattle(source.calls);
  const places = source.battles.map((battle, place) => ({ battle, place }));
  places.sort((a, b) =>
    a.battle.instanceId < b.battle.instanceId
      ? -1
      : a.battle.instanceId > b.battle.instanceId
        ? 1
        : a.place - b.place,
  );
  for (const { battle, place } of places) {
    const rows = rounds.get(battle.battleId) ?? [];
    const issue = evidence.issue(battle.instanceId);
    yield {
      ...{ run, runName, battle, place, withLogs },
      rounds: rows.map((row) => ({ row, exhibit: evidence.round(row, { withPrompts: withLogs }) })),
      calls: calls.get(battle.battleId) ?? [],
      ...(issue === undefined ? {} : { issue }),
    };
  }
}

/** Pages of runs that no earlier battle has shown. */
function* logPages(shown: ShownBattle, evidence: SiteEvidence, done: Set<string>): Generator<SiteFile> {
  const { run, battle } = shown;
  for (const { label, log } of shown.rounds.flatMap(({ exhibit }) => exhibit.runs)) {
    if (log === undefined || done.has(log)) continue;
    done.add(log);
    const about = { path: logPath(run, log), instanceId: battle.instanceId, label };
    const read = evidence.log(log);
    yield read === undefined ? missingLogPage(about, log) : logPage(about, read);
  }
}

function listed(runs: readonly SiteRun[]): ListedRound[] {
  return runs.flatMap(({ source }, run) => {
    const places = new Map(source.battles.map(({ battleId }, place) => [battleId, place]));
    return source.rounds.flatMap((row) => {
      const place = places.get(row.battleId);
      return place === undefined ? [] : [{ run, place, row }];
    });
  });
}

/**
 * The site of one or more runs, file by file: boards, the list of battles, a page for each battle, for each judged run
 * its log. The same runs give the same files.
 * @throws UsageError for a cut-off that is no calendar day
 */
export async function* siteFiles(input: SiteInput): AsyncGenerator<SiteFile> {
  const { runs, withLogs } = input;
  yield* siteAssets();
  yield* boardPages(input);
  const facts = factsByIssue(runs.map(({ source }) => source));
  const names = shortNames(runs.map(({ source }) => source.name));
  yield* listFiles({ runs: names, rounds: listed(runs), dayOf: (id) => facts.get(id)?.createdOn });
  for (const [run, each] of runs.entries()) {
    const done = new Set<string>();
    for (const shown of battlesOf({ run, runName: names[run] ?? "", withLogs }, each)) {
      yield battlePage(shown);
      if (!withLogs) continue;
      yield* shown.rounds.flatMap((round) => promptPages(shown, round));
      yield* logPages(shown, each.evidence, done);
    }
  }
}
