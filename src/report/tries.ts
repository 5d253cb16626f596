// Independent tries at one issue: which there are, which succeed, and Best@k and pass^k over them.
import type { Side } from "../domain/record.ts";
import { type Bootstrap, type Estimate, passAtK, passHatK } from "../rating/index.ts";
import { rate } from "./metric-definition.ts";
import { byInstance, type SeenRound } from "./seen.ts";

/** A try is its first answer: what a retry mended was not there at the first attempt. */
function succeeds({ row }: SeenRound, side: Side): boolean {
  const usage = side === "submitter" ? row.submitterUsage : row.reviewerUsage;
  if (usage.attempts > 1) return false;
  return side === "submitter"
    ? row.record.submission.status === "valid" && row.record.label === "resolved"
    : row.record.effect === "killed";
}

/** Tries that could have succeeded: an instance with a label; for a reviewer, something there to kill. */
function isTry({ row, independent }: SeenRound, side: Side): boolean {
  if (!independent.has(row[side]) || row.record.label === "unlabelled") return false;
  return (
    side === "submitter" || (row.record.submission.status === "valid" && row.record.label === "unresolved")
  );
}

/** A contestant's independent tries in the role, issue by issue. `seen`: its rounds in this role, void ones left out. */
export const triesByIssue = (seen: readonly SeenRound[], role: Side): readonly (readonly SeenRound[])[] =>
  byInstance(seen.filter((one) => isTry(one, role)));

/** Best@k and pass^k of one contestant in one role, over the issues with k tries or more; absent where there are none. */
export function overTries(
  seen: readonly SeenRound[],
  of: { readonly role: Side; readonly k: number; readonly bootstrap: Bootstrap },
): { readonly best: Estimate | undefined; readonly all: Estimate | undefined } {
  const enough = triesByIssue(seen, of.role).filter((tries) => tries.length >= of.k);
  const estimate = (chance: (n: number, c: number, k: number) => number) => {
    const clusters = enough.map((tries) => {
      const succeeded = tries.filter((one) => succeeds(one, of.role)).length;
      return [{ numerator: chance(tries.length, succeeded, of.k), denominator: 1 }];
    });
    return of.bootstrap.estimate(clusters, rate);
  };
  return { best: estimate(passAtK), all: estimate(passHatK) };
}
