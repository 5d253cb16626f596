// `arena curate judge`: how clear and how hard issues are, by what they show and, where one is named, by a model.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  answersCost,
  auditedRow,
  judgeStage,
  readKept,
  runStage,
  type StageReport,
} from "../../curation/index.ts";
import { UsageError } from "../../domain/fault.ts";
import { type JudgeOptions, openJudge } from "../../wire.ts";
import type { CommandContext } from "../command.ts";
import { askedOf, progressTold, stageCommand } from "../stage-report.ts";

export interface CurateJudgeOptions extends JudgeOptions {
  readonly folder: string;
  readonly attempts: number;
  readonly leastClarity: number;
  readonly only?: string;
  readonly workers: number;
}

/** What all answers that lie there had cost. */
async function costIn(answersFolder: string) {
  const names = await readdir(answersFolder).catch(() => []);
  const costs = await Promise.all(names.map((name) => answersCost(join(answersFolder, name))));
  return costs.reduce((sum, { usd, tokens }) => ({ usd: sum.usd + usd, tokens: sum.tokens + tokens }), {
    usd: 0,
    tokens: 0,
  });
}

export async function judgeStep(
  options: CurateJudgeOptions,
  { out, signal }: CommandContext,
): Promise<StageReport> {
  const { folder, attempts, leastClarity, workers } = options;
  if (leastClarity > 3) throw new UsageError(`--least-clarity: expected 0 to 3, found ${leastClarity}`);
  const rows = await readKept(folder, "audit", auditedRow);
  const isAsked = askedOf(rows, options.only);
  const answersFolder = join(folder, "judge", "answers");
  const model = await openJudge(options, await costIn(answersFolder));
  const stage = judgeStage({
    ...{ attempts, leastClarity, answersFolder },
    ...(model === undefined ? {} : { model }),
  });
  const run = { folder, workers, signal, isAsked, onProgress: progressTold(out) };
  const { report, kept } = await runStage(stage, rows, run);
  const unjudged = kept.filter(({ judgement }) => judgement === undefined).length;
  if (unjudged > 0) out.note(`judge: ${unjudged} of ${kept.length} kept rows have no judgement`);
  if (model !== undefined) out.note(`judge: ${model.spent().usd.toFixed(2)} USD spent on this folder so far`);
  return report;
}

export const curateJudge = stageCommand(judgeStep);
