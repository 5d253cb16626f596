// What lies beside every verdict, of a round or of a prediction: enough to read why, and to judge it again.
import { type RoundRecord, verdictOf } from "../domain/record.ts";
import { type RoundEvidence, storableBaseline } from "../grading/index.ts";
import type { Candidate } from "./candidate.ts";
import type { Evidence } from "./evidence.ts";

export interface VerdictFiles {
  /** The submission as a diff. */
  readonly patch: string;
  /** Absent when a fault came before there was one. */
  readonly candidate: Candidate | undefined;
  /** What the record was judged from. */
  readonly from: RoundEvidence;
  readonly record: RoundRecord;
  /** The evidence file of each run by its label. */
  readonly runs: Readonly<Record<string, string>>;
}

/** Label of a panel member's runs: no id can be taken for a state of the round. */
export const panelLabel = (id: string): string => `panel ${id}+T`;

/** The same of a mutant's. */
export const mutantLabel = (name: string): string => `mutant ${name}+T`;

/** Writes submission.patch, evidence.json.gz and verdict.json into a folder of the run's evidence. */
export async function writeVerdict(evidence: Evidence, folder: string, files: VerdictFiles): Promise<void> {
  const { patch, candidate, from, record, runs } = files;
  await evidence.writeText(`${folder}/submission.patch`, patch);
  await evidence.writeTranscript(`${folder}/evidence.json.gz`, {
    schemaVersion: 1,
    ...from,
    baseline: storableBaseline(from.baseline),
  });
  await evidence.writeJson(`${folder}/verdict.json`, {
    schemaVersion: 1,
    verdict: verdictOf(record),
    record,
    restoredTestFiles: candidate?.kind === "applied" ? candidate.restored : [],
    runs,
  });
}
