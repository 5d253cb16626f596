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
import {
  type CurationOptions,
  claimCuration,
  curationScratch,
  locateForCuration,
  openTreeRuns,
} from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import type { ExitCode } from "../exit.ts";
import { askedOf, exitOf, progressTold, reportText } from "../stage-report.ts";

export interface CurateEnvironmentOptions extends CurationOptions {
  readonly fromWorkflow?: boolean;
  readonly only?: string;
  readonly workers: number;
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
  await using _ = await claimCuration(folder);
  const rows = await readKept(folder, "split", splitRow);
  const isAsked = askedOf(rows, options.only);
  const stage = environmentStage({
    ...{ treeOf: treeOf(options), fromWorkflow, attemptsFolder: join(folder, "environment", "attempts") },
    runs: await openTreeRuns(options, context),
  });
  const run = { folder, workers, signal, isAsked, onProgress: progressTold(out) };
  const { report } = await runStage(stage, rows, run);
  out.result({ ...report, folder }, () => reportText(folder, report));
  return exitOf(report);
}
