// Lays both phases of a Rust job side by side: canaries first, then every test against its twin.
import type { Check, Incident } from "../../../domain/report.ts";
import { judgePair } from "../compiled/phases.ts";
import type { PlannedCanary, RustPlan } from "./plan.ts";
import { type Binary, functionOf, type PhaseResults, pairsOf } from "./run.ts";

export interface BinaryReport {
  readonly checks: readonly Check[];
  readonly incidents: readonly Incident[];
  readonly forged?: string;
  /** Checks that pass and whose twin does not fail. */
  readonly deaf: readonly string[];
  /** False when nothing vouches for the results: a harness of its own. */
  readonly canaried: boolean;
}

interface CanaryFinding {
  readonly forged?: string;
  /** The canary ended in a way that says nothing, as all of a binary do that crashes at start. */
  readonly lost?: string;
}

function judgeCanary(canary: PlannedCanary, run: PhaseResults): CanaryFinding {
  const end = [...run.ends].find(([test]) => functionOf(test) === canary.name)?.[1];
  const mustFail = canary.failsIn === run.phase;
  const told = `canary ${canary.name} of ${run.binary.id}`;
  if (end === undefined) return { lost: `${told} did not run` };
  if (end.kind === "broken") return end.contradicts ? { forged: end.why } : { lost: end.why };
  const wanted = mustFail ? "failed" : "passed";
  if (end.kind === wanted) return {};
  return { forged: `${told} must have ${wanted} and is reported ${end.kind}` };
}

function fileOf(plan: RustPlan, binary: Binary, test: string): string {
  const folder = binary.root.slice(0, binary.root.lastIndexOf("/") + 1);
  const owner = test.split("::").findLast((part) => plan.filesOf.has(part));
  const candidates = (owner === undefined ? [] : (plan.filesOf.get(owner) ?? [])).filter((path) =>
    path.startsWith(folder),
  );
  if (candidates.includes(binary.root) && !test.includes("::")) return binary.root;
  const modules = test
    .split("::")
    .slice(0, -1)
    .filter((part) => part !== "tests" && part !== "test");
  const byModule = candidates.filter((path) =>
    modules.some((part) => path.includes(`/${part}.rs`) || path.includes(`/${part}/`)),
  );
  return byModule[0] ?? (candidates.length === 1 ? candidates[0] : undefined) ?? binary.root;
}

/**
 * Both phases must list the same tests, canaries among them: judged code in the process writes that list. Nothing at
 * all may be listed where the root is conditional: no check comes of it, so nobody is believed.
 */
function judgeLists(
  binary: Binary,
  { canaries, mayBeEmpty }: { readonly canaries: readonly PlannedCanary[]; readonly mayBeEmpty: boolean },
  runs: readonly PhaseResults[],
): string | undefined {
  const [first, ...others] = runs.flatMap(({ listed }) => (listed === undefined ? [] : [[...listed].sort()]));
  if (first === undefined) return undefined;
  if (others.some((other) => other.join("\n") !== first.join("\n")))
    return `${binary.id} lists other tests each time`;
  if (first.length === 0 && mayBeEmpty) return undefined;
  const absent = canaries.find(({ name }) => first.filter((test) => functionOf(test) === name).length !== 1);
  return absent === undefined ? undefined : `${binary.id} does not list canary ${absent.name}`;
}

/** Judges one binary from its runs in both phases. */
export function reportBinary(jobName: string, plan: RustPlan, runs: readonly PhaseResults[]): BinaryReport {
  const binary = runs[0]?.binary;
  if (binary === undefined) return { checks: [], incidents: [], deaf: [], canaried: false };
  const canaries = plan.canaries.filter(({ root }) => root === binary.root);
  const names = new Set(canaries.map(({ name }) => name));
  const incidents: Incident[] = runs.flatMap((run) => run.incidents);
  const checks: Check[] = [];
  const deaf: string[] = [];
  const findings = runs.flatMap((run) => canaries.map((canary) => judgeCanary(canary, run)));
  const mayBeEmpty = plan.conditional.has(binary.root);
  let forged =
    judgeLists(binary, { canaries, mayBeEmpty }, runs) ??
    findings.find((finding) => finding.forged !== undefined)?.forged;
  for (const pair of pairsOf(plan, runs)) {
    if (names.has(functionOf(pair.name))) continue;
    const verdict = judgePair(pair);
    if (verdict.kind === "forged") forged ??= verdict.why;
    if (verdict.kind === "forged" || verdict.kind === "missing") continue;
    const id = `${jobName}::${binary.id}::${pair.name}`;
    if (verdict.kind === "deaf") deaf.push(id);
    const status = verdict.kind === "deaf" ? "passed" : verdict.status;
    checks.push({ id, status, file: fileOf(plan, binary, pair.name) });
  }
  const lost = findings.find((finding) => finding.lost !== undefined)?.lost;
  // With time over, tests that did run keep their results; their twins vouch for them.
  const hurried = incidents.some(({ kind }) => kind === "timed-out");
  if (lost !== undefined && !hurried && checks.some(({ status }) => status === "passed")) {
    forged ??= `tests of ${binary.id} pass, but ${lost}`;
  }
  return {
    checks,
    incidents,
    deaf,
    canaried: canaries.length > 0,
    ...(forged === undefined ? {} : { forged }),
  };
}
