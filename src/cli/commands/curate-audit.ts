// `arena curate audit`: which rows give their answer away, repeat others, steer a model or leak a secret.
import {
  auditStage,
  instanceOfRow,
  readKept,
  runStage,
  type StageReport,
  validatedRow,
} from "../../curation/index.ts";
import { type CurationOptions, openContainerReader } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { askedOf, progressTold, stageCommand } from "../stage-report.ts";

export interface CurateAuditOptions extends CurationOptions {
  readonly only?: string;
  readonly workers: number;
}

export async function auditStep(options: CurateAuditOptions, context: CommandContext): Promise<StageReport> {
  const { folder, workers } = options;
  const { out, signal } = context;
  const rows = await readKept(folder, "validate", validatedRow);
  const isAsked = askedOf(rows, options.only);
  const read = await openContainerReader(options, context);
  const stage = auditStage({
    readContainer: (row, onFile, stopped) => read(instanceOfRow(row), onFile, stopped),
    settings: { container: 1 },
  });
  const run = { folder, workers, signal, isAsked, onProgress: progressTold(out) };
  return (await runStage(stage, rows, run)).report;
}

export const curateAudit = stageCommand(auditStep);
