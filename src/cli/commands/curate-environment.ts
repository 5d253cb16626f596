// `arena curate environment`: a plan that works for every row that was split, found by trying.
import { join } from "node:path";
import {
  type BaseTree,
  baseTreeOf,
  environmentStage,
  readKept,
  runStage,
  type SplitRow,
  splitRow,
} from "../../curation/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { type CurationOptions, curationScratch, locateForCuration, openTreeRuns } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import type { ExitCode } from "../exit.ts";
import { exitOf, progressText, reportText } from "../stage-report.ts";

export interface CurateEnvironmentOptions extends CurationOptions {
  readonly fromWorkflow?: boolean;
  readonly only?: string;
  readonly workers: number;
}

function chosen(rows: readonly SplitRow[], only: string | undefined): readonly SplitRow[] {
  if (only === undefined) return rows;
  const ids = new Set(only.split(",").map((id) => id.trim()));
  const known = new Set(rows.map(({ id }) => id));
  const missing = [...ids].filter((id) => !known.has(id));
  if (missing.length > 0) throw new UsageError(`--only: split kept no ${missing.join(", ")}`);
  return rows.filter(({ id }) => ids.has(id));
}

function treeOf(options: CurationOptions): (row: SplitRow) => Promise<BaseTree> {
  return async ({ id, repo, split }) => {
    const source = await locateForCuration({ instanceId: id, repo, baseCommit: split.baseCommit }, options);
    return baseTreeOf(source, curationScratch());
  };
}

export async function curateEnvironment(
  options: CurateEnvironmentOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { folder, workers, fromWorkflow = false } = options;
  const { out, signal } = context;
  const rows = chosen(await readKept(folder, "split", splitRow), options.only);
  const stage = environmentStage({
    ...{ treeOf: treeOf(options), fromWorkflow, attemptsFolder: join(folder, "environment", "attempts") },
    runs: await openTreeRuns(options, context),
  });
  const onProgress = (progress: Parameters<typeof progressText>[0]) => out.progress(progressText(progress));
  const { report } = await runStage(stage, rows, { folder, workers, signal, onProgress });
  out.result({ ...report, folder }, () => reportText(folder, report));
  return exitOf(report);
}
