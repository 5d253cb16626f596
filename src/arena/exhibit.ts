// Reads a round's evidence back for people to look at: files that are missing or damaged are said, never fatal.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import type { ExhibitRun, LogJob, LogStep, RoundExhibit, RunLog } from "../domain/exhibit.ts";
import { unsafePath } from "../domain/paths.ts";
import type { Role, RoundRow } from "../domain/run.ts";
import { type JudgedRun, parseJudgedRun, parseRoundEvidence, type RoundEvidence } from "../grading/index.ts";
import { exchangeSchema } from "./drive.ts";
import { panelLabel } from "./verdict-files.ts";

/** Of stdout and of stderr of one step, characters: what a person reads of a log is its end. */
const maxLogChars = 60_000;
/** Baseline runs of so many files are kept: battles are read instance by instance. */
const maxKeptRuns = 32;

const verdictShape = z.object({ runs: z.record(z.string(), z.string()) });

const execShape = z.object({ kind: z.literal("exec"), label: z.string(), argv: z.array(z.string()) });
const transcriptShape = z.object({
  jobs: z.array(
    z.object({
      context: z.object({ job: z.object({ name: z.string(), run: z.string() }) }),
      exchanges: z.array(exchangeSchema),
    }),
  ),
  judged: z.unknown(),
});

type ExecResult = Extract<z.infer<typeof exchangeSchema>["result"], { kind: "exec" }>;

function outcomeText({ outcome }: ExecResult): string {
  if (outcome.kind === "exited") return `exited ${outcome.code}`;
  return outcome.kind === "signaled"
    ? `killed by signal ${outcome.signal}`
    : outcome.kind.replaceAll("-", " ");
}

function stepOf({ step, result }: z.infer<typeof exchangeSchema>): LogStep[] {
  const asked = execShape.safeParse(step);
  if (!asked.success || result.kind !== "exec") return [];
  const [stdout, stderr] = [result.stdout.slice(-maxLogChars), result.stderr.slice(-maxLogChars)];
  const shownBytes = Buffer.byteLength(stdout) + Buffer.byteLength(stderr);
  return [
    {
      label: asked.data.label,
      argv: asked.data.argv,
      outcome: outcomeText(result),
      seconds: result.wallMs / 1000,
      ...{ stdout, stderr },
      leftOutBytes: Math.max(0, result.stdoutBytes + result.stderrBytes - shownBytes),
    },
  ];
}

export interface ExhibitOptions {
  /** Prompts are as long as the contestants' windows. */
  readonly withPrompts: boolean;
}

/** The evidence of one run folder, read for show. */
export class Exhibits {
  readonly #folder: string;
  readonly #runs = new Map<string, ExhibitRun>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws nothing for what is missing or damaged: the exhibit says so. */
  round(row: RoundRow, { withPrompts }: ExhibitOptions): RoundExhibit {
    const folder = `battles/${row.battleId}/round-${row.round}`;
    const missing: string[] = [];
    const from = <T>(name: string, read: (path: string) => T): T | undefined => {
      try {
        return read(`${folder}/${name}`);
      } catch (error) {
        missing.push(`${folder}/${name} cannot be read: ${whyNot(error)}`);
        return undefined;
      }
    };
    const patch = from("submission.patch", (path) => this.#text(path));
    const tests = from("review.patch", (path) => this.#text(path));
    const evidence = from("evidence.json.gz", (path) => parseRoundEvidence(this.#transcript(path)));
    const verdict = from("verdict.json", (path) => verdictShape.parse(JSON.parse(this.#text(path))));
    const prompt = (role: Role, context: unknown): Partial<Record<Role, string>> => {
      if (!withPrompts || context === undefined) return {};
      const text = from(`${role}-prompt.md`, (path) => this.#text(path));
      return text === undefined ? {} : { [role]: text };
    };
    const prompts = {
      ...prompt("submitter", row.submitterContext),
      ...prompt("reviewer", row.reviewerContext),
    };
    const files = verdict?.runs ?? {};
    return {
      ...(patch === undefined ? {} : { patch }),
      ...(tests === undefined ? {} : { tests }),
      prompts,
      runs: [...this.#baseline(files, missing), ...(evidence === undefined ? [] : runsOf(evidence, files))],
      failToPass: [...(evidence?.baseline.failToPass ?? [])],
      passToPass: [...(evidence?.baseline.passToPass ?? [])],
      missing,
    };
  }

  /** What ran in one judged run, step by step; undefined where its file is missing or damaged. */
  log(log: string): RunLog | undefined {
    try {
      const { jobs, judged } = transcriptShape.parse(this.#transcript(log));
      const shown = jobs.map(({ context: { job }, exchanges }): LogJob => {
        return { name: job.name, run: job.run, steps: exchanges.flatMap(stepOf) };
      });
      return { log, jobs: shown, report: parseJudgedRun(judged).report };
    } catch {
      return undefined;
    }
  }

  /** B and G are runs of the instance, not of the round: its evidence keeps only what they established. */
  #baseline(files: Readonly<Record<string, string>>, missing: string[]): ExhibitRun[] {
    return ["B", "G"].flatMap((label) => {
      const log = Object.hasOwn(files, label) ? files[label] : undefined;
      if (log === undefined) return [];
      try {
        return [this.#baselineRun(label, log)];
      } catch (error) {
        missing.push(`${log} (the run ${label}) cannot be read: ${whyNot(error)}`);
        return [];
      }
    });
  }

  #baselineRun(label: string, log: string): ExhibitRun {
    const known = this.#runs.get(log);
    if (known !== undefined) return known;
    const { judged } = z.object({ judged: z.unknown() }).parse(this.#transcript(log));
    const run = shownRun(label, parseJudgedRun(judged), log);
    const [oldest] = this.#runs.keys();
    if (oldest !== undefined && this.#runs.size >= maxKeptRuns) this.#runs.delete(oldest);
    this.#runs.set(log, run);
    return run;
  }

  /** Read at once, not asked for and waited on: a board of ten thousand battles reads a hundred thousand files. */
  #bytes(path: string): Buffer {
    // A run folder may come from anybody: its database and its verdicts name files inside it, or none.
    const unsafe = unsafePath(path);
    if (unsafe !== undefined) throw new Error(unsafe);
    return readFileSync(join(this.#folder, path));
  }

  #text(path: string): string {
    return this.#bytes(path).toString("utf8");
  }

  #transcript(path: string): unknown {
    return JSON.parse(gunzipSync(this.#bytes(path)).toString("utf8"));
  }
}

function whyNot(error: unknown): string {
  if (error instanceof z.ZodError) return "it is no evidence of this version";
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return "it is missing";
  return error instanceof Error ? `it is damaged (${error.message.slice(0, 200)})` : "it is damaged";
}

function shownRun(label: string, judged: JudgedRun, log: string | undefined): ExhibitRun {
  return {
    label,
    report: judged.report,
    ...(judged.kind === "unjudgeable" ? { control: judged.control } : {}),
    ...(log === undefined ? {} : { log }),
  };
}

function runsOf(
  { submission, review }: RoundEvidence,
  files: Readonly<Record<string, string>>,
): ExhibitRun[] {
  const one = (label: string, run: JudgedRun | undefined): ExhibitRun[] =>
    run === undefined ? [] : [shownRun(label, run, Object.hasOwn(files, label) ? files[label] : undefined)];
  const several = (name: string, runs: readonly JudgedRun[] = []): ExhibitRun[] =>
    runs.flatMap((run, index) => one(`${name} ${index + 1}`, run));
  const submitted =
    submission.kind === "applied"
      ? [...one("P", submission.visible), ...one("P again", submission.again)]
      : [];
  const reviewed =
    review.kind === "applied"
      ? [
          ...several("G+T", review.onGold),
          ...several("P+T", review.onSubmission),
          ...one("B+T", review.onBase),
          ...review.onPanel.flatMap(({ candidate, runs }) => several(panelLabel(candidate), runs)),
        ]
      : [];
  return [...submitted, ...one("P+H", submission.hidden), ...reviewed];
}
