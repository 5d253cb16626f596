// Judges a stored round again: runner programs are fed their stored answers, then today's rules are applied.
import { z } from "zod";
import { type Instance, type Job, runnerNames } from "../domain/instance.ts";
import type { RoundRecord } from "../domain/record.ts";
import type { RunReport } from "../domain/report.ts";
import type { JudgementRow, RoundRow } from "../domain/run.ts";
import {
  type Baseline,
  type JudgedRun,
  judge,
  type MutantRuns,
  type ProbedRuns,
  parseJudgedRun,
  parseRoundEvidence,
  type ReviewEvidence,
  type RoundEvidence,
  type Runner,
  readBaseline,
} from "../grading/index.ts";
import { exchangeSchema, redrive } from "./drive.ts";
import { type Evidence, EvidenceFault } from "./evidence.ts";
import { judgementFolder } from "./judge-prediction.ts";
import { drawsOf } from "./judging.ts";
import { probeLabel } from "./probe.ts";
import { readJury } from "./settle.ts";
import { mutantLabel, panelLabel } from "./verdict-files.ts";

const strings = z.record(z.string(), z.string());

const jobSchema = z.object({
  name: z.string(),
  run: z.string(),
  runner: z.enum(runnerNames),
  timeoutSeconds: z.number(),
  env: strings,
  tags: z.array(z.string()),
});

const runSchema = z.object({
  seed: z.string(),
  twinSeed: z.string(),
  jobs: z.array(
    z.object({
      context: z.object({
        job: jobSchema,
        files: z.array(z.string()),
        trustedTestFiles: z.array(z.string()),
        timeoutMs: z.number(),
        env: strings,
      }),
      exchanges: z.array(exchangeSchema),
    }),
  ),
  judged: z.unknown(),
});

const verdictSchema = z.object({ runs: z.record(z.string(), z.string()) });

export interface RejudgeDeps {
  readonly evidence: Evidence;
  readonly runnerFor: (job: Job) => Runner;
}

/** A run read again by today's runner; undefined when that would ask other questions. */
async function reread(file: string, deps: RejudgeDeps): Promise<JudgedRun | undefined> {
  const stored = runSchema.parse(await deps.evidence.readTranscript(file));
  const judged = parseJudgedRun(stored.judged);
  const jobs = stored.jobs.map(({ context, exchanges }) => {
    const draws = drawsOf(context.job, stored);
    return redrive(deps.runnerFor(context.job).program({ ...context, ...draws }), exchanges);
  });
  if (jobs.some((job) => job === undefined)) return undefined;
  return { ...judged, report: { jobs: jobs.filter((job) => job !== undefined) } };
}

/** Every run of the stored evidence, read again under its label in verdict.json. */
class Rereading {
  readonly #files: Readonly<Record<string, string>>;
  readonly #deps: RejudgeDeps;
  /** Some run can only be taken as it was read then: two readings of one round must not be mixed. */
  isPartial = false;

  constructor(files: Readonly<Record<string, string>>, deps: RejudgeDeps) {
    this.#files = files;
    this.#deps = deps;
  }

  async run(label: string, stored: JudgedRun): Promise<JudgedRun> {
    const file = Object.hasOwn(this.#files, label) ? this.#files[label] : undefined;
    const again = file === undefined ? undefined : await reread(file, this.#deps);
    this.isPartial ||= again === undefined;
    return again ?? stored;
  }

  runs(name: string, stored: readonly JudgedRun[]): Promise<JudgedRun[]> {
    return Promise.all(stored.map((run, index) => this.run(`${name} ${index + 1}`, run)));
  }

  async submission(stored: RoundEvidence["submission"]): Promise<RoundEvidence["submission"]> {
    const hidden = stored.hidden === undefined ? {} : { hidden: await this.run("P+H", stored.hidden) };
    if (stored.kind === "rejected") return { ...stored, ...hidden };
    const visible = await this.run("P", stored.visible);
    const again = stored.again === undefined ? {} : { again: await this.run("P again", stored.again) };
    return { kind: "applied", visible, ...again, ...hidden };
  }

  /** What the instance's own runs establish under today's rules. */
  async baseline(instance: Instance): Promise<Baseline> {
    const states = instance.oracle === "tests" ? ["B", "G", "B+H", "G+H"] : ["B", "G"];
    const reports = async (state: string): Promise<RunReport[]> => {
      if (!states.includes(state)) return [];
      const file = Object.hasOwn(this.#files, state) ? this.#files[state] : undefined;
      const again = file === undefined ? undefined : await reread(file, this.#deps);
      this.isPartial ||= again === undefined;
      return again === undefined ? [] : [again.report];
    };
    return readBaseline(instance, {
      base: await reports("B"),
      gold: await reports("G"),
      baseHidden: await reports("B+H"),
      goldHidden: await reports("G+H"),
    });
  }

  async review(stored: ReviewEvidence): Promise<ReviewEvidence> {
    if (stored.kind !== "applied") return stored;
    const { onSubmission, onBase, onMutants, onProbed } = stored;
    const panel = stored.onPanel.map(async (met) => ({
      ...met,
      runs: await this.runs(panelLabel(met.candidate), met.runs),
    }));
    return {
      ...stored,
      onGold: await this.runs("G+T", stored.onGold),
      ...(onSubmission === undefined ? {} : { onSubmission: await this.runs("P+T", onSubmission) }),
      ...(onBase === undefined ? {} : { onBase: await this.run("B+T", onBase) }),
      onPanel: await Promise.all(panel),
      ...(onMutants === undefined ? {} : { onMutants: await this.mutants(onMutants) }),
      ...(onProbed === undefined ? {} : { onProbed: await this.probed(onProbed) }),
    };
  }

  async mutants({ met, leftOut }: MutantRuns): Promise<MutantRuns> {
    const again = met.map(async (each) => ({
      ...each,
      runs: await this.runs(mutantLabel(each.mutant), each.runs),
    }));
    return { met: await Promise.all(again), leftOut };
  }

  async probed({ changeOf, runs }: ProbedRuns): Promise<ProbedRuns> {
    const again = runs.map(async ({ test, run }) => ({
      ...(test === undefined ? {} : { test }),
      run: await this.run(probeLabel(changeOf, test), run),
    }));
    return { changeOf, runs: await Promise.all(again) };
  }
}

/**
 * The record today's rules give for a stored round.
 * @throws EvidenceFault when its files are gone, damaged, or of another version
 */
export async function rejudgeRound(
  row: RoundRow,
  instance: Instance,
  deps: RejudgeDeps,
): Promise<RoundRecord> {
  const folder = `battles/${row.battleId}/round-${row.round}`;
  const record = await rejudged(folder, instance, deps);
  // Gold and the panel are in the round's own evidence; who else settled it is in the jury's file alone.
  const known = 1 + row.record.panel.filter(({ label }) => label === "resolved").length;
  const isJuryGone = (row.record.settlement?.of ?? 0) > known && record.settlement === undefined;
  if (isJuryGone && record.contested) {
    const message = `the jury that settled ${folder} is missing: judged again, its kill would be open`;
    throw new EvidenceFault("evidence-missing", message, { retryable: false });
  }
  return record;
}

/** The same for a stored judgement of a prediction. @throws EvidenceFault */
export function rejudgeJudgement(
  row: JudgementRow,
  instance: Instance,
  deps: RejudgeDeps,
): Promise<RoundRecord> {
  return rejudged(judgementFolder(row), instance, deps);
}

async function rejudged(folder: string, instance: Instance, deps: RejudgeDeps): Promise<RoundRecord> {
  try {
    const stored = parseRoundEvidence(await deps.evidence.readTranscript(`${folder}/evidence.json.gz`));
    const { runs } = verdictSchema.parse(await deps.evidence.readJson(`${folder}/verdict.json`));
    const rereading = new Rereading(runs, deps);
    const submission = await rereading.submission(stored.submission);
    const review = await rereading.review(stored.review);
    // A round that a fault ended may have nothing to read the instance's own runs from.
    const baseline = stored.fault === undefined ? await rereading.baseline(instance) : stored.baseline;
    const jury = await readJury(folder, deps.evidence);
    const whole = jury === undefined ? stored : { ...stored, jury };
    return judge(instance, rereading.isPartial ? whole : { ...whole, baseline, submission, review });
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause;
    const message = `the evidence of ${folder} is of another version or damaged`;
    throw new EvidenceFault("evidence-damaged", message, { retryable: false, cause });
  }
}
