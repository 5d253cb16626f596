// `arena curate validate`: which rows are sound, and which of their tests can be relied on.
import { environmentRow, readKept, resourceLog, runStage, validateStage } from "../../curation/index.ts";
import {
  type CurationOptions,
  claimCuration,
  openTreeRuns,
  type PanelOptions,
  panelDeps,
} from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import type { ExitCode } from "../exit.ts";
import { askedOf, exitOf, progressTold, reportText } from "../stage-report.ts";

export interface CurateValidateOptions extends CurationOptions, PanelOptions {
  readonly repeats: number;
  readonly only?: string;
  readonly workers: number;
}

export async function curateValidate(
  options: CurateValidateOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { folder, workers, repeats, seed } = options;
  const { out, signal } = context;
  await using _ = await claimCuration(folder);
  const rows = await readKept(folder, "environment", environmentRow);
  const isAsked = askedOf(rows, options.only);
  const panel = await panelDeps(options, options);
  const stage = validateStage({
    ...{ runs: await openTreeRuns(options, context), repeats, seed, onRun: resourceLog(folder) },
    ...(panel === undefined ? {} : { panel }),
  });
  const run = { folder, workers, signal, isAsked, onProgress: progressTold(out) };
  const { report } = await runStage(stage, rows, run);
  out.result({ ...report, folder }, () => reportText(folder, report));
  return exitOf(report);
}
