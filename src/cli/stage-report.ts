// What a stage of curation says of itself, on the way and at its end.
import { join } from "node:path";
import type { StageProgress, StageReport } from "../curation/index.ts";
import { type ExitCode, exitCodes } from "./exit.ts";
import { table } from "./output.ts";

export function progressText({ stage, done, of, kept, rejected, faults, known }: StageProgress): string {
  const before = known === 0 ? "" : ` (${known} known from before)`;
  const failed = faults === 0 ? "" : `, ${faults} could not be asked`;
  return `${stage}: ${done} of ${of} rows${before}: ${kept} kept, ${rejected} rejected${failed}`;
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

/** A rejected row is no failure: it is what curation is for. */
export const exitOf = ({ faults }: StageReport): ExitCode => (faults > 0 ? exitCodes.fault : exitCodes.done);
