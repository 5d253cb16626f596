// What a valid review meets beside its submission: the hidden panel, mutants of gold, and changed lines that abort.
import { checksById } from "../domain/report.ts";
import type { RunSettings } from "../domain/run.ts";
import type { JudgedRun, MutantRuns, PanelRuns, ReviewEvidence } from "../grading/index.ts";
import type { Case } from "./case.ts";
import { goldMutants } from "./gold-mutants.ts";
import type { State } from "./judging.ts";
import { probeRuns } from "./probe.ts";
import type { Runs } from "./runs.ts";
import { mutantLabel, panelLabel } from "./verdict-files.ts";

export interface ValidReview {
  readonly of: Case;
  readonly settings: RunSettings;
  readonly runs: Runs;
  /** T. */
  readonly files: ReadonlyMap<string, Buffer | undefined>;
  /** Checks that may kill. */
  readonly eligible: readonly string[];
  /** The submission that T met; absent when there was none to meet. */
  readonly submission?: string;
  /** Runs a state of this round, its evidence kept under the name. */
  readonly run: (name: string, tree: string, options: Partial<State>) => Promise<JudgedRun>;
}

/** n runs, or fewer: one in which every check passes settles that there is no kill. */
async function meet(review: ValidReview, candidate: string, name: string): Promise<JudgedRun[]> {
  const { of, settings, files, eligible, run } = review;
  const tree = await of.repository.withFiles(candidate, files);
  const runs: JudgedRun[] = [];
  for (let repeat = 1; repeat <= settings.repeats; repeat += 1) {
    const done = await run(name, tree, { comparison: "treatment", repeat });
    runs.push(done);
    const checks = checksById(done.report);
    if (eligible.every((id) => checks.get(id)?.status === "passed")) break;
  }
  return runs;
}

async function onPanel(review: ValidReview): Promise<PanelRuns[]> {
  const { of, settings } = review;
  const met: PanelRuns[] = [];
  for (const { id, label, patch } of settings.panel ? of.instance.panel : []) {
    const applied = await of.repository.apply(of.baseTree, patch);
    if (applied.kind === "does-not-apply") continue;
    met.push({ candidate: id, label, runs: await meet(review, applied.tree, panelLabel(id)) });
  }
  return met;
}

async function onMutants(review: ValidReview): Promise<MutantRuns | undefined> {
  const { of, runs, settings } = review;
  if (settings.mutants === undefined) return undefined;
  const { shown, leftOut } = await goldMutants(of, runs, { seed: settings.seed, count: settings.mutants });
  const met: MutantRuns["met"][number][] = [];
  for (const { name: mutant, tree, fate: noticedBy } of shown) {
    met.push({ mutant, noticedBy, runs: await meet(review, tree, mutantLabel(mutant)) });
  }
  return { met, leftOut };
}

/** Lines of the submission that was met; of gold where there was none and the run grades reviewers. */
async function onProbed({ of, settings, files, eligible, submission, run }: ValidReview) {
  const common = { of, files, eligible, run };
  if (submission !== undefined) return probeRuns({ ...common, changeOf: "submission", tree: submission });
  if (settings.mutants === undefined) return undefined;
  return probeRuns({ ...common, changeOf: "gold", tree: of.goldTree });
}

type Applied = Extract<ReviewEvidence, { kind: "applied" }>;

/** @throws a fault */
export async function beyondTheRound(
  review: ValidReview,
): Promise<Pick<Applied, "onPanel" | "onMutants" | "onProbed">> {
  const panel = await onPanel(review);
  const mutants = await onMutants(review);
  const probes = await onProbed(review);
  return {
    onPanel: panel,
    ...(mutants === undefined ? {} : { onMutants: mutants }),
    ...(probes === undefined ? {} : { onProbed: probes }),
  };
}
