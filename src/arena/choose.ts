// Which instances of a set a run takes: all, those named on the command line, or those a file of answers is about.
import { UsageError } from "../domain/fault.ts";
import type { Instance } from "../domain/instance.ts";

export interface Choice {
  /** The set as it was written, for errors. */
  readonly set: string;
  /** Instance ids, comma separated; one that is not there is a mistake. */
  readonly only?: string;
  /** Instances to take, when the caller knows them; others are left out without a word. */
  readonly onlyKnown?: readonly string[];
}

/** @throws UsageError for an id of `only` that the set does not hold, and when nothing is left to run */
export function chosenInstances(instances: readonly Instance[], choice: Choice): readonly Instance[] {
  const { set, only, onlyKnown } = choice;
  const wanted = onlyKnown ?? only?.split(",").map((id) => id.trim());
  const missing = wanted?.filter((id) => !instances.some((instance) => instance.instanceId === id)) ?? [];
  if (missing.length > 0 && onlyKnown === undefined) {
    throw new UsageError(`--only: no instance ${missing.join(", ")} in ${set}`);
  }
  const taken = instances.filter(({ instanceId }) => wanted?.includes(instanceId) ?? true);
  if (taken.length === 0) throw new UsageError(`${set} holds no instance to run`);
  return taken;
}
