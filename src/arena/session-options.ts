// What a session over a set is opened by: the command line's options as they are given.

import { join, resolve } from "node:path";
import { defaultLimits, type SandboxLimits } from "../../sandboxes/index.ts";
import { UsageError } from "../domain/fault.ts";
import type { BudgetLimits, Contestant, Limit, RetryPolicy } from "../inference/index.ts";
import { type CanaryIntervals, defaultCanaryIntervals } from "./canary-watch.ts";
import type { Choice } from "./choose.ts";
import { type ManifestOptions, resumable } from "./manifest.ts";
import type { HourLimits } from "./play-time.ts";
import type { RerankChoice } from "./rerankers.ts";

export interface SessionOptions extends Choice, RerankChoice {
  /** A comma list; absent where no contestant plays. */
  readonly contestants?: string;
  /** Contestants that the list may name by their ids alone, since they stand in no file of their own. */
  readonly inline?: readonly Contestant[];
  /** Answers asked for per submission or review, whatever a contestant's own entry says. */
  readonly attempts?: number;
  readonly repos?: string;
  readonly sandbox?: string;
  /** Memory of one sandbox, MiB. */
  readonly memory?: number;
  /** Sandboxes at once. */
  readonly sandboxes?: number;
  readonly run?: string;
  readonly seed?: string;
  /** US dollars. Without one a run that goes on keeps the one it has; so with all that follow, and with workers. */
  readonly budget?: number;
  readonly budgetTokens?: number;
  readonly budgetHours?: number;
  /** Of every single contestant: US dollars, tokens, and hours that its model calls take. */
  readonly budgetEach?: number;
  readonly budgetEachTokens?: number;
  readonly budgetEachHours?: number;
  /** Battles of an instance, and hours, between two of its canaries. Kept likewise. */
  readonly canaryBattles?: number;
  readonly canaryHours?: number;
  /** Minutes that a provider which answers nothing is waited for before its contestants drop out, and an engine before the run ends. Kept likewise. */
  readonly patience?: number;
  /** Battles at once: kept for whoever resumes the run. */
  readonly workers?: number;
  /** What contestants behind models are shown of the source who name no mode of their own; `full` when absent. */
  readonly retrieval?: string;
  /** Kept likewise: a comma list of contestants, one of whom takes part in every battle. */
  readonly anchors?: string;
  /** Nothing will be played: the run folder goes when the session does. */
  readonly dryRun?: boolean;
}

const limit = (usd: number | undefined, tokens: number | undefined): Limit => ({
  ...(usd === undefined ? {} : { usd }),
  ...(tokens === undefined ? {} : { tokens }),
});

export function budgetLimits(options: SessionOptions): BudgetLimits {
  const { budget, budgetTokens, budgetEach, budgetEachTokens } = options;
  return { total: limit(budget, budgetTokens), perContestant: limit(budgetEach, budgetEachTokens) };
}

export function hourLimits({ budgetHours, budgetEachHours }: SessionOptions): HourLimits {
  return {
    ...(budgetHours === undefined ? {} : { total: budgetHours }),
    ...(budgetEachHours === undefined ? {} : { perContestant: budgetEachHours }),
  };
}

export function canaryIntervals({ canaryBattles, canaryHours }: SessionOptions): CanaryIntervals {
  const { battles, hours } = defaultCanaryIntervals;
  return { battles: canaryBattles ?? battles, hours: canaryHours ?? hours };
}

const defaultPatienceMinutes = 60;

export const patienceMs = ({ patience = defaultPatienceMinutes }: SessionOptions): number =>
  patience * 60_000;

export const retryPolicy = (options: SessionOptions): Partial<RetryPolicy> => ({
  windowMs: patienceMs(options),
});

/** @throws UsageError */
export function mustBeSandboxClass(wanted: string): void {
  if (["docker", "bubblewrap", "auto"].includes(wanted)) return;
  throw new UsageError(`--sandbox: expected docker, bubblewrap or auto, found "${wanted}"`);
}

/** Its folder goes with the session. */
export const isPassing = ({ dryRun, run }: SessionOptions): boolean => dryRun === true && run === undefined;

/** Where a run is kept that names no folder: below `arena-runs`, a plan alone among the temporary files. */
export function runFolderNamed(
  options: SessionOptions,
  { setName, stamp, temporary }: Readonly<Record<"setName" | "stamp" | "temporary", string>>,
): string {
  if (options.run !== undefined) return options.run;
  return isPassing(options)
    ? join(temporary, `arena-dry-run-${stamp}`)
    : join("arena-runs", `${setName}-${stamp}`);
}

export function limitsOf({ memory }: Pick<SessionOptions, "memory">): SandboxLimits {
  return memory === undefined ? defaultLimits : { ...defaultLimits, memoryMb: memory };
}

/** What whoever goes on with the run must share, with paths that hold from anywhere. */
export function optionsKept(options: SessionOptions): ManifestOptions {
  const { set, repos, contestants, sandbox, memory, only, anchors, attempts, rerank, rerankDevice } = options;
  const { budget, budgetTokens, budgetHours, workers, sandboxes } = options;
  const { budgetEach, budgetEachTokens, budgetEachHours } = options;
  const { canaryBattles, canaryHours, patience } = options;
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(path));
  const paths = { set: resolve(set), repos: absolute(repos), rerank: absolute(rerank) };
  const budgets = { budget, budgetTokens, budgetHours, budgetEach, budgetEachTokens, budgetEachHours };
  const intervals = { canaryBattles, canaryHours, patience };
  const limits = { memory, workers, sandboxes, attempts, ...budgets, ...intervals };
  return resumable({ ...paths, ...limits, contestants, sandbox, rerankDevice, only, anchors });
}
