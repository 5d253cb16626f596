// What a valid review is worth apart from its round: the mutants of gold it kills, and the changed lines its checks execute.
import type { MutantResult, Reach, RoundRecord } from "../domain/record.ts";
import { checksById, functionOf } from "../domain/report.ts";
import { passed } from "./baseline.ts";
import {
  type AppliedReview,
  type Expected,
  incidentKinds,
  isSound,
  type JudgedRun,
  type ReviewEvidence,
  reportsOf,
} from "./evidence.ts";
import { effectsOn, excusedOf } from "./judge-review.ts";

/** Undefined where no mutants were to be met. Those of which nothing is known are left out: neither killed nor spared. */
export function judgeMutants(
  evidence: ReviewEvidence,
  review: RoundRecord["review"],
  expected: Expected,
): RoundRecord["mutants"] {
  if (evidence.kind !== "applied" || evidence.onMutants === undefined || review.status !== "valid")
    return undefined;
  const { met, leftOut } = evidence.onMutants;
  const results = effectsOn(evidence, met, { review, expected }).map(
    ({ mutant, noticedBy, effect }): MutantResult => ({ mutant, noticedBy, effect }),
  );
  return { met: results, leftOut };
}

/** Checks that pass n/n where no line ends them: of all others it cannot be told why they fail. */
function passing(evidence: AppliedReview, review: RoundRecord["review"]): readonly string[] {
  if (evidence.onProbed?.changeOf === "gold") return review.eligible;
  const reports = reportsOf(evidence.onSubmission ?? []);
  return reports.length === 0
    ? []
    : review.eligible.filter((id) => reports.every((checks) => passed(checks.get(id))));
}

/** A program that did not build with its aborts, or a run of which nothing can be believed, tells nothing. */
function isTelling(run: JudgedRun, evidence: AppliedReview, expected: Expected): boolean {
  if (incidentKinds(run.report).includes("build-failed")) return false;
  return isSound(run, expected.baseline, excusedOf(evidence, expected));
}

/** The checks of a review that come out otherwise once every changed line ends whoever executes it. */
export function judgeReach(
  evidence: ReviewEvidence,
  review: RoundRecord["review"],
  expected: Expected,
): Reach | undefined {
  if (evidence.kind !== "applied" || evidence.onProbed === undefined || review.status !== "valid")
    return undefined;
  const { changeOf, runs } = evidence.onProbed;
  const telling = runs.filter(({ run }) => isTelling(run, evidence, expected));
  const reached: string[] = [];
  let known = 0;
  for (const id of passing(evidence, review)) {
    const own = telling.find(({ test }) => test === undefined || test === functionOf(id));
    const status = own === undefined ? undefined : checksById(own.run.report).get(id)?.status;
    // One that is not there was ended by something else, or never begun.
    if (status === undefined || status === "skipped") continue;
    known += 1;
    if (status !== "passed") reached.push(id);
  }
  return known === 0 ? undefined : { changeOf, reached, known };
}
