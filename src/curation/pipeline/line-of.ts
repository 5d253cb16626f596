// The instance that a row is so far: the line of a set it would be frozen as, parsed at the same door as any.
import type { z } from "zod";
import { UsageError } from "../../domain/fault.ts";
import { type CiPlan, type Instance, parseInstance, type planSchema } from "../../domain/instance.ts";
import type { InstanceLine } from "../imported.ts";
import type { EnvironmentRow, SplitRow } from "./rows.ts";

type WrittenPlan = z.infer<typeof planSchema>;

/** A plan as it is written down. */
export function writtenPlan(plan: CiPlan): WrittenPlan {
  return {
    ...plan,
    prepare: [...plan.prepare],
    jobs: plan.jobs.map((job) => ({ ...job, env: { ...job.env }, tags: [...job.tags] })),
  };
}

export function lineOf(
  { id, repo, split }: Pick<SplitRow, "id" | "repo" | "split">,
  ci: WrittenPlan,
): InstanceLine {
  return {
    ...{ instance_id: id, repo, base_commit: split.baseCommit, language: split.language },
    ...{ patch: split.goldPatch, test_patch: split.testPatch, created_at: split.createdAt },
    ...{ problem_statement: split.problemStatement, hints_text: split.hintsText, ci },
  };
}

/** Of a row that was an instance before. @throws UsageError where somebody has written another plan into its file */
export function instanceOfRow(row: EnvironmentRow): Instance {
  const read = instanceIn(row, row.environment.ci);
  if ("instance" in read) return read.instance;
  throw new UsageError(`${row.id}: expected an instance, found ${read.problem}: run the stages before again`);
}

/** Undefined and why where it is none: somebody has written a plan that no runner reads. */
export function instanceIn(
  row: Pick<SplitRow, "id" | "repo" | "split">,
  ci: WrittenPlan,
): { readonly instance: Instance } | { readonly problem: string } {
  const parsed = parseInstance(lineOf(row, ci));
  if (parsed.ok) return { instance: parsed.value };
  const each = parsed.problems.map(
    ({ field, expected, found }) => `${field}: expected ${expected}, found ${found}`,
  );
  return { problem: each.join("; ") };
}
