// `arena curate validate`: which rows are sound, and which of their tests can be relied on.
import {
  environmentRow,
  readKept,
  resourceLog,
  runStage,
  type StageReport,
  validateStage,
} from "../../curation/index.ts";
import { type CurationOptions, openTreeRuns, type PanelOptions, panelDeps } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { askedOf, progressTold, stageCommand } from "../stage-report.ts";

export interface CurateValidateOptions extends CurationOptions, PanelOptions {
  readonly repeats: number;
  readonly only?: string;
  readonly workers: number;
}

export async function validateStep(
  options: CurateValidateOptions,
  context: CommandContext,
): Promise<StageReport> {
  const { folder, workers, repeats, seed } = options;
  const { out, signal } = context;
  const rows = await readKept(folder, "environment", environmentRow);
  const isAsked = askedOf(rows, options.only);
  const panel = await panelDeps(options, options);
  const stage = validateStage({
    ...{ runs: await openTreeRuns(options, context), repeats, seed, onRun: resourceLog(folder) },
    ...(panel === undefined ? {} : { panel }),
  });
  const run = { folder, workers, signal, isAsked, onProgress: progressTold(out) };
  return (await runStage(stage, rows, run)).report;
}

export const curateValidate = stageCommand(validateStep);
