// `arena a1 bench`: a pair against each of its models alone, against chance and against lockstep, on the same questions.
import { basename } from "node:path";
import { UsageError } from "../../domain/fault.ts";
import { seededRandom } from "../../domain/random.ts";
import {
  type ArmName,
  armNames,
  type BenchReport,
  decidingOf,
  fingerprintOf,
  openLedger,
  openPairEngines,
  pairSettingsOf,
  runBench,
  stopRuleNamed,
  systemClock,
} from "../../inference/index.ts";
import { pairDeps } from "../../wire.ts";
import { interval, qualityTable } from "../a1-tables.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";
import { readPair, readQuestions } from "../pair-file.ts";

export interface A1BenchOptions {
  readonly pair: string;
  readonly dataset: string;
  readonly arms: string;
  readonly samples?: number;
  readonly questions?: number;
  readonly maxTokens: number;
  readonly stop: string;
  readonly atOnce: number;
  readonly resamples: number;
  readonly seed: string;
  readonly bare?: boolean;
  readonly scoreAnswers?: boolean;
  readonly ledger?: string;
}

function armsIn(list: string): ArmName[] {
  return list.split(",").map((written) => {
    const name = armNames.find((each) => each === written.trim());
    if (name === undefined)
      throw new UsageError(`expected arms of ${armNames.join(", ")}, found "${written}"`);
    return name;
  });
}

function ruleOf(name: string) {
  try {
    return stopRuleNamed(name);
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

export async function a1Bench(options: A1BenchOptions, context: CommandContext): Promise<ExitCode> {
  const { out, signal } = context;
  const arms = armsIn(options.arms);
  const stop = ruleOf(options.stop);
  const configuration = await readPair(options.pair);
  const limit = options.questions === undefined ? {} : { limit: options.questions };
  const questions = await readQuestions(options.dataset, { seed: options.seed, ...limit, note: out.note });
  const settings = {
    ...{ arms, stop, dataset: basename(options.dataset), maxTokens: options.maxTokens },
    ...{ samples: options.samples ?? configuration.samples, temperature: configuration.temperature },
    ...{
      seed: 0,
      scoresAnswers: options.scoreAnswers === true,
      questionsAtOnce: options.atOnce,
      style: options.bare === true ? ("bare" as const) : ("instructed" as const),
    },
  };
  const deps = pairDeps(context);
  const engines = await openPairEngines(configuration, deps);
  const { ledger: _, ...asked } = options;
  const fingerprint = fingerprintOf({ configuration: decidingOf(configuration), ...asked });
  const ledger =
    options.ledger === undefined ? undefined : openLedger(options.ledger, fingerprint, systemClock);
  try {
    const { report } = await runBench(questions, settings, {
      ...{ ...engines, settings: pairSettingsOf(configuration), clock: systemClock, random: deps.random },
      draws: { random: seededRandom(`${options.seed} intervals`), resamples: options.resamples },
      signal,
      ...(ledger === undefined ? {} : { onEvent: ledger.append, before: [...ledger.before] }),
      onProgress: (arm, done, of) => out.progress(`${arm}: ${done} of ${of} questions`),
    });
    out.result(report, () => benchText(report));
    return report.arms.some(({ failed }) => failed.length > 0) ? exitCodes.fault : exitCodes.done;
  } finally {
    ledger?.close();
    await Promise.all([engines.draft.close(), engines.target.close()]);
  }
}

const until = {
  all: "all candidates",
  decided: "until nothing can change it (--stop decided)",
  beta: "until four agree, or as surely (--stop beta)",
  "agree-3": "until three agree (--stop agree-3)",
} as const;

function virtualText({
  settings,
  makespanSeconds,
  gpuSeconds,
  questionSeconds,
}: NonNullable<BenchReport["virtual"]>): string {
  const atOnce = `${settings.concurrency} at once`;
  const seconds = (value: number): string => value.toFixed(2);
  return [
    `the pair's own calls in virtual time, on servers as if they were ${settings.pair} on ${settings.gpu}:`,
    table([
      ["", "without barriers", "in step", "in step / without", "the target alone"],
      ...[
        { name: `seconds of all, ${atOnce}`, ...makespanSeconds },
        { name: `GPU-seconds of all, ${atOnce}`, ...gpuSeconds },
        ...questionSeconds.map(({ stop, ...each }) => ({
          ...{ name: `seconds of one question, ${until[stop]}`, ...each, targetOnly: undefined },
        })),
      ].map(({ name, async: free, turnSync, targetOnly }) => [
        ...[name, seconds(free), seconds(turnSync), seconds(turnSync / free)],
        targetOnly === undefined ? "-" : seconds(targetOnly),
      ]),
    ]),
  ].join("\n");
}

function unscoredText({ name, unscored }: BenchReport["arms"][number]): string[] {
  const counts = Object.entries(unscored).map(([code, count]) => `${count} (${code})`);
  return counts.length === 0
    ? []
    : [`${name}: chunks that could not be scored, and so were handed over: ${counts.join(", ")}`];
}

/** Of the ways that are ranked in banks at all. */
function coldText({ name, coldStarts }: BenchReport["arms"][number]): string[] {
  if (coldStarts === 0 || (name !== "a1" && name !== "random")) return [];
  return [
    `${name}: ${coldStarts} drafts were decided about by chance (cold start: no bank was large enough yet)`,
  ];
}

/** What is over fewer questions than were asked says so. */
function leftOutText({ arms, differences, questions }: BenchReport): string[] {
  const rest = `${questions} questions: an engine failed at the others`;
  const ways = arms.flatMap(({ name, failed }) =>
    failed.length === 0 ? [] : [`${name}: over ${questions - failed.length} of ${rest}`],
  );
  const gains = differences.flatMap(({ one, other, measure, gain }) =>
    gain.n === questions ? [] : [`${one} - ${other}, ${measure}: over ${gain.n} of ${rest}`],
  );
  return [...ways, ...gains];
}

function benchText(report: BenchReport): string {
  const { arms, differences, scores, questions, samples, dataset, virtual } = report;
  const rows = arms.map((arm) => [
    ...[arm.name, interval(arm.pass1), interval(arm.majority), interval(arm.passAll)],
    arm.interventionRate === undefined ? "-" : arm.interventionRate.toFixed(3),
    ...[arm.draftTokens, arm.targetTokens, arm.scoredTokens].map(String),
    ...[arm.seconds, arm.latencySeconds?.p50, arm.latencySeconds?.p95].map((each) => each?.toFixed(2) ?? "-"),
  ]);
  const gains = differences.map(({ one, other, measure, gain }) => [
    `${one} - ${other}`,
    measure === "pass1" ? "pass@1" : `maj@${samples}`,
    interval(gain),
  ]);
  return [
    `${questions} questions of ${dataset}, ${samples} candidates each; intervals of 95 % over questions`,
    table([
      [
        "way",
        "pass@1",
        `maj@${samples}`,
        `pass@${samples}`,
        "handed over",
        "draft tokens",
        "target tokens",
        "scored tokens",
        "seconds",
        "p50 s",
        "p95 s",
      ],
      ...rows,
    ]),
    ...(gains.length === 0 ? [] : [table([["paired difference", "of", "gain"], ...gains])]),
    ...(scores.length === 0 ? [] : [qualityTable(scores)]),
    ...(virtual === undefined ? [] : [virtualText(virtual)]),
    ...arms.flatMap(coldText),
    ...arms.flatMap(unscoredText),
    ...leftOutText(report),
    ...arms.flatMap(({ name, failed }) =>
      failed.map(({ id, because }) => `${name}: ${id} failed: ${because}`),
    ),
  ].join("\n\n");
}
