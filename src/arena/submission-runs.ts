// The runs a submission is judged by, P and P+H: the same in a round, for a prediction and for a member of the panel.
import {
  type Baseline,
  expectedOf,
  type JudgedRun,
  regressionsOf,
  type SubmissionEvidence,
} from "../grading/index.ts";
import type { Candidate } from "./candidate.ts";
import type { Case } from "./case.ts";

/** Runs one state of a submission; lint is judged on what it wrote, never again with the hidden tests. */
export type RunSubmission = (state: {
  readonly name: "P" | "P again" | "P+H";
  readonly tree: string;
  readonly repeat: number;
  readonly withLint: boolean;
}) => Promise<JudgedRun>;

export interface SubmissionDeps {
  readonly baseline: Baseline;
  readonly run: RunSubmission;
}

async function hiddenRun(of: Case, tree: string, run: RunSubmission): Promise<{ hidden?: JudgedRun }> {
  if (of.instance.oracle !== "tests") return {};
  const withHidden = await of.repository.withFiles(tree, of.hidden);
  return { hidden: await run({ name: "P+H", tree: withHidden, repeat: 1, withLint: false }) };
}

/** A regression must happen twice: gold and base were run once each, so a check that wavers may pass for stable. */
export async function visibleRuns(
  of: Case,
  tree: string,
  { baseline, run }: SubmissionDeps,
): Promise<{ visible: JudgedRun; again?: JudgedRun }> {
  const visible = await run({ name: "P", tree, repeat: 1, withLint: true });
  const isWhole = visible.kind === "ran";
  const regressions = isWhole ? regressionsOf({ visible }, expectedOf(of.instance, baseline)) : [];
  if (regressions.length === 0) return { visible };
  return { visible, again: await run({ name: "P again", tree, repeat: 2, withLint: true }) };
}

export async function submissionRuns(
  of: Case,
  candidate: Candidate,
  deps: SubmissionDeps,
): Promise<SubmissionEvidence> {
  if (candidate.kind === "rejected") {
    const { reasons, labelled } = candidate;
    const hidden = labelled === undefined ? {} : await hiddenRun(of, labelled, deps.run);
    return { kind: "rejected", reasons, ...hidden };
  }
  const visible = await visibleRuns(of, candidate.tree, deps);
  return { kind: "applied", ...visible, ...(await hiddenRun(of, candidate.tree, deps.run)) };
}
