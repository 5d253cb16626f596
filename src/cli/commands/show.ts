// `arena show`: a run's battles, or one battle in full.
import { UsageError } from "../../domain/fault.ts";
import { verdictOf } from "../../domain/record.ts";
import { renderBattle } from "../../report/index.ts";
import { openRunReadOnly } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";

export interface ShowOptions {
  readonly run: string;
  readonly battle?: string;
}

export async function show(options: ShowOptions, context: CommandContext): Promise<ExitCode> {
  const store = openRunReadOnly(options.run);
  try {
    const battles = store.battles();
    if (options.battle === undefined) {
      const rows = store.rounds();
      const summary = battles.map((battle) => ({
        ...battle,
        verdicts: rows.filter((row) => row.battleId === battle.battleId).map((row) => verdictOf(row.record)),
      }));
      context.out.result({ schemaVersion: 1, battles: summary }, () =>
        table([
          ["battle", "first submitter", "other", "verdicts"],
          ...summary.map((each) => [
            each.battleId,
            each.first,
            each.second,
            each.verdicts.join(", ") || "unplayed",
          ]),
        ]),
      );
      return exitCodes.done;
    }
    const battle = battles.find((each) => each.battleId === options.battle);
    if (battle === undefined) {
      throw new UsageError(
        `no battle ${options.battle} in ${options.run}: \`arena show ${options.run}\` lists them`,
      );
    }
    const rounds = store.rounds(battle.battleId);
    const calls = store.calls().filter((call) => call.battleId === battle.battleId);
    const chosen = calls.flatMap(({ round, role, attempt, finish }) =>
      finish?.candidates === undefined ? [] : [{ round, role, attempt, candidates: finish.candidates }],
    );
    context.out.result({ schemaVersion: 1, battle, rounds, chosen }, () =>
      renderBattle(battle, rounds, calls),
    );
    return exitCodes.done;
  } finally {
    store.close();
  }
}
