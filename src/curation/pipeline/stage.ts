// One stage of curation: what it takes, what it gives, and what decides its answer besides the row itself.
import type { z } from "zod";
import type { Row, StageName } from "./rows.ts";

/** Why a row goes no further. A value, never a fault: the row itself is the reason. */
export interface Rejection {
  /** A short word, counted in the funnel. */
  readonly reason: string;
  /** What was expected and found, for a person. */
  readonly detail: string;
}

/** Rows that one row (a repository, for `mine`) becomes. */
export interface StageOutcome<Out> {
  readonly kept: readonly Out[];
  /** With the id under which each is counted: the row's own, or that of something found in it. */
  readonly rejected: readonly (Rejection & { readonly id: string })[];
}

export interface Stage<In extends { readonly id: string }, Out extends Row> {
  readonly name: StageName;
  readonly input: z.ZodType<In>;
  readonly output: z.ZodType<Out>;
  /** JSON of what decides an answer besides the row: another value asks again for every row. */
  readonly settings: unknown;
  /** @throws a fault: the row is neither kept nor rejected, and is asked again by the next run of the stage */
  run(row: In, signal: AbortSignal): Promise<StageOutcome<Out>>;
  /** What only all rows together show (duplicates, quotas), told of the kept ones in their order. Pure. */
  readonly whole?: (rows: readonly Out[]) => StageOutcome<Out>;
}

export function keptAs<Out>(row: Out): StageOutcome<Out> {
  return { kept: [row], rejected: [] };
}

export function rejectedFor<Out>(row: { readonly id: string }, why: Rejection): StageOutcome<Out> {
  return { kept: [], rejected: [{ id: row.id, ...why }] };
}
