// The ways of answering that the pair is measured against: each model alone, chance at the same rate, and all in step.
import type { Clock } from "../../clock.ts";
import { Calls } from "../calls.ts";
import { blindScorer, type ChunkScorer } from "../chunk-scorers.ts";
import type { Engine } from "../engine.ts";
import { lanesOf } from "../lanes.ts";
import { type Ledger, type LedgerEvent, noLedger } from "../ledger.ts";
import { openPair, type PairSettings } from "../pair.ts";
import { retrying } from "../retrying.ts";
import { Spending } from "../spending.ts";
import { chatTask } from "../task.ts";
import { withTokens } from "../text-engine.ts";
import { PrefixWarmth } from "../warmth.ts";
import type { Arm } from "./experiment.ts";
import { answerInStep } from "./turn-synchronous.ts";

export const armNames = ["a1", "draft", "target", "random", "turn-sync", "scored"] as const;
export type ArmName = (typeof armNames)[number];

export interface ArmDeps {
  readonly draft: Engine;
  readonly target: Engine;
  readonly scorer: ChunkScorer;
  readonly settings: PairSettings;
  readonly clock: Clock;
  readonly random: { next(): number };
  readonly ledger?: Ledger;
  /** What an earlier run of the arm `a1` has written to its ledger before it was killed. */
  readonly before?: readonly LedgerEvent[];
}

/**
 * `a1` the pair; `draft` and `target` each model alone; `random` the pair with a score that knows nothing, at the same
 * rate; `turn-sync` all candidates of a question in step; `scored` drafts alone, scored and never handed over.
 * Engines stay the caller's to close.
 */
export function armOf(name: ArmName, deps: ArmDeps): Arm {
  const { draft, target, scorer, settings, clock, random, ledger = noLedger, before = [] } = deps;
  const seed = settings.calibrator.seed;
  const pair = (
    engines: { draft: Engine; target: Engine },
    by: ChunkScorer,
    own: PairSettings,
    log: Ledger,
    known: readonly LedgerEvent[] = [],
  ): Arm => {
    const backend = openPair({ ...engines, scorer: by, clock, random, ledger: log, before: known }, own);
    const answeredBefore = new Set(
      known.flatMap((event) => (event.kind === "answered" ? [event.question] : [])),
    );
    return { name, answeredBefore, ask: (request, signal) => backend.ask(request, signal) };
  };
  // Nothing to write with either: a draft that cannot be scored would be handed over whatever the rate.
  const never: PairSettings = {
    ...settings,
    limits: { ...settings.limits, takeoverTokens: 0 },
    calibrator: { ...settings.calibrator, interventionRate: 0, step: 0, auditShare: 0 },
    ownBankDrafts: 0,
  };
  const alone = (engine: Engine): Arm =>
    pair({ draft: engine, target: engine }, blindScorer("constant", seed), never, noLedger);
  switch (name) {
    case "a1":
      return pair({ draft, target }, scorer, settings, ledger, before);
    case "draft":
      return alone(draft);
    case "target":
      return byTarget(alone(target));
    case "random": {
      // A score that knows nothing ranks no better among a question's own drafts: they would only cost.
      const blind = { ...settings, ownBankDrafts: 0 };
      return pair({ draft, target }, blindScorer("random", seed), blind, noLedger);
    }
    case "scored":
      return pair({ draft, target }, scorer, never, ledger);
    case "turn-sync":
      return inStep(deps);
  }
}

/** A model alone drafts all it writes: of the target alone those are its tokens. */
function byTarget({ name, ask }: Arm): Arm {
  return {
    name,
    ask: async (request, signal) => {
      const answer = await ask(request, signal);
      const { draftTokens, targetTokens } = answer.usage;
      return { ...answer, usage: { ...answer.usage, draftTokens: targetTokens, targetTokens: draftTokens } };
    },
  };
}

function inStep({ draft, target, scorer, settings, clock, random }: ArmDeps): Arm {
  const again = { clock, random };
  const engines = {
    draft: retrying(withTokens(draft), again),
    target: retrying(withTokens(target), again),
  };
  const lanes = lanesOf(settings.lanes, clock);
  const calls = new Calls({ engines, lanes, ledger: noLedger, clock, warmth: new PrefixWarmth(clock) });
  const { sample, limits, calibrator } = settings;
  return {
    name: "turn-sync",
    ask: (request, signal) =>
      answerInStep(
        {
          ...{ engines, calls, scorer, settings: sample, spending: new Spending({ limits }) },
          ...{ task: request.rules ?? chatTask, interventionRate: calibrator.interventionRate },
        },
        request,
        signal,
      ),
  };
}
