// `arena issues diff`: what a version of a set has that another has not, or has otherwise.
import { readSet, type SetDifference, setDifference } from "../../curation/index.ts";
import type { CommandContext } from "../command.ts";
import { type ExitCode, exitCodes } from "../exit.ts";
import { table } from "../output.ts";
import { reportSetProblems } from "../set-problems.ts";

export interface IssuesDiffOptions {
  readonly before: string;
  readonly after: string;
}

function rendered({ added, removed, changed, same }: SetDifference): string {
  const fields = changed.flatMap(({ instanceId, fields: own }) => [
    ["changed", instanceId],
    ...own.map(({ field, change }) => ["", `${field}: ${change}`]),
  ]);
  return table([
    ...removed.map((id) => ["removed", id]),
    ...added.map((id) => ["added", id]),
    ...fields,
    ["the same", String(same)],
  ]);
}

/** Exit code 0 whatever differs, as long as both were read whole: a difference is what was asked for. */
export async function issuesDiff(
  { before, after }: IssuesDiffOptions,
  { out }: CommandContext,
): Promise<ExitCode> {
  const [was, is] = [await readSet(before), await readSet(after)];
  reportSetProblems([...was.problems, ...is.problems], out, false);
  const difference = setDifference(was.instances, is.instances);
  const told = ({ set }: typeof was) => ({ name: set.name, version: set.version, sha256: set.sha256 });
  const json = { schemaVersion: 1, before: told(was), after: told(is), ...difference };
  out.result(json, () => rendered(difference));
  return was.problems.length + is.problems.length > 0 ? exitCodes.belowThreshold : exitCodes.done;
}
