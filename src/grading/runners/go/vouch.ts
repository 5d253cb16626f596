// Lays both phases of a Go package side by side: canaries first, then every test against its twin.
import type { Check, CheckStatus, Incident } from "../../../domain/report.ts";
import { otherPhase, type Phase } from "../compiled/phases.ts";
import type { PackageResults } from "./output.ts";
import type { PackagePlan, PlannedTest } from "./plan.ts";

export interface Vouched {
  readonly checks: readonly Check[];
  readonly incidents: readonly Incident[];
  readonly forged?: string;
  /** Checks that pass and whose twin does not fail. */
  readonly deaf: readonly string[];
  readonly canaried: boolean;
}

interface Case {
  readonly job: string;
  readonly plan: PackagePlan;
  readonly phases: readonly PackageResults[];
}

const topOf = (name: string): string => name.split("/", 1)[0] ?? name;

function resultsOf({ phases }: Case, phase: Phase): PackageResults | undefined {
  return phases.find((results) => results.phase === phase);
}

/** `lost`: the canaries say nothing, because the process did not come to its end. */
function judgeCanaries({ plan }: Case, results: PackageResults): { forged?: string; lost: boolean } {
  const path = plan.package.importPath;
  const own = new Set(plan.canaries.map(({ name }) => name));
  const somePassed = [...results.tests].some(
    ([name, status]) => status === "passed" && !own.has(topOf(name)),
  );
  let lost = false;
  for (const { name, failsIn } of plan.canaries) {
    const status = results.tests.get(name);
    const told = `canary ${name} of ${path}`;
    if (failsIn === results.phase && (status === "passed" || status === "skipped")) {
      return { forged: `${told} must fail and is reported ${status}`, lost: false };
    }
    if (failsIn !== results.phase && status === "failed" && somePassed) {
      return { forged: `${told} must pass and is reported failed, beside tests that pass`, lost: false };
    }
    if (status === undefined && results.complete) return { forged: `${told} was not run`, lost: false };
    if (failsIn === results.phase ? status !== "failed" : status !== "passed") lost = true;
  }
  // A main function of tests that leaves before any of them ran claims nothing.
  if (results.succeeded && results.tests.size > 0 && plan.canaries.length > 0) {
    return {
      forged: `the tests of ${path} ended in success although tests that must fail were run`,
      lost: false,
    };
  }
  return { lost };
}

/** Names come from the text of the test files: a name that is not there was made up. */
function unknownTest({ plan, phases }: Case): string | undefined {
  const canaries = new Set(plan.canaries.map(({ name }) => name));
  for (const { tests } of phases) {
    for (const name of tests.keys()) {
      const top = topOf(name);
      if (!plan.tests.has(top) && !canaries.has(top))
        return `${name} is reported and is in no test file of ${plan.package.importPath}`;
    }
  }
  return undefined;
}

interface Verdict {
  readonly status: CheckStatus;
  readonly deaf?: true;
}

function judgeTest(of: Case, name: string, test: PlannedTest, canariesGood: boolean): Verdict | undefined {
  const realPhase = test.twinPhase === undefined ? "first" : otherPhase(test.twinPhase);
  const status = resultsOf(of, realPhase)?.tests.get(name);
  if (status === undefined) return undefined;
  if (status !== "passed") return { status };
  // Where nothing but the canaries of its process vouches for it, both processes must have come to their end.
  const byCanaries = canariesGood ? "passed" : "error";
  if (test.twinPhase === undefined) return { status: byCanaries };
  const twin = resultsOf(of, test.twinPhase)?.tests.get(test.name);
  if (twin === "failed") return { status };
  if (twin === "error" || twin === undefined) return { status: "error" };
  const real = resultsOf(of, realPhase)?.tests.get(test.name);
  if (real !== "passed") return { status: "error" };
  return { status: byCanaries, deaf: true };
}

/**
 * Judges one package from its runs in both phases. A test passes only if its twin fails, or is named as deaf; a subtest
 * needs the twin of its test to fail. Statuses other than passed are taken as they are: nobody gains by forging them.
 */
export function vouchPackage(of: Case): Vouched {
  const { job, plan, phases } = of;
  const canaries = phases.map((results) => judgeCanaries(of, results));
  const canariesGood =
    plan.canaries.length > 0 && canaries.length === 2 && canaries.every(({ lost }) => !lost);
  const own = new Set(plan.canaries.map(({ name }) => name));
  const found =
    phases.find((results) => results.forged !== undefined)?.forged ??
    canaries.find((each) => each.forged !== undefined)?.forged ??
    unknownTest(of);
  const checks: Check[] = [];
  const deaf: string[] = [];
  for (const name of new Set(phases.flatMap(({ tests }) => [...tests.keys()]))) {
    const test = plan.tests.get(topOf(name));
    if (own.has(topOf(name)) || test === undefined) continue;
    const verdict = judgeTest(of, name, test, canariesGood);
    if (verdict === undefined) continue;
    const id = `${job}::${plan.package.importPath}::${name}`;
    checks.push({ id, status: verdict.status, file: test.file });
    if (verdict.deaf === true) deaf.push(id);
  }
  const incidents = phases.flatMap((results) => results.incidents);
  return {
    checks,
    incidents,
    deaf,
    canaried: plan.canaries.length > 0,
    ...(found === undefined ? {} : { forged: found }),
  };
}
