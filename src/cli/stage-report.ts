// What a stage of curation says of itself, on the way and at its end.
import { join } from "node:path";
import type { StageProgress, StageReport } from "../curation/index.ts";
import { UsageError } from "../domain/fault.ts";
import { claimCuration, now } from "../wire.ts";
import type { CommandContext, Run } from "./command.ts";
import { type ExitCode, exitCodes } from "./exit.ts";
import { type Output, table } from "./output.ts";

/** Between two lines in a log: a stage may take hours, and a row a second. */
const quietMs = 30_000;

/** Tells each row that is done; in a log one of them now and then. */
export function progressTold(
  out: Pick<Output, "isTerminal" | "progress" | "note">,
): (progress: StageProgress) => void {
  let toldMs = now();
  return ({ stage, done, of, kept, rejected, faults, known }) => {
    const before = known === 0 ? "" : ` (${known} known from before)`;
    const failed = faults === 0 ? "" : `, ${faults} could not be asked`;
    const line = `${stage}: ${done} of ${of} rows${before}: ${kept} kept, ${rejected} rejected${failed}`;
    out.progress(line);
    if (out.isTerminal || now() - toldMs < quietMs) return;
    toldMs = now();
    out.note(line);
  };
}

/** Whether `--only` names a row. @throws UsageError for one that the stage before has not kept */
export function askedOf(
  rows: readonly { readonly id: string }[],
  only: string | undefined,
): (id: string) => boolean {
  if (only === undefined) return () => true;
  const ids = new Set(only.split(",").map((id) => id.trim()));
  const known = new Set(rows.map(({ id }) => id));
  const missing = [...ids].filter((id) => !known.has(id));
  if (missing.length > 0) throw new UsageError(`--only: the stage before kept no ${missing.join(", ")}`);
  return (id) => ids.has(id);
}

/** The most frequent reason first. */
export function reportText(folder: string, report: StageReport): string {
  const { stage, rows, kept, rejected, faults, reasons } = report;
  const own = join(folder, stage);
  const byCount = Object.entries(reasons).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const facts = [
    ["rows", String(rows)],
    ["kept", `${kept} (${join(own, "kept.jsonl")})`],
    ["rejected", `${rejected} (${join(own, "rejected.jsonl")})`],
    ...byCount.map(([reason, count]) => [`  ${reason}`, String(count)]),
    ...(faults === 0 ? [] : [["faults", `${faults} (${join(own, "faults.jsonl")}): run it again`]]),
  ];
  return table(facts);
}

/** A stage as a command of its own: nobody else works on the folder meanwhile, and its report is what is printed. */
export function stageCommand<O extends { readonly folder: string }>(
  step: (options: O, context: CommandContext) => Promise<StageReport>,
): Run<O> {
  return async (options, context) => {
    await using _ = await claimCuration(options.folder);
    const report = await step(options, context);
    context.out.result({ ...report, folder: options.folder }, () => reportText(options.folder, report));
    return exitOf(report);
  };
}

/** A rejected row is no failure: it is what curation is for. */
export const exitOf = ({ faults }: StageReport): ExitCode => (faults > 0 ? exitCodes.fault : exitCodes.done);
