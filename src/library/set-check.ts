// `checkSet`: what `arena issues check` does for instances, as a function.
import { checkInstance, type InstanceCheck } from "../arena/index.ts";
import { monotonicMs, openSetSession } from "../wire.ts";
import { type CommonOptions, contextOf, inTurn, noteProblems, sessionOptions } from "./options.ts";

export interface CheckOptions extends CommonOptions {
  /** Runs of each state; 3 when absent. */
  readonly repeats?: number;
  readonly onInstance?: (check: InstanceCheck) => void;
}

/**
 * Proves a set on this machine: gold resolves, base does not, panel labels hold, repeats agree.
 * @throws UsageError; an instance's own defects and faults are in its check
 */
export async function checkSet(options: CheckOptions): Promise<readonly InstanceCheck[]> {
  await using session = await openSetSession(sessionOptions(options), contextOf(options));
  noteProblems(session, options);
  await session.mustHaveRepository(session.instanceIds);
  const { runs } = session;
  const checks: InstanceCheck[] = [];
  await inTurn(session.instanceIds, options, async (instanceId) => {
    const deps = { runs, monotonicMs, repeats: options.repeats ?? 3 };
    const check = await checkInstance(session.instance(instanceId), () => session.open(instanceId), deps);
    checks.push(check);
    options.onInstance?.(check);
  });
  return checks.sort((one, other) => (one.instanceId < other.instanceId ? -1 : 1));
}
