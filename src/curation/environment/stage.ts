// The stage that finds a plan which works: candidates run on the base tree, the first that lists a passing test stays.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../../domain/fault.ts";
import type { Check, RunReport } from "../../domain/report.ts";
import { writeWhole } from "../pipeline/folder.ts";
import { instanceIn, writtenPlan } from "../pipeline/line-of.ts";
import { type EnvironmentRow, environmentRow, type SplitRow, splitRow } from "../pipeline/rows.ts";
import { keptAs, rejectedFor, type Stage, type StageOutcome } from "../pipeline/stage.ts";
import type { TreeRuns } from "../pipeline/tree-runs.ts";
import type { BaseTree } from "./base-tree.ts";
import { type Candidate, candidatesOf } from "./candidates.ts";

export interface EnvironmentDeps {
  /** The row's base tree. @throws faults of its repository */
  readonly treeOf: (row: SplitRow) => Promise<BaseTree>;
  /** Every attempt is an instance with an id of its own, so that nothing prepared for one serves another. */
  readonly runs: Pick<TreeRuns, "tryPlan">;
  /** Only the repository's own jobs are tried. */
  readonly fromWorkflow: boolean;
  /** Where `<row id>.json` keeps every attempt: its plan, and what it said. */
  readonly attemptsFolder: string;
}

interface Attempt {
  readonly candidate: Candidate;
  readonly said: string;
  /** Checks that passed on the base tree, lint aside; `tests` of them are tests that a runner listed. */
  readonly passing: number;
  readonly tests: number;
}

function told(report: RunReport): string {
  const each = report.jobs.map(({ job, checks, incidents, forged }) => {
    const passed = checks.filter(({ status }) => status === "passed").length;
    const why = incidents.map(({ kind, detail }) => `, ${kind}: ${detail.slice(0, 300)}`).join("");
    const deceived = forged === undefined ? "" : `, but the runner's own checks go wrong: ${forged}`;
    return `${job}: ${passed} of ${checks.length} passed${why}${deceived}`;
  });
  return each.join("; ");
}

/** What tools say when a registry does not answer: of the plan that shows nothing. */
const unreachable =
  /could ?n[o']t resolve host|temporary failure in name resolution|network is unreachable|connection (refused|reset|timed out)|i\/o timeout|tls handshake timeout|read timed out|HTTP 5\d\d|5\d\d (bad gateway|service unavailable|gateway time-?out)/i;

/** @throws Fault registry-unreachable: whoever asks again may be answered */
function mustBeReachable(row: SplitRow, detail: string): void {
  const said = unreachable.exec(detail)?.[0];
  if (said === undefined) return;
  const message = `${row.id}: a registry did not answer while dependencies were fetched ("${said}"): run the stage again once it does`;
  throw new Fault("registry-unreachable", message, { retryable: true });
}

async function attempted(
  row: SplitRow,
  candidate: Candidate,
  of: { runs: EnvironmentDeps["runs"]; n: number },
): Promise<Attempt> {
  const id = `${row.id.slice(0, 180)}.attempt-${of.n}`;
  const read = instanceIn({ ...row, id }, writtenPlan(candidate.plan));
  if ("problem" in read) return { candidate, said: read.problem, passing: 0, tests: 0 };
  const run = await of.runs.tryPlan(read.instance, "base");
  if (run.kind !== "ran") {
    if (run.kind === "not-prepared") mustBeReachable(row, run.detail);
    return { candidate, said: `${run.kind}: ${run.detail.slice(0, 2000)}`, passing: 0, tests: 0 };
  }
  const passed = (check: Check): boolean => check.status === "passed" && check.lint !== true;
  // What a runner cannot vouch for on a tree nobody tampered with, it cannot vouch for later.
  const vouched = run.report.jobs.filter(({ forged }) => forged === undefined);
  const checks = vouched.flatMap(({ checks: own }) => own).filter(passed);
  const tests = checks.filter(({ id: check }) => !check.endsWith("::(job)")).length;
  return { candidate, said: told(run.report), passing: checks.length, tests };
}

function attemptsText(attempts: readonly Attempt[], unsupported: readonly string[]): string {
  const each = attempts.map(({ candidate, said, passing, tests }) => ({
    ...candidate,
    said,
    passing,
    tests,
  }));
  return `${JSON.stringify({ schemaVersion: 1, attempts: each, unsupported }, null, 2)}\n`;
}

function summary(attempts: readonly Attempt[], unsupported: readonly string[]): string {
  const lines = [
    ...attempts.map(({ candidate, said }) => `${candidate.name}: ${said}`),
    ...unsupported.map((what) => `unsupported: ${what}`),
  ];
  return `expected a plan whose run of the base tree lists a passing test, found none\n${lines.join("\n")}`;
}

function keptRow(
  row: SplitRow,
  attempts: readonly Attempt[],
  unsupported: readonly string[],
): EnvironmentRow | undefined {
  const listed = attempts.find(({ tests }) => tests > 0);
  const chosen = listed ?? attempts.find(({ passing }) => passing > 0);
  if (chosen === undefined) return undefined;
  const { plan, notes, name } = chosen.candidate;
  const bare = listed === undefined ? ["no test is listed: only exit codes are read"] : [];
  const ci = writtenPlan(plan);
  const refused = attempts.indexOf(chosen);
  const all = [`plan from: ${name}`, ...notes, ...bare];
  return {
    ...row,
    environment: { ci, refused, passing: chosen.passing, unsupported: [...unsupported], notes: all },
  };
}

/** Rejects `no-environment`; what an engine or a repository could not give is thrown, and the row asked again. */
export function environmentStage(deps: EnvironmentDeps): Stage<SplitRow, EnvironmentRow> {
  const { fromWorkflow, attemptsFolder, runs } = deps;
  const run = async (row: SplitRow, signal: AbortSignal): Promise<StageOutcome<EnvironmentRow>> => {
    const { candidates, unsupported } = await candidatesOf(row, await deps.treeOf(row), fromWorkflow);
    const attempts: Attempt[] = [];
    for (const [at, candidate] of candidates.entries()) {
      signal.throwIfAborted();
      const attempt = await attempted(row, candidate, { runs, n: at + 1 });
      attempts.push(attempt);
      if (attempt.tests > 0) break;
    }
    await mkdir(attemptsFolder, { recursive: true });
    await writeWhole(join(attemptsFolder, `${row.id}.json`), attemptsText(attempts, unsupported));
    const kept = keptRow(row, attempts, unsupported);
    if (kept !== undefined) return keptAs(kept);
    return rejectedFor(row, { reason: "no-environment", detail: summary(attempts, unsupported) });
  };
  const settings = { version: 3, fromWorkflow };
  return { name: "environment", input: splitRow, output: environmentRow, settings, run };
}
