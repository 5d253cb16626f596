// An issue set opened for judging: its instances, their repositories and the runs they share.
import type { SandboxProvider } from "../../sandboxes/index.ts";
import { isFault, UsageError } from "../domain/fault.ts";
import type { Instance } from "../domain/instance.ts";
import type { RunStore } from "../domain/run.ts";
import { type Case, openCase, type RepositorySource } from "./case.ts";
import { Evidence } from "./evidence.ts";
import { Judging, type JudgingDeps } from "./judging.ts";
import { Runs } from "./runs.ts";

export interface SessionDeps extends JudgingDeps {
  /** Freshly drawn: a session over a run that has its secret already takes that one. */
  readonly seed: string;
  readonly store: RunStore;
  /** Evidence and verdicts are written below it. */
  readonly runFolder: string;
  readonly instances: readonly Instance[];
  /** Finds an instance's repository. @throws a fault when there is none */
  readonly locate: (instance: Instance) => Promise<RepositorySource>;
}

export interface Session {
  readonly store: RunStore;
  readonly runs: Runs;
  readonly judging: Judging;
  readonly evidence: Evidence;
  readonly sandboxes: SandboxProvider;
  readonly instances: ReadonlyMap<string, Instance>;
  /** Opened once and shared. @throws CaseFault, GitFault, or what `locate` throws */
  open(instanceId: string): Promise<Case>;
  /**
   * An instance without its repository is left out; when all of these are without, `--repos` is wrong.
   * @throws UsageError
   */
  mustHaveRepository(instanceIds: readonly string[]): Promise<void>;
}

/** What is made once per key; a failure is not kept. */
function kept<T>(make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = make(key);
    made.set(key, fresh);
    fresh.catch(() => made.delete(key));
    return fresh;
  };
}

const lacking = new Set(["repository-missing", "unsound-instance"]);

/** Why an instance has no repository here; undefined when it has one, or fails otherwise. */
async function lackOf(located: Promise<RepositorySource>): Promise<string | undefined> {
  try {
    await located;
    return undefined;
  } catch (error) {
    if (!isFault(error)) throw error;
    return lacking.has(error.code) ? error.message : undefined;
  }
}

export function openSession(deps: SessionDeps): Session {
  const evidence = new Evidence(deps.runFolder, deps.store);
  // Trusted runs may come from an earlier session's cache: they excuse only twins drawn from the same secret.
  const seed = deps.store.judgingSeed(deps.seed);
  const judging = new Judging({ ...deps, seed });
  const runs = new Runs(judging, deps.store, evidence);
  const instances = new Map(deps.instances.map((instance) => [instance.instanceId, instance]));
  const required = (instanceId: string): Instance => {
    const instance = instances.get(instanceId);
    if (instance === undefined) throw new Error(`bug: no instance ${instanceId} in this session`);
    return instance;
  };
  const locate = kept(async (instanceId) => deps.locate(required(instanceId)));
  return {
    store: deps.store,
    runs,
    judging,
    evidence,
    sandboxes: deps.sandboxes,
    instances,
    open: kept(async (id) => openCase(required(id), await locate(id), deps.cache)),
    async mustHaveRepository(instanceIds) {
      let first: string | undefined;
      for (const instanceId of instanceIds) {
        const lack = await lackOf(locate(instanceId));
        if (lack === undefined) return;
        first ??= lack;
      }
      if (first === undefined) return;
      const others =
        instanceIds.length === 1 ? "" : `; no other of the ${instanceIds.length} instances has its own`;
      throw new UsageError(`${first}${others}`);
    },
  };
}
