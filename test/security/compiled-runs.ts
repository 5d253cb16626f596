// Runs the forging corpora of the compiled languages: a repository, files laid over it, hidden tests, one runner.
import { chown, cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultLimits, type SandboxProvider } from "../../sandboxes/index.ts";
import { drive } from "../../src/arena/drive.ts";
import type { Job, Language } from "../../src/domain/instance.ts";
import { isTestPath } from "../../src/domain/paths.ts";
import { seededRandom } from "../../src/domain/random.ts";
import type { JobReport } from "../../src/domain/report.ts";
import type { Runner } from "../../src/grading/index.ts";

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
}

const judgedUser = 65_534;

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

async function layerOf(corpus: Corpus, overlays: readonly Files[]): Promise<string> {
  const layer = await mkdtemp(join(tmpdir(), "arena-corpus-"));
  const work = join(layer, "work");
  await cp(fileURLToPath(new URL(`repos/${corpus.repository}`, import.meta.url)), work, { recursive: true });
  for (const [path, text] of overlays.flatMap((files) => Object.entries(files))) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), text);
  }
  for (const entry of await readdir(layer, { recursive: true })) {
    await chown(join(layer, entry), judgedUser, judgedUser);
  }
  await chown(layer, judgedUser, judgedUser);
  return layer;
}

/** Runs the corpus's job over its repository with `overlays` laid over it, in order. */
export async function runCorpusJob(
  provider: SandboxProvider,
  corpus: Corpus,
  overlays: readonly Files[],
  seed: string,
): Promise<JobReport> {
  const layer = await layerOf(corpus, overlays);
  try {
    const files = await filesBelow(join(layer, "work"));
    const env = await provider.imageEnv(corpus.language);
    const { job } = corpus;
    const program = corpus.runner.program({
      job,
      files,
      trustedTestFiles: files.filter((path) => isTestPath(path, corpus.language)),
      random: seededRandom(seed),
      timeoutMs: job.timeoutSeconds * 1000,
      env: { ...env, ...job.env },
    });
    const layers = [layer];
    await using sandbox = await provider.open({
      run: "corpus",
      image: corpus.language,
      layers,
      network: "none",
      limits: defaultLimits,
    });
    return (await drive(program, sandbox, new AbortController().signal)).report;
  } finally {
    await rm(layer, { recursive: true, force: true });
  }
}

const passedIn = (report: JobReport): Set<string> =>
  new Set(report.checks.filter(({ status }) => status === "passed").map(({ id }) => id));

/** What an honest judge needs to know of the instance: measured once on base and gold, hidden tests applied. */
export interface Measured {
  readonly failToPass: ReadonlySet<string>;
  readonly passToPass: ReadonlySet<string>;
}

export async function measure(provider: SandboxProvider, corpus: Corpus): Promise<Measured> {
  const base = passedIn(await runCorpusJob(provider, corpus, [corpus.hidden], "base"));
  const gold = passedIn(await runCorpusJob(provider, corpus, [corpus.gold, corpus.hidden], "gold"));
  return {
    failToPass: new Set([...gold].filter((id) => !base.has(id))),
    passToPass: new Set([...gold].filter((id) => base.has(id))),
  };
}

/** DESIGN 4.2 on one report: all that must be fixed is, nothing that must stay is broken. */
export function isResolved(report: JobReport, { failToPass, passToPass }: Measured): boolean {
  const passed = passedIn(report);
  const wanted = [...failToPass, ...passToPass];
  return failToPass.size > 0 && report.forged === undefined && wanted.every((id) => passed.has(id));
}

/** Checks that pass on gold and not on another correct fix: what a review would kill with. */
export function unjustKills(onGold: JobReport, onOther: JobReport): string[] {
  if (onGold.forged !== undefined || onOther.forged !== undefined) return [];
  const kept = passedIn(onOther);
  return [...passedIn(onGold)].filter((id) => !kept.has(id));
}
