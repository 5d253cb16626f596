// What curation takes from the world: clones, and judged runs of an instance's own trees in the sandboxes of this machine.
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { scratchFolder } from "../../sandboxes/index.ts";
import {
  type Case,
  CaseFault,
  Judging,
  limitsOf,
  openCase,
  PreparationFault,
  type SessionOptions,
  type State,
  slots,
} from "../arena/index.ts";
import {
  locateRepository,
  type NoRun,
  type OwnState,
  type TreeRuns,
  type Variation,
} from "../curation/index.ts";
import { UsageError } from "../domain/fault.ts";
import type { Instance } from "../domain/instance.ts";
import { Repository } from "../git/index.ts";
import { runnerFor } from "../grading/index.ts";
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

const notYet = "is not varied by these runs";

function notVaried({ orderSeed, load, clockAt }: Variation): string[] {
  const asked = { "order and hash seeds": orderSeed, load, clock: clockAt };
  return Object.entries(asked).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${notYet}`],
  );
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

/** That a clone is found again by every later stage, wherever it lies. */
export async function linkClone(folder: string, repo: string, path: string): Promise<void> {
  const link = join(clonesFolder(resolve(folder)), repo.replace("/", "+"));
  await mkdir(clonesFolder(resolve(folder)), { recursive: true });
  await rm(link, { force: true });
  await symlink(resolve(path), link);
}

/** @throws SandboxFault where no sandbox can be had here */
export async function openTreeRuns(options: CurationOptions, context: WireContext): Promise<TreeRuns> {
  const run = resolve(options.folder);
  await mkdir(run, { recursive: true });
  const sandboxes = await sandboxesOf(options, run, context);
  if (context.ownsProcess === true) process.env.TMPDIR = await scratchFolder(stateFolder());
  const cache = cacheFolder();
  const judging = new Judging({
    ...{ sandboxes, cache, run, now, limits: limitsOf(options), signal: context.signal },
    runnerFor: (job) => runnerFor(job.runner),
    seed: randomBytes(16).toString("hex"),
    slots: slots(options.sandboxes ?? availableParallelism()),
  });
  const opened = async (instance: Instance): Promise<Case> =>
    openCase(instance, await locateForCuration(instance, options), cache);
  const stateOf = async (of: Case, name: OwnState, repeat: number): Promise<State> => {
    const tree = await treeOf(of, name);
    return { name, tree, repeat, comparison: "single", withLint: !name.endsWith("+H") };
  };
  return {
    tryPlan: (instance) =>
      orNone(async () => {
        const of = await opened(instance);
        const { report } = await judging.run(of, await stateOf(of, "B", 1));
        return { kind: "ran", report };
      }),
    run: (instance, name, variation) =>
      orNone(async () => {
        const of = await opened(instance);
        const started = now();
        const done = await judging.run(of, await stateOf(of, name, variation.repeat));
        const resources = { seconds: (now() - started) / 1000 };
        return {
          kind: "ran",
          judged: await judging.judged(of, done),
          resources,
          notVaried: notVaried(variation),
        };
      }),
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
