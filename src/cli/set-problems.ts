// Bad lines of a set: reported with file, line and field, fatal only when the user asks for it.
import { problemText, type SetProblem } from "../curation/index.ts";
import { UsageError } from "../domain/fault.ts";
import type { Output } from "./output.ts";

/** @throws UsageError with the first problems when `strict` */
export function reportSetProblems(problems: readonly SetProblem[], out: Output, strict: boolean): void {
  for (const problem of problems) out.note(problemText(problem));
  if (!strict || problems.length === 0) return;
  throw new UsageError(`the set has ${problems.length} bad line(s) and --strict was given`);
}
