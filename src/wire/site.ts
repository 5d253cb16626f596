// A stored run as the site reads it: its board, its evidence as it is asked for, and its issues where the set is there.
import { Exhibits, readManifest } from "../arena/index.ts";
import { readSet } from "../curation/index.ts";
import { isFault, UsageError } from "../domain/fault.ts";
import type { Instance } from "../domain/instance.ts";
import type { SiteIssue, SiteRun } from "../report/index.ts";
import { readBoardSource } from "./stored.ts";

const shownIssue = ({ repo, problemStatement, createdAt }: Instance): SiteIssue => ({
  repo,
  text: problemStatement,
  createdAt,
});

/** Issues by id; none where the set is gone or is another one by now, which is said. */
async function issuesOf(
  run: string,
  { set, setHash }: { readonly set: string; readonly setHash: string },
  note: (line: string) => void,
): Promise<ReadonlyMap<string, SiteIssue>> {
  const { options } = await readManifest(run);
  try {
    const found = await readSet(options.set);
    if (found.set.name === set && found.set.sha256 === setHash) {
      return new Map(found.instances.map((instance) => [instance.instanceId, shownIssue(instance)]));
    }
    note(`${run}: ${options.set} is not the set that was played any more: its issues are not shown`);
  } catch (error) {
    if (!(error instanceof UsageError) && !isFault(error)) throw error;
    note(`${run}: its issues are not shown: ${error.message}`);
  }
  return new Map();
}

/** @throws UsageError when the folder holds no run */
export async function readSiteRun(run: string, note: (line: string) => void): Promise<SiteRun> {
  const source = await readBoardSource(run);
  const issues = await issuesOf(run, source.settings, note);
  const exhibits = new Exhibits(run);
  return {
    source,
    evidence: {
      round: (row, options) => exhibits.round(row, options),
      log: (log) => exhibits.log(log),
      issue: (instanceId) => issues.get(instanceId),
    },
  };
}
