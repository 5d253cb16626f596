// `arena rejudge`: today's rules over stored evidence; no sandbox, no model, nothing invented where evidence is gone.
import { rejudgeJudgement, rejudgeRound } from "../../arena/index.ts";
import { isFault } from "../../domain/fault.ts";
import { type RoundRecord, verdictOf } from "../../domain/record.ts";
import { openStoredSession, type StoredSession } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";

export interface RejudgeOptions {
  readonly run: string;
  readonly write?: boolean;
}

/** A stored verdict, of a round or of a prediction. */
interface Stored {
  readonly name: string;
  readonly instanceId: string;
  readonly record: RoundRecord;
  /** What names it in the JSON document. */
  readonly json: object;
  again(): Promise<RoundRecord>;
  replace(record: RoundRecord): void;
}

function roundsOf(session: StoredSession): Stored[] {
  return session.store.rounds().map((row) => ({
    ...row,
    name: `${row.battleId} round ${row.round}`,
    json: { battle: row.battleId, round: row.round },
    again: () => rejudgeRound(row, session.instance(row.instanceId), session),
    replace: (record) => session.store.replaceRecord(row.battleId, row.round, record),
  }));
}

function judgementsOf(session: StoredSession): Stored[] {
  return session.store.judgements().map((row) => ({
    ...row,
    name: `${row.instanceId} ${row.contestant} ${row.patchHash.slice(0, 12)}`,
    json: {
      instance_id: row.instanceId,
      model_name_or_path: row.contestant,
      patch_sha256: row.patchHash,
    },
    again: () => rejudgeJudgement(row, session.instance(row.instanceId), session),
    replace: (record) => session.store.replaceJudgement(row, record),
  }));
}

interface Change {
  readonly stored: Stored;
  readonly now: RoundRecord;
}

const isSame = (one: RoundRecord, other: RoundRecord): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** With the label: a prediction's verdict often differs in nothing else. */
const told = (record: RoundRecord): string => `${verdictOf(record)}, ${record.label}`;

const changeJson = ({ stored: { json, record }, now }: Change) => ({
  ...json,
  before: verdictOf(record),
  after: verdictOf(now),
  beforeLabel: record.label,
  afterLabel: now.label,
  changed: true,
});

export async function rejudge(options: RejudgeOptions, context: CommandContext): Promise<ExitCode> {
  await using session = await openStoredSession(options.run);
  const stored = [...roundsOf(session), ...judgementsOf(session)];
  const changes: Change[] = [];
  let missing = 0;
  for (const each of stored) {
    try {
      const record = await each.again();
      if (isSame(record, each.record)) continue;
      if (options.write === true) each.replace(record);
      changes.push({ stored: each, now: record });
    } catch (error) {
      if (!isFault(error)) throw error;
      missing += 1;
      context.out.note(`${each.name}: ${error.message}: kept as it was`);
    }
  }
  const rejudged = stored.length - missing;
  const changed = changes.map(changeJson);
  context.out.result(
    { schemaVersion: 1, rejudged, missing, changed, written: options.write === true },
    () => {
      const rows = changes.map((each) => [each.stored.name, told(each.stored.record), told(each.now)]);
      const list = rows.length === 0 ? "" : `${table([["verdict on", "before", "after"], ...rows])}\n\n`;
      return `${list}${rejudged} verdicts judged again, ${changed.length} changed, ${missing} without evidence`;
    },
  );
  return missing > 0 ? exitCodes.doneWithVoids : exitCodes.done;
}
