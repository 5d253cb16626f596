// `arena curate validate`: which rows are sound, and which of their tests can be relied on.
import { environmentRow, readKept, runStage, validateStage } from "../../curation/index.ts";
import { type CurationOptions, openTreeRuns } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import type { ExitCode } from "../exit.ts";
import { chosenRows, exitOf, progressTold, reportText } from "../stage-report.ts";

export interface CurateValidateOptions extends CurationOptions {
  readonly repeats: number;
  readonly seed: string;
  readonly only?: string;
  readonly workers: number;
}

export async function curateValidate(
  options: CurateValidateOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { folder, workers, repeats, seed } = options;
  const { out, signal } = context;
  const rows = chosenRows(await readKept(folder, "environment", environmentRow), options.only);
  const stage = validateStage({ runs: await openTreeRuns(options, context), repeats, seed });
  const { report } = await runStage(stage, rows, { folder, workers, signal, onProgress: progressTold(out) });
  out.result({ ...report, folder }, () => reportText(folder, report));
  return exitOf(report);
}
