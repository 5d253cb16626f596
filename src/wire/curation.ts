// What curation takes from the world: clones, and judged runs of an instance's own trees in the sandboxes of this machine.
import { randomBytes } from "node:crypto";
import { lstat, mkdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { scratchFolder } from "../../sandboxes/index.ts";
import {
  type Case,
  CaseFault,
  candidateOfPatch,
  Judging,
  limitsOf,
  openCase,
  PreparationFault,
  type RunSubmission,
  type SessionOptions,
  type State,
  type StateEvidence,
  slots,
  submissionRuns,
} from "../arena/index.ts";
import {
  containerFiles,
  type FoundFile,
  locateRepository,
  type NoRun,
  type OwnState,
  type TreeRuns,
  type Variation,
} from "../curation/index.ts";
import { UsageError } from "../domain/fault.ts";
import type { Instance } from "../domain/instance.ts";
import { isBrought, Repository } from "../git/index.ts";
import { type RunVariation, runnerFor } from "../grading/index.ts";
import { cacheFolder, now, stateFolder, type WireContext } from "./environment.ts";
import { lifeOfProcess, type StoreOwner, thisProcess } from "./process.ts";
import { sandboxesOf } from "./sandboxes.ts";

export interface CurationOptions extends Pick<SessionOptions, "repos" | "sandbox" | "memory" | "sandboxes"> {
  /** The curation's folder. */
  readonly folder: string;
}

async function treeOf({ repository, baseTree, goldTree, hidden }: Case, state: OwnState): Promise<string> {
  const tree = state.startsWith("B") ? baseTree : goldTree;
  return state.endsWith("+H") ? repository.withFiles(tree, hidden) : tree;
}

/** What a run differs in, as the clock of this host has it now. */
async function variationOf(of: Case, { orderSeed, load, clockAtBase }: Variation): Promise<RunVariation> {
  const [base] = clockAtBase === true ? await of.repository.log(of.baseCommit, { atMost: 1 }) : [];
  return {
    ...(orderSeed === undefined ? {} : { orderSeed }),
    ...(load === undefined ? {} : { load }),
    ...(base === undefined ? {} : { clockOffsetSeconds: Math.round(base.committedAt - now() / 1000) }),
  };
}

/** Of an instance that some row is made of, wherever its clone lies. @throws RepositoryFault, GitFault */
export function locateForCuration(
  instance: Pick<Instance, "instanceId" | "repo" | "baseCommit">,
  { folder, repos }: CurationOptions,
) {
  const clones = repos ?? clonesFolder(resolve(folder));
  return locateRepository(instance, {
    set: { folder: resolve(folder) },
    cache: cacheFolder(),
    repos: clones,
  });
}

/** The clones that rows were mined from, by repository. */
const clonesFolder = (folder: string): string => join(folder, "clones");

/** @throws GitFault repository-missing */
export const openClone = (path: string): Promise<Repository> => Repository.open(path, curationScratch());

/** Where the clone of a repository is looked for. */
export const clonePath = (folder: string, repo: string): string =>
  join(clonesFolder(resolve(folder)), repo.replace("/", "+"));

/**
 * That a clone is found again by every later stage, wherever it lies.
 * @throws UsageError where a folder of somebody's stands in the link's place
 */
export async function linkClone(folder: string, repo: string, path: string): Promise<void> {
  const link = clonePath(folder, repo);
  await mkdir(clonesFolder(resolve(folder)), { recursive: true });
  const stands = await lstat(link).catch(() => undefined);
  if (stands?.isDirectory() === true) {
    // It is the one that was named, and there is nothing to link.
    if ((await realpath(path)) === (await realpath(link))) return;
    // Only what was brought from its host can be brought again.
    if (!(await isBrought(link)))
      throw new UsageError(
        `${link}: expected nothing or a link, found a folder that was not brought from a host: move it away`,
      );
  }
  await rm(link, { recursive: true, force: true });
  await symlink(resolve(path), link);
}

/** An instance that a row is, opened. @throws CaseFault, RepositoryFault, GitFault */
export async function caseForCuration(instance: Instance, options: CurationOptions): Promise<Case> {
  return openCase(instance, await locateForCuration(instance, options), cacheFolder());
}

/** @throws SandboxFault where no sandbox can be had here */
async function openJudging(options: CurationOptions, context: WireContext) {
  const run = resolve(options.folder);
  await mkdir(run, { recursive: true });
  const sandboxes = await sandboxesOf(options, run, context);
  if (context.ownsProcess === true) process.env.TMPDIR = await scratchFolder(stateFolder());
  const judging = new Judging({
    ...{ sandboxes, cache: cacheFolder(), run, now, limits: limitsOf(options), signal: context.signal },
    runnerFor: (job) => runnerFor(job.runner),
    seed: randomBytes(16).toString("hex"),
    slots: slots(options.sandboxes ?? availableParallelism()),
  });
  return { judging, sandboxes };
}

/** Of the last command alone, and of that the end. */
function lastWords(exchanges: StateEvidence["jobs"][number]["exchanges"]): string {
  const last = exchanges.findLast(({ result }) => result.kind === "exec")?.result;
  return last?.kind === "exec" ? `${last.stdout}${last.stderr}`.trim().slice(-400) : "";
}

/** @throws SandboxFault where no sandbox can be had here */
export async function openTreeRuns(options: CurationOptions, context: WireContext): Promise<TreeRuns> {
  const { judging } = await openJudging(options, context);
  const stateOf = async (of: Case, name: OwnState, repeat: number): Promise<State> => {
    const tree = await treeOf(of, name);
    return { name, tree, repeat, comparison: "single", withLint: !name.endsWith("+H") };
  };
  const judgedRun = async (of: Case, state: State) => judging.judged(of, await judging.run(of, state));
  return {
    tryPlan: (instance, tree) =>
      orNone(async () => {
        const of = await caseForCuration(instance, options);
        const state = await stateOf(of, tree === "base" ? "B" : "G+H", 1);
        const { report, jobs } = await judging.run(of, { ...state, withLint: true });
        const said = new Map(jobs.map(({ job, exchanges }) => [job.name, lastWords(exchanges)]));
        return { kind: "ran", report, said };
      }),
    run: (instance, name, variation) =>
      orNone(async () => {
        const of = await caseForCuration(instance, options);
        const state = await stateOf(of, name, variation.repeat);
        const varied = { ...state, variation: await variationOf(of, variation) };
        const done = await judging.run(of, varied);
        if (done.varied === undefined) throw new Error("bug: a varied run tells nothing of itself");
        return { kind: "ran", judged: await judging.judged(of, done), ...done.varied };
      }),
    submission: (instance, patch, baseline) =>
      orNone(async () => {
        const of = await caseForCuration(instance, options);
        const run: RunSubmission = (state) => judgedRun(of, { ...state, comparison: "single" });
        return submissionRuns(of, await candidateOfPatch(of, patch), { baseline, run });
      }),
  };
}

/**
 * Tells every text file of the container an instance is judged in, as its plan prepares it.
 * @throws SandboxFault, also where no sandbox can be had here; PreparationFault, CaseFault
 */
export async function openContainerReader(options: CurationOptions, context: WireContext) {
  const { judging, sandboxes } = await openJudging(options, context);
  return async (
    instance: Instance,
    onFile: (file: FoundFile) => void,
    signal: AbortSignal,
  ): Promise<void> => {
    const { image } = instance.ci;
    const { layers } = await judging.prepared(await caseForCuration(instance, options));
    const env = await sandboxes.imageEnv(image);
    await judging.inSandbox({ image, layers, network: "none" }, async (sandbox) => {
      for await (const file of containerFiles(sandbox, env, signal)) onFile(file);
    });
  };
}

/** What is the instance's or the plan's own is an answer; all else is thrown. */
async function orNone<T>(work: () => Promise<T>): Promise<T | NoRun> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PreparationFault) return { kind: "not-prepared", detail: error.message };
    if (error instanceof CaseFault && error.code === "unsound-instance")
      return { kind: "unsound", detail: error.message };
    throw error;
  }
}

const ownerSchema = z.strictObject({ host: z.string(), pid: z.int(), startedAt: z.string() });

/** Whoever holds it; undefined where the file went meanwhile, or was being written when its process was killed. */
async function ownerIn(file: string): Promise<StoreOwner | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  if (text.trim() === "") return undefined;
  const read = ownerSchema.safeParse(JSON.parse(text));
  return read.success ? read.data : undefined;
}

/**
 * One process works on a folder at a time: two would cut off each other's journals.
 * @throws UsageError while another one that lives, or may live, has it
 */
export async function claimCuration(folder: string): Promise<AsyncDisposable> {
  const file = join(resolve(folder), "owner.json");
  await mkdir(resolve(folder), { recursive: true });
  const owner = await ownerIn(file);
  const life = owner === undefined ? "dead" : lifeOfProcess(owner);
  if (owner !== undefined && life !== "dead") {
    const who = `process ${owner.pid} on ${owner.host}`;
    const next = life === "alive" ? "wait for it, or stop it" : `if it has ended, remove ${file}`;
    throw new UsageError(`expected ${folder} to be worked on by nobody else, found ${who}: ${next}`);
  }
  await rm(file, { force: true });
  await writeFile(file, `${JSON.stringify(thisProcess())}\n`, { flag: "wx" }).catch((cause: unknown) => {
    throw new UsageError(`expected ${folder} to be worked on by nobody else, found one who has just begun`, {
      cause,
    });
  });
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}

/** Where git objects that curation makes are kept. */
export const curationScratch = (): string => join(cacheFolder(), "curation");
