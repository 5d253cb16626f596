// Validates an issue set on this host: gold must resolve, base must not, panel labels must hold, repeats must agree.
import { isFault } from "../domain/fault.ts";
import { reasonText } from "../domain/record.ts";
import { type Baseline, type BaselineRuns, baselineProblem, judge, readBaseline } from "../grading/index.ts";
import { candidateOfPatch, candidateOfTree } from "./candidate.ts";
import { type Case, CaseFault } from "./case.ts";
import type { Runs } from "./runs.ts";
import { submissionRuns } from "./submission-runs.ts";

export type CheckOutcome = "pass" | "fail" | "fault";

export interface PanelCheck {
  readonly id: string;
  readonly declared: string;
  readonly label: string;
  readonly valid: boolean;
  readonly reasons: readonly string[];
  /** Why this host could not judge it: then label and validity say nothing. */
  readonly lost?: string;
}

export interface InstanceCheck {
  readonly instanceId: string;
  readonly oracle: string;
  /** Gold is valid and resolved (where there is an oracle of tests). */
  readonly gold: CheckOutcome;
  /** The base tree alone is unresolved. */
  readonly empty: CheckOutcome;
  readonly flaky: readonly string[];
  /** Checks whose twins do not fail on this instance's own trees: canaries alone vouch for them. */
  readonly deaf: readonly string[];
  readonly failToPass: readonly string[];
  readonly passToPass: readonly string[];
  readonly panel: readonly PanelCheck[];
  readonly seconds: number;
  /** What is wrong, and what to do about it. */
  readonly problems: readonly string[];
}

export interface CheckDeps {
  readonly runs: Runs;
  readonly repeats: number;
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonicMs: () => number;
}

async function labelled(
  of: Case,
  runs: Runs,
  baseline: ReturnType<typeof readBaseline>,
  patch: string | "gold",
) {
  const candidate =
    patch === "gold" ? await candidateOfTree(of, of.goldTree) : await candidateOfPatch(of, patch);
  const submission = await submissionRuns(of, candidate, {
    baseline,
    run: async (state) => (await runs.run(of, { ...state, comparison: "single" })).judged,
  });
  return judge(of.instance, { baseline, submission, review: { kind: "none" } });
}

async function checkPanel(
  of: Case,
  deps: CheckDeps,
  baseline: ReturnType<typeof readBaseline>,
): Promise<PanelCheck[]> {
  const checks: PanelCheck[] = [];
  for (const member of of.instance.panel) {
    const record = await labelled(of, deps.runs, baseline, member.patch);
    checks.push({
      id: member.id,
      declared: member.label,
      label: record.label,
      valid: record.submission.status === "valid",
      reasons: record.submission.reasons.map(reasonText),
      ...(record.void === undefined ? {} : { lost: `${record.void.cause}: ${record.void.detail}` }),
    });
  }
  return checks;
}

function panelProblems(panel: readonly PanelCheck[]): string[] {
  return panel.flatMap((member) => {
    if (member.lost !== undefined)
      return [
        `panel ${member.id} could not be judged here (${member.lost}): free memory and disk, and check again`,
      ];
    if (!member.valid)
      return [`panel ${member.id} is not valid (${member.reasons.join("; ")}): mend or drop it`];
    if (member.label === member.declared) return [];
    return [
      `panel ${member.id} is declared ${member.declared} but judged ${member.label}: correct its label`,
    ];
  });
}

/** No repeat of base with the hidden tests may be labelled resolved. Without hidden tests there is nothing to resolve. */
function baseUnresolved(of: Case, baseline: Baseline, runs: BaselineRuns): boolean {
  const [visible] = runs.base;
  if (visible === undefined || baseline.failToPass.size === 0) return false;
  return runs.baseHidden.every((hidden) => {
    const submission = {
      kind: "applied",
      visible: { kind: "ran", report: visible },
      hidden: { kind: "ran", report: hidden },
    } as const;
    return judge(of.instance, { baseline, submission, review: { kind: "none" } }).label === "unresolved";
  });
}

async function checkRuns(of: Case, deps: CheckDeps): Promise<Omit<InstanceCheck, "seconds">> {
  const runs = await deps.runs.baselineRuns(of, deps.repeats);
  const baseline = readBaseline(of.instance, runs);
  const gold = await labelled(of, deps.runs, baseline, "gold");
  if (gold.void !== undefined) {
    const message = `gold could not be judged on this host: ${gold.void.detail}`;
    throw new CaseFault("baseline-lost", message, { retryable: true });
  }
  const problems: string[] = [];
  const unsound = baselineProblem(of.instance, baseline)?.text;
  if (unsound !== undefined) problems.push(`${unsound}: mend the gold patch, the test patch or the plan`);
  if (gold.submission.status === "invalid") {
    const why = gold.submission.reasons.map(reasonText).join("; ");
    problems.push(`the gold patch is judged invalid (${why})`);
  }
  if (baseline.flaky.size > 0) {
    problems.push(`flaky checks: ${[...baseline.flaky].join(", ")}; they are left out of every judgement`);
  }
  if (baseline.unbroken.length > 0) {
    const named = baseline.unbroken.join(", ");
    problems.push(`declared fail-to-pass, but passes before the fix: ${named}; correct the list`);
  }
  const hasTests = of.instance.oracle === "tests";
  const goldPasses =
    gold.submission.status === "valid" && unsound === undefined && (!hasTests || gold.label === "resolved");
  const panel = await checkPanel(of, deps, baseline);
  problems.push(...panelProblems(panel));
  return {
    instanceId: of.instance.instanceId,
    oracle: of.instance.oracle,
    gold: goldPasses ? "pass" : "fail",
    empty: !hasTests || baseUnresolved(of, baseline, runs) ? "pass" : "fail",
    flaky: [...baseline.flaky],
    deaf: [...baseline.deaf].sort(),
    failToPass: [...baseline.failToPass].sort(),
    passToPass: [...baseline.passToPass].sort(),
    panel,
    problems,
  };
}

/** Checks one instance. Never throws for the instance's own defects or for faults: both are in the answer. */
export async function checkInstance(
  instance: { readonly instanceId: string; readonly oracle: string },
  open: () => Promise<Case>,
  deps: CheckDeps,
): Promise<InstanceCheck> {
  const started = deps.monotonicMs();
  const seconds = () => (deps.monotonicMs() - started) / 1000;
  try {
    return { ...(await checkRuns(await open(), deps)), seconds: seconds() };
  } catch (error) {
    if (!isFault(error)) throw error;
    const unsound = error.code === "unsound-instance";
    const outcome: CheckOutcome = unsound ? "fail" : "fault";
    return {
      instanceId: instance.instanceId,
      oracle: instance.oracle,
      gold: outcome,
      empty: outcome,
      flaky: [],
      deaf: [],
      failToPass: [],
      passToPass: [],
      panel: [],
      seconds: seconds(),
      problems: [`${error.code}: ${error.message}`],
    };
  }
}
