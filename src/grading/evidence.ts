// What the runs of a round showed: the only thing `judge` may look at, and the questions every rule asks of it.
import type { Instance } from "../domain/instance.ts";
import type { LeftOutMutants, MutantNotice, Reason, VoidRound } from "../domain/record.ts";
import {
  type Check,
  checksById,
  forgery,
  type Incident,
  type JobReport,
  type RunReport,
} from "../domain/report.ts";
import type { Baseline } from "./baseline.ts";

/**
 * One judged run. `unjudgeable` is a run that showed nothing, with what its paired control (G or B, same image, same
 * host, run again) showed: only when the control failed too is it a fault of ours (DESIGN 4.6).
 */
export type JudgedRun =
  | {
      readonly kind: "ran";
      readonly report: RunReport;
      /** Test jobs that showed nothing, in this run and in its control alike, while others did. */
      readonly lostJobs?: readonly string[];
    }
  | { readonly kind: "unjudgeable"; readonly report: RunReport; readonly control: "passed" | "failed" };

export type SubmissionEvidence =
  /**
   * No tree to judge: no answer, no parse, does not apply, a protected path, nothing but comments. `hidden` where a part
   * of it could be run for its label.
   */
  | { readonly kind: "rejected"; readonly reasons: readonly Reason[]; readonly hidden?: JudgedRun }
  | {
      readonly kind: "applied";
      readonly visible: JudgedRun;
      /** P once more, where the first run broke a stable check: one that then holds was not broken by the submission. */
      readonly again?: JudgedRun;
      readonly hidden?: JudgedRun;
    };

export type ReviewEvidence =
  | { readonly kind: "none" }
  | { readonly kind: "rejected"; readonly reasons: readonly Reason[] }
  | {
      readonly kind: "applied";
      /** Repository paths of the files the review adds or changes. */
      readonly files: readonly string[];
      /** G+T, n times. */
      readonly onGold: readonly JudgedRun[];
      /** P+T, n times; absent when there is no submission to meet. */
      readonly onSubmission?: readonly JudgedRun[];
      readonly onBase?: JudgedRun;
      readonly onPanel: readonly PanelRuns[];
      /** T on mutants of gold; absent where the run makes none. */
      readonly onMutants?: MutantRuns;
      /** T where a changed line ends the check that reaches it; absent where there is no such line. */
      readonly onProbed?: ProbedRuns;
      /** The reviewer was shown the submission, or parts of it (hint modes). */
      readonly sawSubmission?: true;
    };

export interface PanelRuns {
  readonly candidate: string;
  readonly label: "resolved" | "unresolved";
  readonly runs: readonly JudgedRun[];
}

export interface MutantRuns {
  readonly met: readonly {
    /** Its name. */
    readonly mutant: string;
    readonly noticedBy: MutantNotice;
    readonly runs: readonly JudgedRun[];
  }[];
  readonly leftOut: LeftOutMutants;
}

export interface ProbedRuns {
  readonly changeOf: "submission" | "gold";
  readonly runs: readonly {
    /** The function whose checks this run speaks of, where tests share a process; absent: of all. */
    readonly test?: string;
    readonly run: JudgedRun;
  }[];
}

export interface RoundEvidence {
  readonly baseline: Baseline;
  readonly submission: SubmissionEvidence;
  readonly review: ReviewEvidence;
  /** Runs of T on other contestants' resolved submissions, where a contested kill was put to them. */
  readonly jury?: readonly PanelRuns[];
  /** Set when a fault ended the round before all runs were done. */
  readonly fault?: VoidRound;
}

export type AppliedSubmission = Extract<SubmissionEvidence, { kind: "applied" }>;
export type AppliedReview = Extract<ReviewEvidence, { kind: "applied" }>;

/** Names for a person: the first few, and how many more. */
export const listed = (ids: readonly string[]): string =>
  ids.length > 5 ? `${ids.slice(0, 5).join(", ")} and ${ids.length - 5} more` : ids.join(", ");

function incidentsOf(report: RunReport): Incident[] {
  return report.jobs.flatMap((job) => job.incidents);
}

export function incidentKinds(report: RunReport): string[] {
  return incidentsOf(report).map(({ kind }) => kind);
}

/** What else the jobs say of themselves, in brackets; empty when they say nothing. */
export function explain(report: RunReport): string {
  const incidents = incidentsOf(report).map((incident) => `${incident.kind}: ${incident.detail}`);
  return incidents.length === 0 ? "" : ` (${incidents.join("; ").slice(0, 500)})`;
}

function isLintJob(job: JobReport): boolean {
  return job.checks.length > 0 && job.checks.every((check) => check.lint === true);
}

/** Jobs of tests; where there are none, all. A lint job that did run says nothing about tests that did not. */
function testJobs(report: RunReport): readonly JobReport[] {
  const tests = report.jobs.filter((job) => !isLintJob(job));
  return tests.length === 0 ? report.jobs : tests;
}

const ended = ({ status }: Check): boolean => status === "passed" || status === "failed";

/** Names of the test jobs in which no check was executed to its end: they need a control before anybody is blamed. */
export function silentJobs(report: RunReport): string[] {
  return testJobs(report).flatMap(({ job, checks }) => (checks.some(ended) ? [] : [job]));
}

/** A run in which no test job showed anything. */
export function showsNothing(report: RunReport): boolean {
  return silentJobs(report).length === testJobs(report).length;
}

/** What a round is held to: the instance's own runs, and the jobs a run need not have because lint is judged once. */
export interface Expected {
  readonly baseline: Baseline;
  readonly lintJobs: ReadonlySet<string>;
}

export function expectedOf(instance: Instance, baseline: Baseline): Expected {
  const lint = instance.ci.jobs.filter((job) => job.tags.includes("lint"));
  return { baseline, lintJobs: new Set(lint.map((job) => job.name)) };
}

/**
 * Checks that a skip leaves untouched and anything else but a pass breaks. A job that is missing from the report breaks
 * all its checks, save for a lint job: not every run is asked for lint.
 */
export function broken(ids: Iterable<string>, report: RunReport, { lintJobs }: Expected): string[] {
  const belongsTo = (id: string, job: string): boolean => id.startsWith(`${job}::`);
  const unasked = [...lintJobs].filter((lint) => !report.jobs.some(({ job }) => job === lint));
  const checks = checksById(report);
  return [...ids].filter((id) => {
    const status = checks.get(id)?.status;
    if (status === "passed" || status === "skipped") return false;
    return !unasked.some((job) => belongsTo(id, job));
  });
}

/**
 * A run that neither it nor its control could show anything in, as a whole or in a job that the control did show when the
 * instance's own runs were done: ours, and nobody's outcome.
 */
export function isLost(run: JudgedRun, { speaking }: Pick<Baseline, "speaking">): boolean {
  if (run.kind === "unjudgeable") return run.control === "failed";
  return (run.lostJobs ?? []).some((job) => speaking.has(job));
}

/** A run that counts for or against somebody: neither lost nor forged. */
export function isSound(run: JudgedRun, baseline: Baseline, excused: ReadonlySet<string>): boolean {
  return !isLost(run, baseline) && forgery(run.report, excused) === undefined;
}

export function reportsOf(runs: readonly JudgedRun[]): ReadonlyMap<string, Check>[] {
  return runs.map((run) => checksById(run.report));
}

export function firstForgery(runs: readonly JudgedRun[], excused: ReadonlySet<string>): string | undefined {
  return runs.map((run) => forgery(run.report, excused)).find((why) => why !== undefined);
}
