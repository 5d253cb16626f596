// What one run of one tree showed, check by check: the only thing a judgement may be based on.

/** `error` is a test that could not run to its end (crash, set-up failure); it never counts as passed. */
export type CheckStatus = "passed" | "failed" | "skipped" | "error";

/** A check is one test id, or the job itself where the job has no test results. Ids are `<job>::<test id>`. */
export interface Check {
  readonly id: string;
  readonly status: CheckStatus;
  /** Repository path of the file that holds the test, where the runner can tell. */
  readonly file?: string;
  /** Tests with this tag come from a lint job. */
  readonly lint?: boolean;
}

/** `canaried`: results vouched for by canaries; `weak`: an exit code only. */
export type Trust = "canaried" | "weak";

/** Why a job gave no full set of results. Each is the outcome of the code that ran, until a control says otherwise. */
export type Incident =
  | { readonly kind: "build-failed"; readonly detail: string }
  | { readonly kind: "timed-out"; readonly detail: string }
  | { readonly kind: "out-of-memory"; readonly detail: string }
  | { readonly kind: "disk-full"; readonly detail: string }
  | { readonly kind: "crashed"; readonly detail: string }
  | { readonly kind: "no-tests"; readonly detail: string }
  | { readonly kind: "output-overflow"; readonly detail: string };

export interface JobReport {
  readonly job: string;
  readonly checks: readonly Check[];
  readonly trust: Trust;
  /** A canary did not come out as it must, or evidence contradicts itself: nothing here can be believed. */
  readonly forged?: string;
  /**
   * Ids of checks that pass although their twin, a copy changed so that it should fail, does not fail. On a trusted tree
   * the change was a poor one; anywhere else failures are being suppressed.
   */
  readonly deaf?: readonly string[];
  readonly incidents: readonly Incident[];
  /** For people: why trust is `weak`, what was left out. Never judged. */
  readonly notes?: readonly string[];
  readonly seconds: number;
}

export interface RunReport {
  readonly jobs: readonly JobReport[];
}

/** All checks of a run by id. Ids are unique within a run: parsers see to it. */
export function checksById(report: RunReport): ReadonlyMap<string, Check> {
  return new Map(report.jobs.flatMap((job) => job.checks.map((check) => [check.id, check] as const)));
}

export function deafChecks(report: RunReport): string[] {
  return report.jobs.flatMap((job) => job.deaf ?? []);
}

/** How the id of a `deaf` entry ends that is no check: a file of tests that judged code has built into itself. */
export const embeddedTests = "is embedded in the code it tests";

/**
 * The test function behind a check: without the row of a parametrized test or the name of a subtest, which product data
 * may decide (`<job>::<place>::name[row]`, `<job>::<place>::name/sub`).
 */
export function functionOf(id: string): string {
  const place = id.indexOf("::", id.indexOf("::") + 2);
  const end = place === -1 ? -1 : id.slice(place).search(/[[/]/);
  return end === -1 ? id : id.slice(0, place + end);
}

/** Names of the jobs in which some check was executed to its end. */
export function speakingJobs(report: RunReport): string[] {
  const ended = ({ status }: Check): boolean => status === "passed" || status === "failed";
  return report.jobs.flatMap(({ job, checks }) => (checks.some(ended) ? [job] : []));
}

/** Why a run is forged. `excused` are checks, or whole functions, whose twins do not fail on trusted trees either. */
export function forgery(report: RunReport, excused: ReadonlySet<string>): string | undefined {
  const told = report.jobs.find((job) => job.forged !== undefined)?.forged;
  if (told !== undefined) return told;
  const deaf = deafChecks(report).find((id) => !excused.has(id) && !excused.has(functionOf(id)));
  if (deaf?.endsWith(embeddedTests)) return deaf;
  return deaf === undefined
    ? undefined
    : `${deaf} passes, and its twin, which fails on trusted trees, does not fail: failures are suppressed`;
}
