// `arena rejudge`: today's rules over stored evidence; no sandbox, no model, nothing invented where evidence is gone.
import { rejudgeRound } from "../../arena/index.ts";
import { isFault } from "../../domain/fault.ts";
import { verdictOf } from "../../domain/record.ts";
import { openStoredSession } from "../../wire.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import type { CommandContext } from "../main.ts";
import { table } from "../output.ts";

export interface RejudgeOptions {
  readonly run: string;
  readonly write?: boolean;
}

interface Rejudged {
  readonly battle: string;
  readonly round: number;
  readonly before: string;
  readonly after: string;
  readonly changed: boolean;
}

export async function rejudge(options: RejudgeOptions, context: CommandContext): Promise<ExitCode> {
  await using stored = await openStoredSession(options.run);
  const results: Rejudged[] = [];
  let missing = 0;
  for (const row of stored.store.rounds()) {
    try {
      const record = await rejudgeRound(row, stored.instance(row.instanceId), stored);
      const changed = JSON.stringify(record) !== JSON.stringify(row.record);
      if (changed && options.write === true) stored.store.replaceRecord(row.battleId, row.round, record);
      const [before, after] = [verdictOf(row.record), verdictOf(record)];
      results.push({ battle: row.battleId, round: row.round, before, after, changed });
    } catch (error) {
      if (!isFault(error)) throw error;
      missing += 1;
      context.out.note(`${row.battleId} round ${row.round}: ${error.message}: kept as it was`);
    }
  }
  const changed = results.filter((result) => result.changed);
  const json = {
    schemaVersion: 1,
    rejudged: results.length,
    missing,
    changed,
    written: options.write === true,
  };
  context.out.result(json, () => {
    const rows = changed.map((each) => [each.battle, String(each.round), each.before, each.after]);
    const list = rows.length === 0 ? "" : `${table([["battle", "round", "before", "after"], ...rows])}\n\n`;
    return `${list}${results.length} rounds judged again, ${changed.length} changed, ${missing} without evidence`;
  });
  return missing > 0 ? exitCodes.doneWithVoids : exitCodes.done;
}
