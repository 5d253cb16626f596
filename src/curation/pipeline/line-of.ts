// The instance that a row is so far: the line of a set it would be frozen as, parsed at the same door as any.
import { type Instance, parseInstance } from "../../domain/instance.ts";
import type { InstanceLine } from "../imported.ts";
import type { EnvironmentRow } from "./rows.ts";

export function lineOf({ id, repo, split, environment }: EnvironmentRow): InstanceLine {
  return {
    ...{ instance_id: id, repo, base_commit: split.baseCommit, language: split.language },
    ...{ patch: split.goldPatch, test_patch: split.testPatch, created_at: split.createdAt },
    ...{ problem_statement: split.problemStatement, hints_text: split.hintsText, ci: environment.ci },
  };
}

/** Undefined and why where it is none: somebody has written a plan that no runner reads. */
export function instanceIn(
  row: EnvironmentRow,
): { readonly instance: Instance } | { readonly problem: string } {
  const parsed = parseInstance(lineOf(row));
  if (parsed.ok) return { instance: parsed.value };
  const each = parsed.problems.map(
    ({ field, expected, found }) => `${field}: expected ${expected}, found ${found}`,
  );
  return { problem: each.join("; ") };
}
