// A tree in which every changed line ends whoever executes it, and the runs of a review's tests on that tree.
import { functionOf } from "../domain/report.ts";
import { aloneIn, type JudgedRun, type ProbedRuns, sharesProcess } from "../grading/index.ts";
import { probed } from "../mutants/index.ts";
import type { Case } from "./case.ts";
import { changedSources } from "./changed-sources.ts";
import type { State } from "./judging.ts";

/** A contestant decides how many files it changes; parsing them must not hold us up. */
const mostFiles = 20;

/** Undefined where no changed line is run by a call, or where some file cannot be parsed: part of it would mislead. */
export async function probedTree(of: Case, tree: string): Promise<string | undefined> {
  const { syntax, sources } = await changedSources(of, tree);
  if (sources.length > mostFiles) return undefined;
  const files = new Map<string, Buffer>();
  for (const { path, text, lines } of sources) {
    const found = probed(syntax, text, lines);
    if (found.kind === "unparsed") return undefined;
    if (found.kind === "probed") files.set(path, Buffer.from(found.text));
  }
  return files.size === 0 ? undefined : of.repository.withFiles(tree, files);
}

/** Label of a run beside `P+T` and `G+T`. */
export function probeLabel(changeOf: ProbedRuns["changeOf"], test?: string): string {
  const name = changeOf === "gold" ? "G!+T" : "P!+T";
  return test === undefined ? name : `${name} ${test}`;
}

/** Of tests that share a process each function needs a run of its own; the rest stays unknown. */
const mostFunctions = 8;

/** Test functions that must be run alone. */
function alone({ instance }: Case, eligible: readonly string[]): string[] {
  const sharing = instance.ci.jobs.filter(sharesProcess);
  const functions = new Set(eligible.map(functionOf));
  const own = [...functions].filter((test) => sharing.some((job) => aloneIn(job, test) !== undefined));
  return own.slice(0, mostFunctions);
}

function hasOthers({ instance }: Case, eligible: readonly string[]): boolean {
  const apart = instance.ci.jobs.filter((job) => !sharesProcess(job));
  return eligible.some((id) => apart.some(({ name }) => id.startsWith(`${name}::`)));
}

export interface ProbeRequest {
  readonly of: Case;
  readonly changeOf: ProbedRuns["changeOf"];
  /** Gold's, or the submission's. */
  readonly tree: string;
  /** T. */
  readonly files: ReadonlyMap<string, Buffer | undefined>;
  readonly eligible: readonly string[];
  readonly run: (name: string, tree: string, options: Partial<State>) => Promise<JudgedRun>;
}

/** Undefined where there is nothing to find out. @throws a fault */
export async function probeRuns(request: ProbeRequest): Promise<ProbedRuns | undefined> {
  const { of, changeOf, eligible, run } = request;
  const aborting = await probedTree(of, request.tree);
  if (aborting === undefined) return undefined;
  const tree = await of.repository.withFiles(aborting, request.files);
  const runs: ProbedRuns["runs"][number][] = [];
  for (const test of alone(of, eligible)) {
    runs.push({ test, run: await run(probeLabel(changeOf, test), tree, { only: test }) });
  }
  if (hasOthers(of, eligible)) runs.push({ run: await run(probeLabel(changeOf), tree, {}) });
  return runs.length === 0 ? undefined : { changeOf, runs };
}
