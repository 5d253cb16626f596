// `arena curate environment`: a plan that works for every row that was split, found by trying.
import { join } from "node:path";
import {
  type BaseTree,
  baseTreeOf,
  environmentStage,
  readKept,
  runStage,
  type SplitRow,
  type StageReport,
  splitRow,
} from "../../curation/index.ts";
import { type CurationOptions, curationScratch, locateForCuration, openTreeRuns } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { askedOf, progressTold, stageCommand } from "../stage-report.ts";

export interface CurateEnvironmentOptions extends CurationOptions {
  readonly fromWorkflow?: boolean;
  readonly only?: string;
  readonly workers: number;
}

/** The base tree of a row, wherever its clone lies. */
export function treeOf(options: CurationOptions): (row: SplitRow) => Promise<BaseTree> {
  return async ({ id, repo, split }) => {
    const source = await locateForCuration({ instanceId: id, repo, baseCommit: split.baseCommit }, options);
    return baseTreeOf(source, curationScratch());
  };
}

export async function environmentStep(
  options: CurateEnvironmentOptions,
  context: CommandContext,
): Promise<StageReport> {
  const { folder, workers, fromWorkflow = false } = options;
  const { out, signal } = context;
  const rows = await readKept(folder, "split", splitRow);
  const isAsked = askedOf(rows, options.only);
  const stage = environmentStage({
    ...{ treeOf: treeOf(options), fromWorkflow, attemptsFolder: join(folder, "environment", "attempts") },
    runs: await openTreeRuns(options, context),
  });
  const run = { folder, workers, signal, isAsked, onProgress: progressTold(out) };
  return (await runStage(stage, rows, run)).report;
}

export const curateEnvironment = stageCommand(environmentStep);
