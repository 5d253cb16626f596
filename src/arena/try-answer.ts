// Runs an answer before it is given, for contestants that choose among several of their own: with what base and answer show, no more.
import { isFault } from "../domain/fault.ts";
import { checksById, type RunReport } from "../domain/report.ts";
import { explain, isLost, type JudgedRun, judge } from "../grading/index.ts";
import type { Trial } from "../inference/index.ts";
import { candidateOfPatch, candidateOfTree } from "./candidate.ts";
import type { Case } from "./case.ts";
import type { ReviewAnswer, SubmitAnswer } from "./player.ts";
import { reviewOfFiles, reviewOfPatch } from "./review.ts";
import { endsTheRun } from "./run-ending.ts";
import type { Runs } from "./runs.ts";

type Tried = Exclude<SubmitAnswer | ReviewAnswer, { kind: "rejected" }>;

/**
 * A submission passes that keeps the visible checks, hidden tests unseen (DESIGN 4.9); tests pass that fail on base, as
 * tests of a bug must. The run of a submission is the round's own P, so that what is submitted costs nothing twice.
 * @throws a fault that ends the run
 */
export async function tryAnswer(of: Case, answer: SubmitAnswer | ReviewAnswer, runs: Runs): Promise<Trial> {
  try {
    if (answer.kind === "rejected") return failed(answer.reasons.map(({ detail }) => detail).join("; "));
    return "bounded" in answer ? await tryReview(of, answer, runs) : await trySubmission(of, answer, runs);
  } catch (error) {
    if (!isFault(error) || endsTheRun(error)) throw error;
    return { kind: "unknown", because: error.message };
  }
}

const failed = (because: string): Trial => ({ kind: "failed", because });

async function trySubmission(
  of: Case,
  answer: Extract<Tried, { kind: "patch" | "tree" }>,
  runs: Runs,
): Promise<Trial> {
  const candidate =
    answer.kind === "tree"
      ? await candidateOfTree(of, answer.tree)
      : await candidateOfPatch(of, answer.patch);
  if (candidate.kind === "rejected") return failed(candidate.reasons.map(({ detail }) => detail).join("; "));
  const baseline = await runs.baseline(of);
  const visible = await judged(of, { name: "P", tree: candidate.tree, withLint: true }, runs);
  if (isLost(visible, baseline)) return { kind: "unknown", because: "this host lost a job of the run" };
  const submission = { kind: "applied" as const, visible };
  const { status, reasons } = judge(of.instance, {
    baseline,
    submission,
    review: { kind: "none" },
  }).submission;
  return status === "valid" ? { kind: "passed" } : failed(reasons.map(({ detail }) => detail).join("; "));
}

async function tryReview(
  of: Case,
  answer: Extract<ReviewAnswer, { kind: "patch" | "files" }>,
  runs: Runs,
): Promise<Trial> {
  const review =
    answer.kind === "patch"
      ? await reviewOfPatch(of, answer.patch, answer.bounded)
      : await reviewOfFiles(of, answer.files, answer.bounded);
  if (review.kind === "none") return failed("no tests");
  if (review.kind === "rejected") return failed(review.reasons.map(({ detail }) => detail).join("; "));
  const base = await judged(of, { name: "B", tree: of.baseTree, withLint: true }, runs);
  const tree = await of.repository.withFiles(of.baseTree, review.files);
  const { report } = await judged(of, { name: "B+T", tree, withLint: false }, runs);
  return verdictOfTests(base.report, report);
}

/** New checks alone speak, and one of them must have been executed and have failed. */
function verdictOfTests(base: RunReport, withTests: RunReport): Trial {
  const known = checksById(base);
  const fresh = [...checksById(withTests).values()].filter(({ id }) => !known.has(id));
  if (fresh.some(({ status }) => status === "failed")) return { kind: "passed" };
  if (fresh.length === 0) return failed(`no new check was executed on base${explain(withTests)}`);
  return failed("no new check fails on base");
}

async function judged(
  of: Case,
  state: { readonly name: string; readonly tree: string; readonly withLint: boolean },
  runs: Runs,
): Promise<JudgedRun> {
  return (await runs.run(of, { ...state, comparison: "single", repeat: 1 })).judged;
}
