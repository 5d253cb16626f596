// How curation has an instance's own trees run in sandboxes: the arena's judged runs, handed in by the wiring.
import type { Instance } from "../../domain/instance.ts";
import type { RunReport } from "../../domain/report.ts";
import type { Baseline, JudgedRun, SubmissionEvidence } from "../../grading/index.ts";

/** Base and gold, without and with the hidden tests. */
export type OwnState = "B" | "G" | "B+H" | "G+H";

/** What one run differs in from another of the same tree; nothing varies where all are absent. */
export interface Variation {
  /** Repeats are never one run. */
  readonly repeat: number;
  /** Order of tests, hash seeds and threads are drawn from it, where the runner lets them be. */
  readonly orderSeed?: string;
  /** Processes that keep a core busy meanwhile. */
  readonly load?: number;
  /** The clock begins at the base commit's date, where the toolchain lets itself be told. */
  readonly clockAtBase?: boolean;
}

export interface RunResources {
  /** Of the steps of all jobs; what the sandbox waits for between them is not counted. */
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Most memory at once, page cache included; absent where the sandbox does not tell. */
  readonly peakBytes?: number;
}

/** `not-prepared`: the plan's preparation does not succeed on base; `unsound`: patches do not apply, trees cannot be had. */
export interface NoRun {
  readonly kind: "not-prepared" | "unsound";
  readonly detail: string;
}

/** Of a plan that may be wrong: what it shows is its own doing. */
export type TriedPlan =
  | {
      readonly kind: "ran";
      readonly report: RunReport;
      /** The end of what each job's last command printed, by job: for people, never judged. */
      readonly said?: ReadonlyMap<string, string>;
    }
  | NoRun;

export type OwnRun =
  | {
      readonly kind: "ran";
      /** Beside gold with the hidden tests on the same host, where it shows nothing (DESIGN 4.6). */
      readonly judged: JudgedRun;
      readonly resources: RunResources;
      /** Parts of the variation that could not be had, and why. */
      readonly notVaried: readonly string[];
    }
  | NoRun;

export interface TreeRuns {
  /** The instance's plan once, lint jobs too, on its base tree or on gold with the hidden tests. @throws as `run` */
  tryPlan(instance: Instance, tree: "base" | "merged"): Promise<TriedPlan>;
  /** @throws faults of the engine and the host: nothing is known then of the instance */
  run(instance: Instance, state: OwnState, variation: Variation): Promise<OwnRun>;
  /** What a patch shows, taken and run as a submission is in a battle; nothing is varied. @throws as `run` */
  submission(instance: Instance, patch: string, baseline: Baseline): Promise<SubmissionEvidence | NoRun>;
}
