// Runs the forging corpora of the compiled languages: a repository, files laid over it, hidden tests, one runner.
import { fileURLToPath } from "node:url";
import type { SandboxProvider } from "../../sandboxes/index.ts";
import type { Job, Language } from "../../src/domain/instance.ts";
import { forgery, type JobReport } from "../../src/domain/report.ts";
import type { Runner } from "../../src/grading/index.ts";
import { driveFiles } from "../support/drive.ts";

/** Whole files laid over the repository, by path. */
export type Files = Readonly<Record<string, string>>;

/**
 * One entry of a corpus. `refused`: never resolved, whether seen as forged or not. `forged`: must be seen as forged.
 * For a review, `no-kill` demands that no check passes on gold and fails on another correct fix unless a run is forged.
 */
export interface CorpusEntry {
  readonly id: string;
  readonly kind: "submission" | "review" | "control";
  readonly files: Files;
  readonly expectation: "forged" | "refused" | "resolved" | "unresolved" | "no-kill";
  readonly what: string;
}

export interface Corpus {
  readonly language: Language;
  readonly repository: string;
  readonly job: Job;
  readonly runner: Runner;
  readonly hidden: Files;
  readonly gold: Files;
  readonly otherFix: Files;
  readonly entries: readonly CorpusEntry[];
  /** Layer folders below the repository, such as a build cache that is already warm. */
  readonly below?: readonly string[];
}

/** Runs the corpus's job over its repository with `overlays` laid over it, in order. */
export async function runCorpusJob(
  provider: SandboxProvider,
  corpus: Corpus,
  overlays: readonly Files[],
  seed: string,
): Promise<JobReport> {
  const { report } = await driveFiles({
    provider,
    seed,
    runner: corpus.runner,
    language: corpus.language,
    run: corpus.job.run,
    folder: fileURLToPath(new URL(`repos/${corpus.repository}`, import.meta.url)),
    files: Object.assign({}, ...overlays),
    timeoutMs: corpus.job.timeoutSeconds * 1000,
    below: corpus.below ?? [],
  });
  return report;
}

const passedIn = (report: JobReport): Set<string> =>
  new Set(report.checks.filter(({ status }) => status === "passed").map(({ id }) => id));

/** What an honest judge needs to know of the instance: measured once on base and gold, hidden tests applied. */
export interface Measured {
  readonly failToPass: ReadonlySet<string>;
  readonly passToPass: ReadonlySet<string>;
  /** Checks whose twins do not fail on these trees. */
  readonly deaf: ReadonlySet<string>;
}

/** Why a report is forged, if it is. */
export function forgeryOf(report: JobReport, { deaf }: Pick<Measured, "deaf">): string | undefined {
  return forgery({ jobs: [report] }, deaf);
}

export async function measure(provider: SandboxProvider, corpus: Corpus): Promise<Measured> {
  const onBase = await runCorpusJob(provider, corpus, [corpus.hidden], "base");
  const onGold = await runCorpusJob(provider, corpus, [corpus.gold, corpus.hidden], "gold");
  const [base, gold] = [passedIn(onBase), passedIn(onGold)];
  return {
    deaf: new Set([...(onBase.deaf ?? []), ...(onGold.deaf ?? [])]),
    failToPass: new Set([...gold].filter((id) => !base.has(id))),
    passToPass: new Set([...gold].filter((id) => base.has(id))),
  };
}

/** DESIGN 4.2 on one report: all that must be fixed is, nothing that must stay is broken. */
export function isResolved(report: JobReport, measured: Measured): boolean {
  const { failToPass, passToPass } = measured;
  const passed = passedIn(report);
  const wanted = [...failToPass, ...passToPass];
  return (
    failToPass.size > 0 && forgeryOf(report, measured) === undefined && wanted.every((id) => passed.has(id))
  );
}

/** Checks that pass on gold and not on another correct fix: what a review would kill with. */
export function unjustKills(onGold: JobReport, onOther: JobReport): string[] {
  if (onGold.forged !== undefined || onOther.forged !== undefined) return [];
  const kept = passedIn(onOther);
  const deaf = new Set(onGold.deaf);
  return [...passedIn(onGold)].filter((id) => !kept.has(id) && !deaf.has(id));
}
