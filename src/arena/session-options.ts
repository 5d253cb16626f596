// What a session over a set is opened by: the command line's options as they are given.

import { resolve } from "node:path";
import { defaultLimits, type SandboxLimits } from "../../sandboxes/index.ts";
import type { BudgetLimits } from "../inference/index.ts";
import type { Choice } from "./choose.ts";
import { type ManifestOptions, resumable } from "./manifest.ts";
import type { RerankChoice } from "./rerankers.ts";

export interface SessionOptions extends Choice, RerankChoice {
  /** A comma list; absent where no contestant plays. */
  readonly contestants?: string;
  readonly repos?: string;
  readonly sandbox?: string;
  /** Memory of one sandbox, MiB. */
  readonly memory?: number;
  /** Sandboxes at once. */
  readonly sandboxes?: number;
  readonly run?: string;
  readonly seed?: string;
  /** US dollars. Without one a run that goes on keeps the one it has; so with the next two. */
  readonly budget?: number;
  readonly budgetTokens?: number;
  /** Battles at once: kept for whoever resumes the run. */
  readonly workers?: number;
  /** What contestants behind models are shown of the source who name no mode of their own; `full` when absent. */
  readonly retrieval?: string;
  /** Kept likewise: a comma list of contestants, one of whom takes part in every battle. */
  readonly anchors?: string;
  /** Nothing will be played: the run folder goes when the session does. */
  readonly dryRun?: boolean;
}

export function budgetLimits({ budget: usd, budgetTokens: tokens }: SessionOptions): BudgetLimits {
  return { total: { ...(usd === undefined ? {} : { usd }), ...(tokens === undefined ? {} : { tokens }) } };
}

export function limitsOf({ memory }: SessionOptions): SandboxLimits {
  return memory === undefined ? defaultLimits : { ...defaultLimits, memoryMb: memory };
}

/** What whoever goes on with the run must share, with paths that hold from anywhere. */
export function optionsKept(options: SessionOptions): ManifestOptions {
  const { set, repos, contestants, sandbox, memory, only, anchors, rerank, rerankDevice } = options;
  const { budget, budgetTokens, workers, sandboxes } = options;
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(path));
  const paths = { set: resolve(set), repos: absolute(repos), rerank: absolute(rerank) };
  const limits = { memory, budget, budgetTokens, workers, sandboxes };
  return resumable({ ...paths, ...limits, contestants, sandbox, rerankDevice, only, anchors });
}
