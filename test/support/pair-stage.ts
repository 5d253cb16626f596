// A pair of scripted engines in virtual time, and what is asked of it.
import { seededRandom } from "../../src/domain/random.ts";
import type { QuestionRequest } from "../../src/inference/a1/backend.ts";
import { meanNllScorer } from "../../src/inference/a1/chunk-scorers.ts";
import type { LedgerEvent } from "../../src/inference/a1/ledger.ts";
import { defaultPairSettings, type PairDeps, type PairSettings } from "../../src/inference/a1/pair.ts";
import { VirtualTime } from "../../src/inference/a1/simulation/virtual-time.ts";
import { chatTask, likeliest, type Task } from "../../src/inference/a1/task.ts";
import { type Script, ScriptedEngine } from "./engine-script.ts";

/** An answer stands between angle brackets; a text with a question mark can never become one. */
export const bracketed: Task = {
  ...chatTask,
  name: "bracketed",
  gate: (text) => {
    if (text.includes("?")) return { kind: "refused", because: "it asks back" };
    const [, answer] = /<(\w+)>/.exec(text) ?? [];
    return answer === undefined ? { kind: "open" } : { kind: "answered", answer };
  },
  ...{ scoresAnswers: false, onIntervention: "continue" },
  choose: (candidates) => likeliest(candidates),
};

export const settings = (more: Partial<PairSettings> = {}, rate = 0.5): PairSettings => ({
  ...defaultPairSettings,
  sample: { ...defaultPairSettings.sample, turns: 6, draftTokens: 40, takeoverTokens: 40 },
  calibrator: { ...defaultPairSettings.calibrator, interventionRate: rate, auditShare: 0, step: 0 },
  ...more,
});

/** `rate` 1: every scored chunk goes to the target; 0: none. */
export function stage(draft: Partial<Script>, target: Partial<Script>, more: Partial<PairDeps> = {}) {
  const time = new VirtualTime();
  const events: LedgerEvent[] = [];
  const engines = {
    draft: new ScriptedEngine({ name: "draft", write: () => "a step. …", ...draft }, time),
    target: new ScriptedEngine({ name: "target", write: () => "so <right>", ...target }, time),
  };
  const deps: PairDeps = {
    ...engines,
    scorer: meanNllScorer,
    tasks: [bracketed],
    clock: time,
    random: seededRandom("pair"),
    ledger: { append: (event) => events.push(JSON.parse(JSON.stringify(event))) },
    ...more,
  };
  return { time, events, engines, deps };
}

export const asked = (more: Partial<QuestionRequest> = {}): QuestionRequest => ({
  ...{ id: "q", messages: [{ role: "user", content: "what?" }], task: "bracketed" },
  ...{ samples: 1, maxTokens: 400, temperature: 0.8, seed: 7 },
  ...more,
});
