// Finds the mutant control's patch: gold with one seeded defect that compiles, breaks nothing visible, and shows.
import type { Case } from "../case.ts";
import { judgedMutants } from "../gold-mutants.ts";
import type { Runs } from "../runs.ts";

/** Sandbox runs are dear: a gold patch whose first mutants all go unnoticed has no mutant control. */
const maxTries = 12;

/** The mutant's tree, preferably one no visible check notices; or undefined when none of the tried defects compiles and changes a check. */
export async function findMutant(of: Case, runs: Runs, seed: string): Promise<string | undefined> {
  let caught: string | undefined;
  for await (const { fate, tree } of judgedMutants(of, runs, { seed, limit: maxTries })) {
    if (fate === "hidden") return tree;
    // What the visible tests catch is an invalid submission: it teaches nothing about reviewers.
    if (fate === "visible" || fate === "endsOthers") caught ??= tree;
  }
  return caught;
}
