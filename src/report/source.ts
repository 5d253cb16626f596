// A stored run as a board takes it: everything that was planned, played and paid for.
import { UsageError } from "../domain/fault.ts";
import type { RunStore } from "../domain/run.ts";
import type { BoardSource } from "./board.ts";
import { vouchedIn } from "./quarantine.ts";

/**
 * A review that met no submission scores nothing that could stand beside battles.
 * @throws UsageError where some of the runs grade reviewers and others were played
 */
export function mustBeOfOneKind(sources: readonly BoardSource[]): void {
  const graded = sources.find(({ settings }) => settings.grading === true);
  const played = sources.find(({ settings }) => settings.grading !== true);
  if (graded === undefined || played === undefined) return;
  throw new UsageError(
    `${graded.name} grades reviewers (arena grade) and ${played.name} holds battles: expected runs of one kind, a board each`,
  );
}

/** @throws UsageError when nothing was planned */
export function boardSource(
  run: Pick<BoardSource, "name" | "sandbox" | "sampling">,
  store: Pick<
    RunStore,
    "settings" | "rounds" | "calls" | "battles" | "openedIssues" | "canaries" | "roundMarks" | "dropouts"
  >,
): BoardSource {
  const { settings } = store;
  if (settings === undefined) throw new UsageError(`${run.name}: nothing was planned in this run`);
  const opened = store.openedIssues();
  return {
    ...{ ...run, settings, ...vouchedIn(store), calls: store.calls(), battles: store.battles() },
    ...(opened.length === 0 ? {} : { opened }),
  };
}
