// What a viewer shows of a round beside its row: texts and reports that were read back from the run folder.
import type { RunReport } from "./report.ts";
import type { Role } from "./run.ts";

/** One judged run of a round, under the label that its verdict.json gives it: `P`, `G+T 2`, `panel <id>+T 1`. */
export interface ExhibitRun {
  readonly label: string;
  readonly report: RunReport;
  /** Set where the run showed nothing: what its paired control showed (DESIGN 4.6). */
  readonly control?: "passed" | "failed";
  /** Its evidence file, relative to the run folder; absent where the verdict names none. */
  readonly log?: string;
}

export interface RoundExhibit {
  /** Submission and review as diffs; absent where the file is missing. */
  readonly patch?: string;
  readonly tests?: string;
  /** Everything a model was asked, as it was sent; absent for controls and replays, or where it was not read. */
  readonly prompts: Readonly<Partial<Record<Role, string>>>;
  /** In the order B, G, then the round's own. */
  readonly runs: readonly ExhibitRun[];
  readonly failToPass: readonly string[];
  readonly passToPass: readonly string[];
  /** Sentences that say what could not be read, and why. */
  readonly missing: readonly string[];
}

/** One command of a judged run, as its transcript kept it. */
export interface LogStep {
  readonly label: string;
  readonly argv: readonly string[];
  /** Such as `exited 1` or `timed out`. */
  readonly outcome: string;
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes that are not shown, here or in the transcript. */
  readonly leftOutBytes: number;
}

export interface LogJob {
  readonly name: string;
  readonly run: string;
  readonly steps: readonly LogStep[];
}

export interface RunLog {
  /** As in {@link ExhibitRun}. */
  readonly log: string;
  readonly jobs: readonly LogJob[];
  readonly report: RunReport;
}
