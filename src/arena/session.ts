// An issue set opened for judging: its instances, their repositories and the runs they share.
import type { SandboxProvider } from "../../sandboxes/index.ts";
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
  /** Finds an instance's repository. @throws UsageError, GitFault when there is none */
  readonly locate: (instance: Instance) => Promise<RepositorySource>;
}

export interface Session {
  readonly store: RunStore;
  readonly runs: Runs;
  readonly evidence: Evidence;
  readonly sandboxes: SandboxProvider;
  readonly instances: ReadonlyMap<string, Instance>;
  /** Opened once and shared. @throws CaseFault, GitFault, UsageError */
  open(instanceId: string): Promise<Case>;
}

export function openSession(deps: SessionDeps): Session {
  const evidence = new Evidence(deps.runFolder);
  // Trusted runs may come from an earlier session's cache: they excuse only twins drawn from the same secret.
  const seed = deps.store.judgingSeed(deps.seed);
  const runs = new Runs(new Judging({ ...deps, seed }), deps.store, evidence);
  const instances = new Map(deps.instances.map((instance) => [instance.instanceId, instance]));
  const cases = new Map<string, Promise<Case>>();
  const open = async (instanceId: string): Promise<Case> => {
    const instance = instances.get(instanceId);
    if (instance === undefined) throw new Error(`bug: no instance ${instanceId} in this session`);
    return openCase(instance, await deps.locate(instance), deps.cache);
  };
  return {
    store: deps.store,
    runs,
    evidence,
    sandboxes: deps.sandboxes,
    instances,
    open(instanceId) {
      const known = cases.get(instanceId);
      if (known !== undefined) return known;
      const fresh = open(instanceId);
      cases.set(instanceId, fresh);
      fresh.catch(() => cases.delete(instanceId));
      return fresh;
    },
  };
}
