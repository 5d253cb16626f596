// Settles contested kills once a tournament is played: other contestants' resolved submissions meet the tests (DESIGN 4.7).
import { quarantinedBy, vouchedRounds } from "../domain/canary.ts";
import { isFault } from "../domain/fault.ts";
import type { RoundRow, RunStore } from "../domain/run.ts";
import {
  type JudgedRun,
  judge,
  juryOf,
  type PanelRuns,
  parseJury,
  parseRoundEvidence,
  type RoundEvidence,
} from "../grading/index.ts";
import { candidateOfPatch } from "./candidate.ts";
import type { Case } from "./case.ts";
import { type Evidence, EvidenceFault } from "./evidence.ts";
import { reviewOfPatch } from "./review.ts";
import { endsTheRun } from "./run-ending.ts";
import { isDiskFull } from "./running/room.ts";
import type { Runs } from "./runs.ts";

export interface SettleDeps {
  readonly store: RunStore;
  readonly runs: Runs;
  readonly evidence: Evidence;
  readonly repeats: number;
  readonly openCase: (instanceId: string) => Promise<Case>;
  readonly signal: AbortSignal;
  /** True once the rest is left to whoever resumes the run. */
  readonly isStopping?: () => boolean;
  /** A kill that could not be put to a jury, and why: it stays contested. */
  readonly onUnsettled: (row: RoundRow, message: string) => void;
}

const folderOf = (row: RoundRow): string => `battles/${row.battleId}/round-${row.round}`;

/** Beside the round's folder, whose hash was taken when the round was played. */
const juryFile = (folder: string): string => `${folder}.jury.json.gz`;

/**
 * The stored jury of a round; undefined where there was none.
 * @throws EvidenceFault when it is damaged: judging on without it would undo a settlement
 */
export async function readJury(
  folder: string,
  evidence: Evidence,
): Promise<readonly PanelRuns[] | undefined> {
  try {
    return parseJury(await evidence.readTranscript(juryFile(folder)));
  } catch (error) {
    if (error instanceof EvidenceFault && error.code === "evidence-missing") return undefined;
    throw error;
  }
}

/** Without rounds that were recorded on a host which may have been broken by then. */
const vouched = (store: RunStore, rows = store.rounds()): readonly RoundRow[] =>
  vouchedRounds(rows, store.canaries(), store.roundMarks()).counted;

/** Resolved submissions of contestants who played neither side of the round, each tree once, in the order played. */
async function jurors(of: Case, row: RoundRow, deps: SettleDeps): Promise<Map<string, string>> {
  const trees = new Map<string, string>();
  for (const other of vouched(deps.store)) {
    const isOutsider = other.submitter !== row.submitter && other.submitter !== row.reviewer;
    const isRight = other.record.submission.status === "valid" && other.record.label === "resolved";
    if (other.instanceId !== row.instanceId || !isOutsider || !isRight) continue;
    const patch = await deps.evidence.readText(`${folderOf(other)}/submission.patch`);
    const candidate = await candidateOfPatch(of, patch);
    if (candidate.kind !== "applied" || candidate.tree === of.goldTree || trees.has(candidate.tree)) continue;
    trees.set(candidate.tree, `${other.submitter}, ${other.battleId} round ${other.round}`);
  }
  return trees;
}

interface Summons {
  readonly of: Case;
  /** By tree: whose it is. */
  readonly jurors: ReadonlyMap<string, string>;
  /** T. */
  readonly files: ReadonlyMap<string, Buffer | undefined>;
}

/** T on every juror, n times each. */
async function meetJurors({ of, jurors: trees, files }: Summons, deps: SettleDeps): Promise<PanelRuns[]> {
  const met: PanelRuns[] = [];
  for (const [tree, candidate] of trees) {
    const withTests = await of.repository.withFiles(tree, files);
    const runs: JudgedRun[] = [];
    for (let repeat = 1; repeat <= deps.repeats; repeat += 1) {
      const state = { comparison: "treatment", repeat, withLint: false } as const;
      runs.push((await deps.runs.run(of, { ...state, name: "juror+T", tree: withTests })).judged);
    }
    met.push({ candidate, label: "resolved", runs });
  }
  return met;
}

async function settleOne(row: RoundRow, deps: SettleDeps): Promise<void> {
  const of = await deps.openCase(row.instanceId);
  const folder = folderOf(row);
  const review = await reviewOfPatch(of, await deps.evidence.readText(`${folder}/review.patch`), false);
  const outsiders = await jurors(of, row, deps);
  // Gold is one right patch, the panel's are others: with too few there is nothing to run.
  const right = 1 + row.record.panel.filter(({ label }) => label === "resolved").length + outsiders.size;
  if (review.kind !== "applied" || right < 3) return;
  const jury = await meetJurors({ of, jurors: outsiders, files: review.files }, deps);
  const stored: RoundEvidence = parseRoundEvidence(
    await deps.evidence.readTranscript(`${folder}/evidence.json.gz`),
  );
  const record = judge(of.instance, { ...stored, jury });
  if (record.settlement === undefined) return;
  await deps.evidence.writeTranscript(juryFile(folder), juryOf(jury));
  deps.store.replaceRecord(row.battleId, row.round, record);
}

/**
 * Settles what can be settled of these rounds, or of all that are played; kills that too few right patches met, and those
 * on instances in quarantine, stay contested and score for nobody. @throws what would keep every further one open too
 */
export async function settleContested(deps: SettleDeps, given?: readonly RoundRow[]): Promise<void> {
  const quarantined = quarantinedBy(deps.store.canaries());
  const open = vouched(deps.store, given).filter(
    ({ record, instanceId }) =>
      record.contested &&
      record.settlement === undefined &&
      record.void === undefined &&
      !quarantined.has(instanceId),
  );
  for (const row of open) {
    if (deps.signal.aborted || deps.isStopping?.() === true) return;
    try {
      await settleOne(row, deps);
    } catch (error) {
      if (deps.signal.aborted) return;
      if (!isFault(error) || endsTheRun(error) || isDiskFull(error)) throw error;
      deps.onUnsettled(row, `${error.code}: ${error.message}`);
    }
  }
}
