// Where candidates for an instance's hidden panel come from: mutants of its gold, and what contestants handed in elsewhere.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { mutantPatches } from "../arena/index.ts";
import type { PanelCandidate, PanelDeps } from "../curation/index.ts";
import { UsageError } from "../domain/fault.ts";
import { type CurationOptions, caseForCuration } from "./curation.ts";
import { openRunReadOnly } from "./stored.ts";

export interface PanelOptions {
  /** Members from mutants, and from answers, at most; 0: no panel. */
  readonly panel: number;
  /** Run folders whose submissions are tried, comma separated. */
  readonly answers?: string;
  readonly seed: string;
}

/** Many mutants do not compile, or no test tells them from gold. */
const triesForEach = 4;
/** What a model writes is read up to this. */
const mostPatchBytes = 1_000_000;

type Answers = ReadonlyMap<string, readonly PanelCandidate[]>;

/** The submissions of finished rounds, by instance. @throws UsageError for a folder that holds no run */
async function answersIn(run: string): Promise<(readonly [string, PanelCandidate])[]> {
  const store = openRunReadOnly(run);
  try {
    const found: (readonly [string, PanelCandidate])[] = [];
    for (const { battleId, round, instanceId, submitter } of store.rounds()) {
      const path = join(run, "battles", battleId, `round-${round}`, "submission.patch");
      const bytes = await readFile(path).catch((cause: unknown) => {
        throw new UsageError(`--answers: expected what was handed in in ${path}, found nothing`, { cause });
      });
      if (bytes.length === 0 || bytes.length > mostPatchBytes) continue;
      found.push([instanceId, { from: "answer", by: submitter, patch: bytes.toString("utf8") }]);
    }
    return found;
  } finally {
    store.close();
  }
}

async function answersOf(runs: readonly string[]): Promise<Answers> {
  const byInstance = new Map<string, PanelCandidate[]>();
  for (const run of runs) {
    for (const [instanceId, candidate] of await answersIn(resolve(run)))
      byInstance.set(instanceId, [...(byInstance.get(instanceId) ?? []), candidate]);
  }
  return byInstance;
}

function digestOf(answers: Answers): string {
  return createHash("sha256")
    .update(JSON.stringify([...answers]))
    .digest("hex");
}

/** Undefined where no panel is wanted. @throws UsageError, RetrieverFault where mutants cannot be made here */
export async function panelDeps(
  { panel: most, answers: runs = "", seed }: PanelOptions,
  options: CurationOptions,
): Promise<PanelDeps | undefined> {
  if (most === 0) return undefined;
  const folders = runs.split(",").flatMap((run) => (run.trim() === "" ? [] : [run.trim()]));
  const answers = await answersOf(folders);
  return {
    most,
    settings: { seed, triesForEach, answers: digestOf(answers) },
    candidates: async (instance) => {
      const of = await caseForCuration(instance, options);
      const patches = await mutantPatches(of, { seed, limit: most * triesForEach });
      const mutants = patches.map((patch): PanelCandidate => ({ from: "mutant", patch }));
      return [...mutants, ...(answers.get(instance.instanceId) ?? [])];
    },
  };
}
