// `arena a1 bench` over the pair that is trained by scripts/pair, its report read back: what claims about it are tested on.
import { join } from "node:path";
import { z } from "zod";
import { arena } from "./command-line.ts";
import { root } from "./source.ts";

export const pairFolder = join(root, "test", "fixtures", "a1-pair");
const pairFile = join(pairFolder, "pair.yaml");
const questionsFile = join(pairFolder, "questions.jsonl");

const interval = z.looseObject({ value: z.number(), low: z.number(), high: z.number() });

const reportSchema = z.object({
  questions: z.number(),
  arms: z.array(
    z.looseObject({
      name: z.string(),
      pass1: interval,
      majority: interval,
      interventionRate: z.number().optional(),
      unchecked: z.number(),
      unscored: z.record(z.string(), z.number()),
      failed: z.array(z.unknown()),
    }),
  ),
  differences: z.array(z.object({ one: z.string(), other: z.string(), measure: z.string(), gain: interval })),
  scores: z.array(z.looseObject({ score: z.string(), over: z.string(), within: interval.optional() })),
  virtual: z
    .looseObject({
      makespanSeconds: z.object({ async: z.number(), turnSync: z.number() }),
      questionSeconds: z.array(z.object({ stop: z.string(), async: z.number(), turnSync: z.number() })),
    })
    .optional(),
});

export type PairReport = z.infer<typeof reportSchema>;

/** What either command asks the pair's fixture with, whoever serves it. */
export const pairArguments = (
  command: "bench" | "calibrate",
  more: readonly string[],
  file = pairFile,
): string[] => [
  ...["a1", command, file, "--dataset", questionsFile],
  ...["--bare", "--max-tokens", "240", ...more],
];

export const benchArguments = (more: readonly string[], file = pairFile): string[] =>
  pairArguments("bench", ["--score-answers", ...more], file);

export const pairBench = (...more: readonly string[]): Promise<PairReport> => benchOf(pairFile, more);

export async function benchOf(file: string, more: readonly string[]): Promise<PairReport> {
  const { code, stdout, stderr } = await arena(...benchArguments(more, file), "--json");
  if (code !== 0) throw new Error(`arena a1 bench ended with ${code}: ${stderr}`);
  return reportSchema.parse(JSON.parse(stdout));
}

export function armIn({ arms }: PairReport, name: string): PairReport["arms"][number] {
  const arm = arms.find((each) => each.name === name);
  if (arm === undefined) throw new Error(`expected an arm ${name}, found ${arms.map((each) => each.name)}`);
  return arm;
}

/** Of the first arm over another. */
export function gainIn(
  { differences }: PairReport,
  other: string,
  measure: string,
): z.infer<typeof interval> {
  const found = differences.find((each) => each.other === other && each.measure === measure);
  if (found === undefined) throw new Error(`expected a difference to ${other} of ${measure}, found none`);
  return found.gain;
}

export function secondsIn({ virtual }: PairReport, stop: string): { async: number; turnSync: number } {
  const found = virtual?.questionSeconds.find((each) => each.stop === stop);
  if (found === undefined) throw new Error(`expected virtual seconds of ${stop}, found none`);
  return found;
}

/** What was found, for whoever reads the test's output. */
export function figuresIn({ questions, arms, differences, virtual }: PairReport): string {
  const told = ({ value, low, high }: z.infer<typeof interval>): string =>
    `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  return [
    `${questions} questions`,
    ...arms.map(({ name, pass1, majority }) => `${name}: pass@1 ${told(pass1)}, majority ${told(majority)}`),
    ...differences.map(({ one, other, measure, gain }) => `${one} - ${other}, ${measure}: ${told(gain)}`),
    ...(virtual?.questionSeconds ?? []).map(
      ({ stop, async: free, turnSync }) =>
        `one question, ${stop}: ${free.toFixed(2)} s, in step ${turnSync.toFixed(2)} s`,
    ),
  ].join("\n");
}
