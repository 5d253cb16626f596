// How many decisions a second the calibrator takes with a full bank: `node --import tsx bench/a1-decisions.ts [--json]`.
import {
  Calibrator,
  type CalibratorSettings,
  type ChunkFacts,
  defaultCalibratorSettings,
} from "../src/inference/a1/calibrator.ts";
import { uniformOf } from "../src/inference/a1/keyed-random.ts";
import { spread } from "./figures.ts";

/** Asked for: a question's decisions must not be felt beside a model's. */
const wantedPerSecond = 50_000;
const bankSizes = [1_000, 10_000, 100_000];
/** Decisions in one measurement, and measurements of a row. */
const decisions = 20_000;
const rounds = 7;

interface Row {
  readonly bankSize: number;
  readonly isAdaptive: boolean;
  /** Of one core's time, garbage collection included: whatever else the machine does. */
  readonly perSecond: ReturnType<typeof spread>;
}

/** Scores are drawn beforehand: whoever has a model has its scores, and only the decision is measured. */
function chunksOf(count: number, name: string): ChunkFacts[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ pair: "draft>target", task: "bench", question: `${name} ${at >> 4}`, sample: at & 15 },
    ...{ turn: at % 7, attempt: 0, nonconformity: uniformOf(name, at) },
  }));
}

function play(calibrator: Calibrator, chunks: readonly ChunkFacts[]): void {
  for (const chunk of chunks) calibrator.decide(calibrator.issue(), chunk);
}

function measured(bankSize: number, isAdaptive: boolean): Row {
  const { banks } = defaultCalibratorSettings;
  const settings: CalibratorSettings = {
    ...defaultCalibratorSettings,
    ...(isAdaptive ? {} : { step: 0, auditShare: 0 }),
    banks: { ...banks, epochsKept: Math.ceil(bankSize / banks.epochSize) },
  };
  const calibrator = new Calibrator(settings);
  // All epochs that are kept, so that each that closes drives one out.
  play(calibrator, chunksOf(bankSize + 2 * banks.epochSize, "fill"));
  const perSecond = Array.from({ length: rounds }, (_, round) => {
    const chunks = chunksOf(decisions, `round ${round}`);
    const started = process.cpuUsage();
    play(calibrator, chunks);
    const { user, system } = process.cpuUsage(started);
    return decisions / ((user + system) / 1e6);
  });
  return { bankSize, isAdaptive, perSecond: spread(perSecond) };
}

/** Processor time of the calibrator alone, its ledger aside. */
const rows = bankSizes.flatMap((size) => [measured(size, true), measured(size, false)]);
if (process.argv.includes("--json")) console.log(JSON.stringify({ wantedPerSecond, rows }, null, 2));
else
  for (const { bankSize, isAdaptive, perSecond } of rows) {
    const { low, median, high } = perSecond;
    const [shown, from, to] = [median, low, high].map((each) => Math.round(each / 1000));
    console.log(
      `${`${bankSize}`.padStart(7)} scores, ${isAdaptive ? "adaptive, audited" : "fixed level      "}: ${shown} (${from} to ${to}) thousand decisions a core-second`,
    );
  }
if (rows.some(({ perSecond }) => perSecond.low < wantedPerSecond)) {
  console.error(
    `expected at least ${wantedPerSecond} decisions a core-second in every row: not as asked for`,
  );
  process.exitCode = 1;
}
