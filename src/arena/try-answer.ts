// Runs an answer before it is given, for contestants that choose among several of their own: nothing hidden takes part.
import { isFault } from "../domain/fault.ts";
import { type Reason, reasonText } from "../domain/record.ts";
import { checksById } from "../domain/report.ts";
import { type Baseline, explain, isLost, type JudgedRun, judge } from "../grading/index.ts";
import type { Trial } from "../inference/index.ts";
import { candidateOf } from "./candidate.ts";
import type { Case } from "./case.ts";
import type { State } from "./judging.ts";
import type { ReviewAnswer, SubmitAnswer } from "./player.ts";
import { reviewOf } from "./review.ts";
import { endsTheRun } from "./run-ending.ts";
import type { Runs } from "./runs.ts";
import { visibleRuns } from "./submission-runs.ts";

export type TrialRuns = Pick<Runs, "run" | "baseline">;

interface Trying {
  readonly baseline: Baseline;
  /** The round's own runs: what is submitted afterwards is not run again. */
  readonly run: (state: Omit<State, "comparison">) => Promise<JudgedRun>;
}

/** A submission passes that keeps the visible checks, hidden tests unseen (DESIGN 4.9). @throws a fault that ends the run */
export function trySubmission(of: Case, answer: SubmitAnswer, runs: TrialRuns): Promise<Trial> {
  return tried(of, runs, async ({ baseline, run }) => {
    const candidate = await candidateOf(of, answer);
    if (candidate.kind === "rejected") return failed(candidate.reasons);
    const visible = await visibleRuns(of, candidate.tree, { baseline, run });
    if ([visible.visible, visible.again].some((each) => each !== undefined && isLost(each, baseline)))
      return lost;
    const evidence = {
      baseline,
      submission: { kind: "applied", ...visible },
      review: { kind: "none" },
    } as const;
    const { status, reasons } = judge(of.instance, evidence).submission;
    return status === "valid" ? { kind: "passed" } : failed(reasons);
  });
}

/**
 * Tests pass that fail on base, as tests of a defect must. Those that cannot be built there count as failed: nobody can
 * tell them from broken ones. @throws a fault that ends the run
 */
export function tryReview(of: Case, answer: ReviewAnswer, runs: TrialRuns): Promise<Trial> {
  return tried(of, runs, async ({ baseline, run }) => {
    const review = await reviewOf(of, answer);
    if (review.kind === "none") return { kind: "failed", because: "no tests" };
    if (review.kind === "rejected") return failed(review.reasons);
    const base = await run({ name: "B", tree: of.baseTree, repeat: 1, withLint: true });
    const tree = await of.repository.withFiles(of.baseTree, review.files);
    const met = await run({ name: "B+T", tree, repeat: 1, withLint: false });
    return isLost(met, baseline) ? lost : verdictOfTests(base, met);
  });
}

async function tried(of: Case, runs: TrialRuns, judged: (trying: Trying) => Promise<Trial>): Promise<Trial> {
  try {
    const run: Trying["run"] = async (state) =>
      (await runs.run(of, { ...state, comparison: "single" })).judged;
    return await judged({ baseline: await runs.baseline(of), run });
  } catch (error) {
    if (!isFault(error) || endsTheRun(error)) throw error;
    return { kind: "unknown", because: error.message };
  }
}

const lost: Trial = { kind: "unknown", because: "this host lost a job of the run" };

const failed = (reasons: readonly Reason[]): Trial => ({
  kind: "failed",
  because: reasons.map(reasonText).join("; "),
});

/** New checks alone speak, and one of them must have been executed and have failed. */
function verdictOfTests(base: JudgedRun, met: JudgedRun): Trial {
  const known = checksById(base.report);
  const fresh = [...checksById(met.report).values()].filter(({ id }) => !known.has(id));
  if (fresh.some(({ status }) => status === "failed")) return { kind: "passed" };
  if (fresh.length > 0) return { kind: "failed", because: "no new check fails on base" };
  return { kind: "failed", because: `no new check was executed on base${explain(met.report)}` };
}
