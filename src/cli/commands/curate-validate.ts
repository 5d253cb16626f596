// `arena curate validate`: which rows are sound, and which of their tests can be relied on.
import { environmentRow, readKept, runStage, validateStage } from "../../curation/index.ts";
import { type CurationOptions, claimCuration, openTreeRuns } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import type { ExitCode } from "../exit.ts";
import { askedOf, exitOf, progressTold, reportText } from "../stage-report.ts";

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
  await using _ = await claimCuration(folder);
  const rows = await readKept(folder, "environment", environmentRow);
  const isAsked = askedOf(rows, options.only);
  const stage = validateStage({ runs: await openTreeRuns(options, context), repeats, seed });
  const run = { folder, workers, signal, isAsked, onProgress: progressTold(out) };
  const { report } = await runStage(stage, rows, run);
  out.result({ ...report, folder }, () => reportText(folder, report));
  return exitOf(report);
}
