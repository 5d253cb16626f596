// From a pair as written down to one that answers: engines opened and asked what they can, the score chosen by that.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { Backend } from "./backend.ts";
import {
  blindScorer,
  type ChunkScorer,
  learnedScorer,
  logRatioScorer,
  meanNllScorer,
  worstTokenScorer,
  worstWindowScorer,
  yesScorer,
} from "./chunk-scorers.ts";
import { type PairConfiguration, pairSettingsOf } from "./configuration.ts";
import { type Engine, EngineFault } from "./engine.ts";
import { describeCapabilities } from "./engines/probe.ts";
import type { LearnedMap } from "./learned.ts";
import type { Ledger, LedgerEvent } from "./ledger.ts";
import { openPair } from "./pair.ts";
import type { Task } from "./task.ts";
import { reasoningTask } from "./tasks/reasoning-task.ts";
import { stopRuleNamed } from "./tasks/stopping.ts";

export interface OpenPairDeps {
  readonly openEngine: (spec: PairConfiguration["draft"]) => Promise<Engine>;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: { next(): number };
  /** Told what was chosen where the configuration left a choice. */
  readonly note: (sentence: string) => void;
  readonly tasks?: readonly Task[];
  readonly ledger?: Ledger;
  readonly before?: Iterable<LedgerEvent>;
  readonly asksOnce?: boolean;
}

/** What a request may name without bringing rules of its own; any other name is a chat that is calibrated by itself. */
const namedTasks: readonly Task[] = [
  reasoningTask({ name: "maths", stop: stopRuleNamed("decided"), scoresAnswers: true }),
];

export interface PairEngines {
  readonly draft: Engine;
  readonly target: Engine;
  readonly scorer: ChunkScorer;
}

/** @throws EngineFault: an engine cannot be opened, or cannot do what the score asks for */
export async function openPairEngines(
  configuration: PairConfiguration,
  { openEngine, note }: Pick<OpenPairDeps, "openEngine" | "note">,
): Promise<PairEngines> {
  const scorerNamed = await scorerOf(configuration);
  const draft = await openEngine(configuration.draft);
  try {
    const target = await openEngine(configuration.target);
    try {
      const scorer = scorerNamed ?? defaultScorer(target, note);
      mustServe(scorer, { draft, target });
      note(describeCapabilities([draft, target]));
      return { draft, target, scorer };
    } catch (error) {
      await target.close();
      throw error;
    }
  } catch (error) {
    await draft.close();
    throw error;
  }
}

/** @throws EngineFault: see {@link openPairEngines} */
export async function openConfiguredPair(
  configuration: PairConfiguration,
  { openEngine, ...deps }: OpenPairDeps,
): Promise<Backend> {
  const settings = pairSettingsOf(configuration);
  if (settings.limits.usd !== undefined && settings.prices === undefined)
    throw new EngineFault(
      "unusable",
      "limits.usd cannot be kept, since draft and target have no prices: give both their `prices:`, or leave the limit out",
    );
  const engines = await openPairEngines(configuration, { openEngine, note: deps.note });
  try {
    return openPair({ tasks: namedTasks, ...deps, ...engines }, settings);
  } catch (error) {
    await Promise.all([engines.draft.close(), engines.target.close()]);
    throw error;
  }
}

const named: Readonly<Record<NonNullable<PairConfiguration["score"]>, (seed: string) => ChunkScorer>> = {
  "mean-nll": () => meanNllScorer,
  "worst-window": () => worstWindowScorer,
  "worst-token": () => worstTokenScorer,
  "log-ratio": () => logRatioScorer,
  "p-yes": () => yesScorer(),
  random: (seed) => blindScorer("random", seed),
  constant: (seed) => blindScorer("constant", seed),
};

async function scorerOf({ score, learned, seed }: PairConfiguration): Promise<ChunkScorer | undefined> {
  if (learned !== undefined) return learnedScorer(await readLearned(learned));
  return score === undefined ? undefined : named[score](seed);
}

/** The worst stretch of tokens where the target tells them, a question to it where it does not. */
function defaultScorer(target: Engine, note: OpenPairDeps["note"]): ChunkScorer {
  if (target.capabilities.promptLogprobs !== "none") return worstWindowScorer;
  note(`${target.name} tells nothing of a prompt's tokens: drafts are scored by asking it yes or no (p-yes)`);
  return yesScorer();
}

function mustServe(scorer: ChunkScorer, { draft, target }: Record<"draft" | "target", Engine>): void {
  const refuse = (engine: Engine, wanted: string): never => {
    throw new EngineFault(
      "unsupported",
      `score ${scorer.name}: expected ${wanted} of ${engine.name}, which it does not tell. What to do: choose another score`,
    );
  };
  if (scorer.name === "random" || scorer.name === "constant") return;
  if (scorer.name === "p-yes") {
    if (target.capabilities.topLogprobs === 0) refuse(target, "the likeliest tokens");
    return;
  }
  if (target.capabilities.promptLogprobs === "none") refuse(target, "log-probabilities of a prompt's tokens");
  if (scorer.name === "log-ratio" && !draft.capabilities.generatedLogprobs)
    refuse(draft, "log-probabilities of its own tokens");
}

const learnedFile = z.object({
  learned: z.object({
    bias: z.number(),
    weights: z.array(
      z.object({ name: z.string(), mean: z.number(), deviation: z.number(), weight: z.number() }),
    ),
  }),
});

/** @throws EngineFault `unusable` naming the file */
async function readLearned(path: string): Promise<LearnedMap> {
  const unusable = (cause: unknown): EngineFault =>
    new EngineFault(
      "unusable",
      `${path}: expected a learned score as \`arena a1 calibrate --out\` writes it, found none. What to do: run that`,
      { cause },
    );
  try {
    return learnedFile.parse(JSON.parse(await readFile(path, "utf8"))).learned;
  } catch (error) {
    throw unusable(error);
  }
}
