// Lets a control review meet a set's hidden panel without a battle: what `issues check` says of reviewers.
import type { PanelResult, Reason, RoundRecord } from "../domain/record.ts";
import { noRetrieval, type RunSettings } from "../domain/run.ts";
import type { Case } from "./case.ts";
import type { Evidence } from "./evidence.ts";
import type { Player } from "./player.ts";
import { playRound } from "./round.ts";
import type { Runs } from "./runs.ts";

export interface ReviewerCheck {
  readonly reviewer: string;
  readonly status: RoundRecord["review"]["status"];
  readonly reasons: readonly Reason[];
  readonly panel: readonly PanelResult[];
}

export interface ReviewerCheckDeps {
  readonly runs: Runs;
  readonly evidence: Evidence;
  readonly repeats: number;
  readonly monotonicMs: () => number;
}

/** The reviewer's tests on gold, then against every hidden candidate; the submitter is the empty control. */
export async function checkReviewer(
  of: Case,
  reviewer: Player,
  empty: Player,
  deps: ReviewerCheckDeps,
): Promise<ReviewerCheck> {
  const settings: RunSettings = {
    set: "",
    setHash: "",
    contestants: [reviewer.id, empty.id],
    seed: "reviewer-check",
    rounds: 1,
    feedback: false,
    hintMode: "none",
    repeats: deps.repeats,
    panel: true,
    retrieval: noRetrieval,
  };
  const plan = {
    battleId: `check-${of.instance.instanceId}-${reviewer.id}`,
    round: 1,
    submitter: empty,
    reviewer,
    submitterTurn: 0,
    reviewerTurn: 0,
    submitterFeedback: [],
    reviewerFeedback: [],
    seed: `reviewer-check ${of.instance.instanceId}`,
  };
  const { row } = await playRound(of, plan, { ...deps, settings });
  const { review, panel } = row.record;
  return { reviewer: reviewer.id, status: review.status, reasons: review.reasons, panel };
}
