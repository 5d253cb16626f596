// What an instance's own four runs (B, G, B+H, G+H) establish: stable checks, fail-to-pass, pass-to-pass.
import type { Instance } from "../domain/instance.ts";
import {
  type Check,
  type CheckStatus,
  checksById,
  deafChecks,
  forgery,
  functionOf,
  type RunReport,
  speakingJobs,
} from "../domain/report.ts";

export interface BaselineRuns {
  readonly base: readonly RunReport[];
  readonly gold: readonly RunReport[];
  /** Absent for an instance without hidden tests. */
  readonly baseHidden: readonly RunReport[];
  readonly goldHidden: readonly RunReport[];
}

export interface Baseline {
  /** Visible checks that pass in every B and G run: a submission must keep them. */
  readonly stable: ReadonlySet<string>;
  /** Visible checks that pass in every G run: a review must keep them on gold. */
  readonly goldPassing: ReadonlySet<string>;
  /** Every check id seen in any G run: what a review's checks are new against. */
  readonly goldKnown: ReadonlySet<string>;
  readonly failToPass: ReadonlySet<string>;
  readonly passToPass: ReadonlySet<string>;
  /** Checks whose status differs between repeats of one state. */
  readonly flaky: ReadonlySet<string>;
  /**
   * Checks that passed in some of these runs although their twin did not fail, and functions of which all were such: no
   * twin of theirs accuses anybody.
   */
  readonly deaf: ReadonlySet<string>;
  /** Jobs that show something in every run of gold with the hidden tests, which is what runs are controlled by. */
  readonly speaking: ReadonlySet<string>;
  /** Why the runs of the gold tree look forged: on this instance the harness can vouch for nothing. */
  readonly forged?: string;
  /** Declared ids that no G+H run shows as passed: the instance contradicts itself. */
  readonly unmet: readonly string[];
  /** Declared fail-to-pass ids that pass in every B+H run, too: they are held to as pass-to-pass. */
  readonly unbroken: readonly string[];
}

function statuses(runs: readonly RunReport[]): Map<string, Set<CheckStatus | "absent">> {
  const byRun = runs.map(checksById);
  const seen = new Map<string, Set<CheckStatus | "absent">>();
  for (const id of new Set(byRun.flatMap((checks) => [...checks.keys()]))) {
    seen.set(id, new Set(byRun.map((checks) => checks.get(id)?.status ?? "absent")));
  }
  return seen;
}

function always(seen: ReadonlyMap<string, Set<CheckStatus | "absent">>, status: CheckStatus): Set<string> {
  const ids = [...seen].filter(([, found]) => found.size === 1 && found.has(status));
  return new Set(ids.map(([id]) => id));
}

function unstable(seen: ReadonlyMap<string, Set<CheckStatus | "absent">>): string[] {
  return [...seen].filter(([, found]) => found.size > 1).map(([id]) => id);
}

/** A declared id names a check exactly, without its job, or by a suffix that only one check has. */
export function resolveDeclared(declared: string, known: Iterable<string>): string | undefined {
  const ids = [...known];
  if (ids.includes(declared)) return declared;
  const withoutJob = ids.filter((id) => id.slice(id.indexOf("::") + 2) === declared);
  if (withoutJob.length === 1) return withoutJob[0];
  const boundary = ["::", "/", "."];
  const matches = ids.filter((id) => boundary.some((mark) => id.endsWith(`${mark}${declared}`)));
  return matches.length === 1 ? matches[0] : undefined;
}

type Lists = Pick<Baseline, "failToPass" | "passToPass" | "unmet" | "unbroken">;

/** A function all of whose rows are deaf here is so for a row that only another tree has. */
function deafIn(reports: readonly RunReport[]): Set<string> {
  const deaf = new Set(reports.flatMap(deafChecks));
  const heard = new Set<string>();
  for (const check of reports.flatMap((report) => report.jobs.flatMap((job) => job.checks))) {
    if (check.status === "passed" && !deaf.has(check.id)) heard.add(functionOf(check.id));
  }
  const functions = [...deaf].map(functionOf).filter((name) => !heard.has(name));
  return new Set([...deaf, ...functions]);
}

/** Jobs that show something in each of these runs. */
export function speakingIn(reports: readonly RunReport[]): Set<string> {
  const [first, ...others] = reports.map((report) => new Set(speakingJobs(report)));
  return new Set([...(first ?? [])].filter((job) => others.every((other) => other.has(job))));
}

interface HiddenRuns {
  readonly known: readonly string[];
  readonly passing: ReadonlySet<string>;
  readonly basePassing: ReadonlySet<string>;
}

/** Names are looked up among all checks, so that one that fails is never taken for a namesake that passes. */
function declaredLists(instance: Instance, goldHidden: HiddenRuns, derived: Lists): Lists {
  const unmet: string[] = [];
  const named = (ids: readonly string[]): Set<string> => {
    const checks = new Set<string>();
    for (const id of ids) {
      const check = resolveDeclared(id, goldHidden.known);
      if (check !== undefined && goldHidden.passing.has(check)) checks.add(check);
      else unmet.push(id);
    }
    return checks;
  };
  const toFix = instance.failToPass.length > 0 ? named(instance.failToPass) : derived.failToPass;
  const toKeep = instance.passToPass.length > 0 ? named(instance.passToPass) : derived.passToPass;
  const unbroken = [...toFix].filter((id) => goldHidden.basePassing.has(id));
  return {
    failToPass: new Set([...toFix].filter((id) => !goldHidden.basePassing.has(id))),
    passToPass: new Set([...toKeep, ...unbroken]),
    unmet,
    unbroken,
  };
}

/**
 * Reads the baseline runs of an instance. Lists the instance declares are used as they are, save for a fail-to-pass test
 * that passes before the fix, which would let a patch that does nothing resolve the issue; lists it leaves empty are
 * derived from the checks that never changed between repeats. A skip is neither a pass nor a fix.
 */
export function readBaseline(instance: Instance, runs: BaselineRuns): Baseline {
  const base = statuses(runs.base);
  const gold = statuses(runs.gold);
  const baseHidden = statuses(runs.baseHidden);
  const goldHidden = statuses(runs.goldHidden);
  const flaky = new Set([base, gold, baseHidden, goldHidden].flatMap(unstable));
  const goldPassing = always(gold, "passed");
  const goldHiddenPassing = always(goldHidden, "passed");
  const basePassing = always(base, "passed");
  const baseHiddenPassing = always(baseHidden, "passed");
  const derived: Lists = {
    failToPass: new Set([...goldHiddenPassing].filter((id) => !flaky.has(id) && !baseHiddenPassing.has(id))),
    passToPass: new Set([...goldHiddenPassing].filter((id) => !flaky.has(id) && baseHiddenPassing.has(id))),
    unmet: [],
    unbroken: [],
  };
  const deaf = deafIn(Object.values(runs).flat());
  const trusted = [...runs.gold, ...runs.goldHidden];
  const forged = trusted.map((report) => forgery(report, deaf)).find((why) => why !== undefined);
  return {
    stable: new Set([...basePassing].filter((id) => goldPassing.has(id) && !flaky.has(id))),
    goldPassing: new Set([...goldPassing].filter((id) => !flaky.has(id))),
    goldKnown: new Set(gold.keys()),
    flaky,
    deaf,
    speaking: speakingIn(runs.goldHidden.length === 0 ? runs.gold : runs.goldHidden),
    ...(forged === undefined ? {} : { forged }),
    // Without runs that hold H nothing can be asked of it, whatever the instance declares.
    ...(runs.goldHidden.length === 0
      ? derived
      : declaredLists(
          instance,
          {
            known: [...goldHidden.keys()],
            passing: goldHiddenPassing,
            basePassing: baseHiddenPassing,
          },
          derived,
        )),
  };
}

/** `reason`: a short word of it, counted where many instances are looked at. */
export interface BaselineProblem {
  readonly reason: "runner-deceived" | "unmet-tests" | "no-fail-to-pass" | "nothing-passes";
  readonly text: string;
}

/** Why nothing can be judged on an instance, or undefined. */
export function baselineProblem(
  { oracle }: Pick<Instance, "oracle">,
  { forged, unmet, failToPass, goldPassing }: Baseline,
): BaselineProblem | undefined {
  if (forged !== undefined) {
    const text = `the runner's own checks go wrong on the trusted gold tree (${forged}), so it can vouch for nothing here`;
    return { reason: "runner-deceived", text };
  }
  if (unmet.length > 0) {
    const text = `declared tests do not pass on the gold tree: ${unmet.slice(0, 5).join(", ")}`;
    return { reason: "unmet-tests", text };
  }
  if (oracle === "tests" && failToPass.size === 0)
    return { reason: "no-fail-to-pass", text: "the gold patch turns no test from failing to passing" };
  if (goldPassing.size === 0 && failToPass.size === 0)
    return { reason: "nothing-passes", text: "no check passes on the gold tree" };
  return undefined;
}

export function passed(check: Check | undefined): boolean {
  return check?.status === "passed";
}
