// The runs a submission is judged by, P and P+H: the same in a round, for a prediction and for a member of the panel.
import type { JudgedRun, SubmissionEvidence } from "../grading/index.ts";
import type { Candidate } from "./candidate.ts";
import type { Case } from "./case.ts";

/** Runs one state of a submission; lint is judged on what it wrote, never again with the hidden tests. */
export type RunSubmission = (state: {
  readonly name: "P" | "P+H";
  readonly tree: string;
  readonly withLint: boolean;
}) => Promise<JudgedRun>;

export async function submissionRuns(
  of: Case,
  candidate: Candidate,
  run: RunSubmission,
): Promise<SubmissionEvidence> {
  if (candidate.kind === "rejected") return candidate;
  const visible = await run({ name: "P", tree: candidate.tree, withLint: true });
  if (of.instance.oracle !== "tests") return { kind: "applied", visible };
  const tree = await of.repository.withFiles(candidate.tree, of.hidden);
  return { kind: "applied", visible, hidden: await run({ name: "P+H", tree, withLint: false }) };
}
