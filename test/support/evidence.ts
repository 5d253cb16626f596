// Short ways to write the evidence of a round: reports from maps of check to status, runs, baselines, instances.
import { type Instance, inferredPlan } from "../../src/domain/instance.ts";
import type { Check, CheckStatus, Incident, JobReport, RunReport } from "../../src/domain/report.ts";
import type { Baseline, JudgedRun, ReviewEvidence, RoundEvidence } from "../../src/grading/index.ts";

export type Statuses = Readonly<Record<string, CheckStatus>>;

interface JobOptions {
  readonly job?: string;
  readonly forged?: string;
  /** Names of checks whose twins did not fail. */
  readonly deaf?: readonly string[];
  readonly incidents?: readonly Incident[];
  /** File of the check named by the key. */
  readonly files?: Readonly<Record<string, string>>;
  readonly lint?: boolean;
}

/** A job's report; keys are test names, their ids are `<job>::<name>`. */
export function jobReport(statuses: Statuses, options: JobOptions = {}): JobReport {
  const { job = "test", forged, deaf = [], incidents = [], files = {}, lint } = options;
  const checks = Object.entries(statuses).map(([name, status]): Check => {
    const file = files[name];
    return {
      id: `${job}::${name}`,
      status,
      ...(file === undefined ? {} : { file }),
      ...(lint === undefined ? {} : { lint }),
    };
  });
  const trust = lint ? "weak" : "canaried";
  const told = {
    ...(forged === undefined ? {} : { forged }),
    ...(deaf.length === 0 ? {} : { deaf: deaf.map((name) => `${job}::${name}`) }),
  };
  return { job, checks, trust, incidents, seconds: 1, ...told };
}

export function report(statuses: Statuses, options: JobOptions = {}): RunReport {
  return { jobs: [jobReport(statuses, options)] };
}

/** Tests beside a lint job. */
export function withLint(statuses: Statuses, lint: CheckStatus, options: JobOptions = {}): RunReport {
  const lintJob = jobReport({ "(job)": lint }, { job: "lint", lint: true });
  return { jobs: [jobReport(statuses, options), lintJob] };
}

export function ran(statuses: Statuses, options: JobOptions = {}): JudgedRun {
  return { kind: "ran", report: report(statuses, options) };
}

export function unjudgeable(control: "passed" | "failed", incidents: readonly Incident[] = []): JudgedRun {
  return { kind: "unjudgeable", report: report({}, { incidents }), control };
}

export function times<T>(count: number, item: T): T[] {
  return Array.from({ length: count }, () => item);
}

/** Two visible checks, `old` passes everywhere, `fix` is fail-to-pass, `kept` pass-to-pass. */
export const baseline: Baseline = {
  stable: new Set(["test::old"]),
  goldPassing: new Set(["test::old", "test::fixed"]),
  goldKnown: new Set(["test::old", "test::fixed", "test::red"]),
  failToPass: new Set(["test::fix"]),
  passToPass: new Set(["test::kept"]),
  deaf: new Set(),
  flaky: new Set(),
  unmet: [],
  unbroken: [],
  speaking: new Set(["test"]),
};

const plan = inferredPlan("python");
const lint = {
  name: "lint",
  run: "lint",
  runner: "exit-code",
  timeoutSeconds: 60,
  env: {},
  tags: ["lint"],
} as const;

/** An instance whose plan has a job `test` and a lint job `lint`. */
export function instance(over: Partial<Instance> = {}): Instance {
  return {
    instanceId: "toy-1",
    repo: "toy/toy",
    language: "python",
    goldPatch: "gold",
    testPatch: "tests",
    problemStatement: "It fails.",
    hintsText: "",
    createdAt: "",
    failToPass: [],
    passToPass: [],
    ci: { ...plan, jobs: [...plan.jobs, lint] },
    oracle: "tests",
    panel: [],
    provenance: {},
    ...over,
  };
}

export const visible = ran({ old: "passed" });
export const resolvedRun = ran({ old: "passed", fix: "passed", kept: "passed" });
export const unresolvedRun = ran({ old: "passed", fix: "failed", kept: "passed" });

type Applied = Extract<ReviewEvidence, { kind: "applied" }>;

/** What G+T shows of a review with one good new check, `new`. */
export const onGold = ran({ old: "passed", fixed: "passed", new: "passed" });

export function review(over: Partial<Applied> = {}): Applied {
  return { kind: "applied", files: ["tests/test_new.py"], onGold: times(3, onGold), onPanel: [], ...over };
}

/** A valid, resolved submission and no review, unless said otherwise. */
export function evidence(over: Partial<RoundEvidence> = {}): RoundEvidence {
  return {
    baseline,
    submission: { kind: "applied", visible, hidden: resolvedRun },
    review: { kind: "none" },
    ...over,
  };
}
