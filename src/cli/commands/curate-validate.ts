// `arena curate validate`: which rows are sound, and which of their tests can be relied on.
import { environmentRow, readKept, runStage, type StageReport, validateStage } from "../../curation/index.ts";
import { type CurationOptions, openTreeRuns } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { askedOf, progressTold, stageCommand } from "../stage-report.ts";

export interface CurateValidateOptions extends CurationOptions {
  readonly repeats: number;
  readonly seed: string;
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
  const stage = validateStage({ runs: await openTreeRuns(options, context), repeats, seed });
  const run = { folder, workers, signal, isAsked, onProgress: progressTold(out) };
  return (await runStage(stage, rows, run)).report;
}

export const curateValidate = stageCommand(validateStep);
