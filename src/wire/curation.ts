// What curation takes from the world: clones, and judged runs of an instance's own trees in the sandboxes of this machine.
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { scratchFolder } from "../../sandboxes/index.ts";
import {
  type Case,
  CaseFault,
  Judging,
  limitsOf,
  openCase,
  PreparationFault,
  type SessionOptions,
  slots,
} from "../arena/index.ts";
import {
  locateRepository,
  type OwnRun,
  type OwnState,
  type TreeRuns,
  type Variation,
} from "../curation/index.ts";
import type { Instance } from "../domain/instance.ts";
import { runnerFor } from "../grading/index.ts";
import { cacheFolder, now, stateFolder, type WireContext } from "./environment.ts";
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
  const places = { set: { folder: resolve(folder) }, cache: cacheFolder() };
  return locateRepository(instance, repos === undefined ? places : { ...places, repos });
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
  const ran = async (instance: Instance, state: OwnState, variation: Variation): Promise<OwnRun> => {
    const of = await openCase(instance, await locateForCuration(instance, options), cache);
    const tree = await treeOf(of, state);
    const started = now();
    const { repeat } = variation;
    const { report } = await judging.run(of, {
      ...{ name: state, tree, repeat, comparison: "single", withLint: !state.endsWith("+H") },
    });
    const resources = { seconds: (now() - started) / 1000 };
    return { kind: "ran", report, resources, notVaried: notVaried(variation) };
  };
  return {
    run: (instance, state, variation) =>
      ran(instance, state, variation).catch((error: unknown): OwnRun => {
        if (error instanceof PreparationFault) return { kind: "not-prepared", detail: error.message };
        if (error instanceof CaseFault && error.code === "unsound-instance")
          return { kind: "unsound", detail: error.message };
        throw error;
      }),
  };
}

/** Where git objects that curation makes are kept. */
export const curationScratch = (): string => join(cacheFolder(), "curation");
