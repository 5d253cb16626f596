// `arena a1 calibrate`: what a pair's scores know, measured on questions with answers, and a score learned from them.
import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { seededRandom } from "../../domain/random.ts";
import {
  type CalibrationReport,
  calibratePair,
  openPairEngines,
  pairSettingsOf,
  stopRuleNamed,
  systemClock,
} from "../../inference/index.ts";
import { pairDeps } from "../../wire.ts";
import { interval, qualityTable } from "../a1-tables.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";
import { readPair, readQuestions } from "../pair-file.ts";

export interface A1CalibrateOptions {
  readonly pair: string;
  readonly dataset: string;
  readonly samples: number;
  readonly questions?: number;
  readonly maxTokens: number;
  readonly atOnce: number;
  readonly resamples: number;
  readonly seed: string;
  readonly bare?: boolean;
  readonly out?: string;
}

export async function a1Calibrate(options: A1CalibrateOptions, context: CommandContext): Promise<ExitCode> {
  const { out, signal } = context;
  const { samples, maxTokens, seed } = options;
  const configuration = await readPair(options.pair);
  const limit = options.questions === undefined ? {} : { limit: options.questions };
  const questions = await readQuestions(options.dataset, { seed, ...limit, note: out.note });
  const deps = pairDeps(context);
  const { draft, target, scorer } = await openPairEngines(configuration, deps);
  try {
    const report = await calibratePair(
      questions,
      {
        ...{ dataset: basename(options.dataset), samples, maxTokens, seed: 0, scoresAnswers: true },
        ...{
          temperature: configuration.temperature,
          stop: stopRuleNamed("all"),
          questionsAtOnce: options.atOnce,
          style: options.bare === true ? "bare" : "instructed",
        },
      },
      {
        ...{ draft, target, scorer, settings: pairSettingsOf(configuration), clock: systemClock },
        ...{ random: deps.random, signal },
        draws: { random: seededRandom(`${seed} intervals`), resamples: options.resamples },
        onProgress: (_, done, of) => out.progress(`${done} of ${of} questions`),
      },
    );
    if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
    out.result(report, () => calibrationText(report));
    return exitCodes.done;
  } finally {
    await Promise.all([draft.close(), target.close()]);
  }
}

function calibrationText(report: CalibrationReport): string {
  const { dataset, questions, samples, draft, scoredChunks, intraclass, effective } = report;
  const clustered =
    intraclass === undefined || effective === undefined
      ? ""
      : `; between questions ${intraclass.toFixed(2)} of its variance, so they are worth ${Math.round(effective)}`;
  return [
    `${questions} questions of ${dataset}, ${samples} drafts each, none handed over: pass@1 ${interval(draft.pass1)}`,
    `${scoredChunks} scored chunks${clustered}`,
    table([
      ["share of chunks", ...report.quantiles.map(({ share }) => share.toFixed(2))],
      ["score at most", ...report.quantiles.map(({ nonconformity }) => nonconformity.toFixed(4))],
    ]),
    qualityTable(report.scores),
    report.learned === undefined
      ? "nothing was learned: answers were all right or all wrong"
      : `learned score, on questions left out: AUC within questions ${interval(report.learnedWithin)}`,
  ].join("\n\n");
}
