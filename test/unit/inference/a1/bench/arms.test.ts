// The ways a pair is measured against do what the pair does, but for their barriers: otherwise the comparison is worth nothing.
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../../../src/domain/random.ts";
import type { QuestionRequest } from "../../../../../src/inference/a1/backend.ts";
import { type ArmDeps, armOf } from "../../../../../src/inference/a1/bench/arms.ts";
import {
  type ExperimentSettings,
  runArm,
  summaryOf,
} from "../../../../../src/inference/a1/bench/experiment.ts";
import { meanNllScorer } from "../../../../../src/inference/a1/chunk-scorers.ts";
import { EngineFault } from "../../../../../src/inference/a1/engine.ts";
import type { LedgerEvent } from "../../../../../src/inference/a1/ledger.ts";
import { defaultPairSettings } from "../../../../../src/inference/a1/pair.ts";
import { VirtualTime } from "../../../../../src/inference/a1/simulation/virtual-time.ts";
import { reasoningTask } from "../../../../../src/inference/a1/tasks/reasoning-task.ts";
import { stopRuleNamed } from "../../../../../src/inference/a1/tasks/stopping.ts";
import { type Script, ScriptedEngine } from "../../../../support/engine-script.ts";

interface Case {
  readonly draft: Partial<Script>;
  readonly target?: Partial<Script>;
  readonly rate: number;
  readonly scoresAnswers?: boolean;
  readonly onIntervention?: "continue" | "regenerate";
  readonly asked?: Partial<QuestionRequest>;
}

/** One question to the pair or to what does the same in step, and what that asked of the target. */
async function answeredBy(name: "a1" | "turn-sync" | "scored", given: Case) {
  const { rate, scoresAnswers = true, onIntervention = "regenerate" } = given;
  const time = new VirtualTime();
  const draft = new ScriptedEngine({ name: "draft", write: () => "\\boxed{wrong}", ...given.draft }, time);
  const target = new ScriptedEngine({ name: "target", write: () => "\\boxed{right}", ...given.target }, time);
  const deps: ArmDeps = {
    ...{ draft, target, scorer: meanNllScorer, clock: time, random: seededRandom("arms") },
    settings: {
      ...defaultPairSettings,
      sample: {
        ...{ ...defaultPairSettings.sample, onIntervention },
        ...{ turns: 4, draftTokens: 40, takeoverTokens: 40 },
      },
      calibrator: { ...defaultPairSettings.calibrator, interventionRate: rate, step: 0, auditShare: 0 },
    },
  };
  const request: QuestionRequest = {
    ...{ id: "q", messages: [{ role: "user", content: "what?" }], task: "r", samples: 2 },
    ...{ maxTokens: 200, temperature: 1, seed: 1 },
    rules: reasoningTask({ name: "r", stop: stopRuleNamed("all"), scoresAnswers }),
    ...given.asked,
  };
  const answer = await time.run(armOf(name, deps).ask(request, new AbortController().signal));
  const ends = answer.candidates.map(({ end }) => (end.kind === "unanswered" ? end.because : end.kind));
  return { answer: answer.answer, ends, draft, target };
}

describe("each model alone", () => {
  it("writes tokens that count as its own, and no drafts for a bank that nobody asks", async () => {
    const time = new VirtualTime();
    const engine = (name: string) => new ScriptedEngine({ name, write: () => "\\boxed{a}" }, time);
    const engines = { draft: engine("draft"), target: engine("target") };
    const deps: ArmDeps = {
      ...{ ...engines, scorer: meanNllScorer, clock: time, random: seededRandom("arms") },
      settings: { ...defaultPairSettings, ownBankDrafts: 8 },
    };
    const request: QuestionRequest = {
      ...{ id: "q", messages: [{ role: "user", content: "what?" }], task: "r", samples: 2 },
      ...{ maxTokens: 200, temperature: 1, seed: 1 },
    };
    const usageOf = async (name: "draft" | "target") =>
      (await time.run(armOf(name, deps).ask(request, new AbortController().signal))).usage;
    const [byDraft, byTarget] = [await usageOf("draft"), await usageOf("target")];
    expect(byDraft).toMatchObject({ draftTokens: expect.any(Number), targetTokens: 0 });
    expect(byTarget).toMatchObject({ draftTokens: 0, targetTokens: byDraft.draftTokens });
    expect([engines.draft.requests.length, engines.target.requests.length]).toEqual([2, 2]);
  });
});

it("a run that goes on takes no time for what an earlier one has answered", async () => {
  const time = new VirtualTime();
  const engine = (name: string) => new ScriptedEngine({ name, write: () => "\\boxed{4}" }, time);
  const events: LedgerEvent[] = [];
  const deps: ArmDeps = {
    ...{ draft: engine("draft"), target: engine("target"), scorer: meanNllScorer, clock: time },
    ...{
      random: seededRandom("arms"),
      settings: defaultPairSettings,
      ledger: { append: (e) => events.push(e) },
    },
  };
  const experiment: ExperimentSettings = {
    ...{ dataset: "r", samples: 1, maxTokens: 200, temperature: 1, seed: 1, stop: stopRuleNamed("all") },
    ...{ scoresAnswers: false, style: "bare", questionsAtOnce: 1 },
  };
  const [one, two] = ["one", "two"].map((id) => ({ id, problem: "2+2", answer: "4" }));
  if (one === undefined || two === undefined) throw new Error("expected two questions");
  const run = { clock: time, signal: new AbortController().signal };
  const first = await time.run(runArm(armOf("a1", deps), [one], experiment, run));
  expect(summaryOf(first)).toMatchObject({
    seconds: expect.any(Number),
    latencySeconds: { p50: expect.any(Number) },
  });
  const more = await time.run(runArm(armOf("a1", { ...deps, before: events }), [one, two], experiment, run));
  const summary = summaryOf(more);
  expect(summary).not.toHaveProperty("seconds");
  expect(summary.latencySeconds?.p50).toBeGreaterThan(0);
});

describe("the way scored", () => {
  it("hands nothing over, not even a draft that cannot be scored", async () => {
    const nll = (): number => {
      throw new EngineFault("missing-logprobs", "garbage");
    };
    const { answer, target } = await answeredBy("scored", { draft: {}, target: { nll }, rate: 1 });
    expect([answer, target.requests.length]).toEqual(["wrong", 0]);
  });
});

describe.each(["a1", "turn-sync"] as const)("the way %s", (name) => {
  it.each(["continue", "regenerate"] as const)(
    "scores answers where they are scored, and hands bad ones over (%s)",
    async (onIntervention) => {
      const { answer, target } = await answeredBy(name, { draft: {}, rate: 1, onIntervention });
      expect(target.scores).toHaveLength(2);
      expect(answer).toBe("right");
    },
  );

  it("keeps answers that nobody hands over", async () => {
    const { answer, ends, target } = await answeredBy(name, { draft: {}, rate: 0 });
    expect(answer).toBe("wrong");
    expect(ends).toEqual(["answered", "answered"]);
    expect([target.scores.length, target.requests.length]).toEqual([2, 0]);
  });

  it("ends with an answer unseen where answers are not scored", async () => {
    const { answer, target } = await answeredBy(name, { draft: {}, rate: 1, scoresAnswers: false });
    expect(answer).toBe("wrong");
    expect(target.scores).toHaveLength(0);
  });

  it("scores what has ended without an answer too", async () => {
    const draft = { write: () => "I do not know." };
    const handed = await answeredBy(name, { draft, rate: 1 });
    expect(handed.answer).toBe("right");
    expect((await answeredBy(name, { draft, rate: 0 })).ends).toEqual(["ended", "ended"]);
  });

  it("hands over what cannot be scored, whatever the rate", async () => {
    const nll = (): never => {
      throw new EngineFault("missing-logprobs", "garbage", { retryable: false });
    };
    const { answer, target } = await answeredBy(name, { draft: {}, target: { nll }, rate: 0 });
    expect(answer).toBe("right");
    expect(target.requests).toHaveLength(2);
  });

  it("writes no more of a candidate than was asked for, over all turns", async () => {
    const write = (): string => "word ".repeat(20);
    const { ends, draft } = await answeredBy(name, {
      draft: { write: () => `${write()}…` },
      ...{ rate: 0, asked: { maxTokens: 70, samples: 1 } },
    });
    expect(draft.requests.map(({ maxTokens }) => maxTokens)).toEqual([40, 30]);
    expect(ends).toEqual(["length"]);
  });
});
