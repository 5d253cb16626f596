// `arena replay`: a run played again from its stored answers in fresh sandboxes; verdicts are compared, nothing is asked.
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { mustBeSameSet, playTournament, resumedOptions, storedPlayers } from "../../arena/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { verdictOf } from "../../domain/record.ts";
import type { RoundRow } from "../../domain/run.ts";
import { monotonicMs, openRunReadOnly, openSetSession, type SessionOptions } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";

export interface ReplayOptions extends Omit<SessionOptions, "set"> {
  readonly run: string;
  readonly out?: string;
}

interface Compared {
  readonly battle: string;
  readonly round: number;
  readonly before: string;
  readonly after: string;
}

function difference(before: RoundRow, after: RoundRow | undefined): Compared[] {
  const was = `${verdictOf(before.record)}, ${before.record.label}`;
  const is = after === undefined ? "unplayed" : `${verdictOf(after.record)}, ${after.record.label}`;
  return was === is ? [] : [{ battle: before.battleId, round: before.round, before: was, after: is }];
}

/** Exit code 4 when a verdict came out differently. */
export async function replay(options: ReplayOptions, context: CommandContext): Promise<ExitCode> {
  const stored = openRunReadOnly(options.run);
  const rows = stored.rounds();
  const battles = stored.battles().map((battle) => ({ ...battle }));
  const opened = stored.openedIssues();
  const { settings } = stored;
  stored.close();
  if (settings === undefined) {
    throw new UsageError(`${options.run}: nothing was planned in this run, so there is nothing to replay`);
  }
  const out = resolve(options.out ?? (await mkdtemp(join(tmpdir(), "arena-replay-"))));
  // Answers are there already: nothing is searched, so nothing is ranked again.
  const { rerank, rerankDevice, ...given } = await resumedOptions<SessionOptions>(
    { ...options, set: "" },
    options.run,
  );
  await using session = await openSetSession({ ...given, contestants: "empty", run: out }, context);
  mustBeSameSet(settings, { set: session.setName, setHash: session.setHash });
  session.store.saveSettings(settings);
  session.store.planBattles(battles);
  // Their battles are planned, and nothing is drawn again: the evidence of the replay rests on the same draws.
  for (const { isClosed, leftOut, ...issue } of opened) session.store.openIssue(issue, []);
  await session.mustHaveRepository(session.instanceIds);
  const players = storedPlayers(options.run, rows);
  const result = await playTournament({
    store: session.store,
    runs: session.runs,
    evidence: session.evidence,
    settings,
    now: session.now,
    monotonicMs,
    player: players,
    workers: 2,
    openCase: session.open,
    signal: context.signal,
    onRound: (row) => context.out.note(`${row.battleId} round ${row.round}: ${verdictOf(row.record)}`),
    onBattle: () => undefined,
    onUnsettled: (row, message) =>
      context.out.note(`the contested kill of round ${row.round} of ${row.battleId} stays open: ${message}`),
    onUnsound: (instanceId, message) => context.out.note(`${instanceId} is left out: ${message}`),
  });
  const again = session.store.rounds();
  const differences = rows.flatMap((row) =>
    difference(
      row,
      again.find((other) => other.battleId === row.battleId && other.round === row.round),
    ),
  );
  await writeFile(
    join(out, "replay.json"),
    `${JSON.stringify({ of: resolve(options.run), differences }, null, 2)}\n`,
  );
  const json = {
    schemaVersion: 1,
    run: out,
    rounds: rows.length,
    differences,
    interrupted: result.interrupted,
  };
  context.out.result(json, () => {
    const list = differences.map((each) => [each.battle, String(each.round), each.before, each.after]);
    const head = list.length === 0 ? "" : `${table([["battle", "round", "before", "after"], ...list])}\n\n`;
    return `${head}${rows.length} rounds replayed into ${out}, ${differences.length} verdicts differ`;
  });
  return differences.length === 0 ? exitCodes.done : exitCodes.belowThreshold;
}
